// The limits of tensor maps, and their encoding. See TensorMaps.h.
#include "cuda/TensorMaps.h"

#include "core/Error.h"

#include <algorithm>

namespace ssm::rt::cuda {

/// Bytes that strides and addresses are multiples of.
static int64_t unitOf(const MapArgument &plan) { return plan.interleaveBytes == 32 ? 32 : 16; }

bool takesStrides(const MapArgument &plan, const std::function<int64_t(const Expression &)> &evaluate) {
  for (size_t i = 0; i < plan.strides.size(); ++i)
    if (evaluate(plan.dims[i + 1]) > 1 && evaluate(plan.strides[i]) % unitOf(plan) != 0)
      return false;
  return true;
}

bool takesAddress(const BoundMap &map, Address address) {
  return map.empty || address % static_cast<uint64_t>(unitOf(*map.plan)) == 0;
}

BoundMap bindMap(const MapArgument &plan, const std::function<int64_t(const Expression &)> &evaluate,
                 const std::string &what) {
  constexpr int64_t mostElements = int64_t(1) << 32, mostBytes = int64_t(1) << 40;
  BoundMap map;
  map.plan = &plan;
  map.what = what;
  map.offset = evaluate(plan.offset);
  size_t rank = plan.dims.size();
  for (size_t i = 0; i < rank; ++i) {
    int64_t size = evaluate(plan.dims[i]);
    if (size < 0 || size > mostElements)
      fail(SSM_ERROR_SHAPE, what, " has ", size, " elements along its dimension ", i, " (counted from the innermost), ",
           "the GPU's copies take at most ", mostElements);
    map.empty |= size == 0;
    map.dims[i] = static_cast<uint64_t>(std::max<int64_t>(size, 1));
  }
  int64_t unit = unitOf(plan);
  for (size_t i = 0; i + 1 < rank; ++i) {
    int64_t stride = evaluate(plan.strides[i]);
    if (map.empty)
      stride = unit;
    // A single row is never stepped over.
    if (map.dims[i + 1] == 1)
      stride = std::max(unit, (stride + unit - 1) / unit * unit);
    if (stride <= 0 || stride % unit != 0)
      fail(SSM_ERROR_SHAPE, what, " has a stride of ", stride, " bytes along its dimension ", i + 1,
           " (counted from the innermost), the GPU's copies take multiples of ", unit, " above 0");
    if (stride >= mostBytes)
      fail(SSM_ERROR_SHAPE, what, " has a stride of ", stride, " bytes along its dimension ", i + 1,
           " (counted from the innermost), the GPU's copies take less than ", mostBytes);
    map.strides[i] = static_cast<uint64_t>(stride);
  }
  return map;
}

int64_t BoundMap::extent() const {
  int64_t bytes = static_cast<int64_t>(dims[0]) * plan->elementSize, reach = 0; // at most 2^32 elements
  for (size_t i = 1; i < plan->dims.size(); ++i)
    if (__builtin_mul_overflow(dims[i] - 1, strides[i - 1], &reach) || __builtin_add_overflow(bytes, reach, &bytes))
      return INT64_MAX / 2; // more than any buffer has
  return bytes;
}

void encode(const Driver &driver, BoundMap &map, Address address) {
  const MapArgument &plan = *map.plan;
  if (address % static_cast<uint64_t>(unitOf(plan)) != 0)
    fail(SSM_ERROR_POINTER, map.what, " begins at an address that is not aligned to ", unitOf(plan),
         " bytes, as the GPU's copies need it");
  map.encoded = 0;
  Result result = driver.TensorMapEncodeTiled(&map.map, plan.dtype, static_cast<uint32_t>(plan.dims.size()),
                                              reinterpret_cast<void *>(address), map.dims, map.strides, plan.box.data(),
                                              plan.steps.data(), plan.interleave, plan.swizzle, plan.promotion,
                                              plan.fill);
  if (result != 0)
    check(driver, result, "cuTensorMapEncodeTiled", map.what);
  map.encoded = address;
}

} // namespace ssm::rt::cuda
