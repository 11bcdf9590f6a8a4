// Strided and dense buffers. See Memory.h.
#include "core/Memory.h"

#include "core/Description.h"
#include "core/Error.h"

#include <algorithm>
#include <cstring>

namespace ssm::rt {

Temporary allocate(int64_t bytes, const std::string &what) {
  size_t size = (static_cast<size_t>(bytes) + 127) / 64 * 64;
  void *memory = std::aligned_alloc(64, size);
  if (!memory)
    fail(SSM_ERROR_MEMORY, what, " needs ", bytes, " bytes, and there is not enough memory");
  return Temporary(memory);
}

bool isEmpty(const ssm_buffer &b) {
  return b.rank > 0 && std::find(b.shape, b.shape + b.rank, 0) != b.shape + b.rank;
}

bool isDense(const ssm_buffer &b) {
  if (!b.strides || isEmpty(b))
    return true;
  int64_t expected = dtypeSize(b.dtype);
  for (int32_t i = b.rank; i-- > 0;) {
    if (b.shape[i] != 1 && b.strides[i] != expected)
      return false;
    expected *= b.shape[i];
  }
  return true;
}

Extent extentOf(const ssm_buffer &b) {
  if (isEmpty(b) || !b.data)
    return {};
  auto begin = reinterpret_cast<uintptr_t>(b.data), end = begin + static_cast<uintptr_t>(dtypeSize(b.dtype));
  int64_t dense = dtypeSize(b.dtype);
  for (int32_t i = b.rank; i-- > 0;) {
    int64_t stride = b.strides ? b.strides[i] : dense;
    dense *= b.shape[i];
    uintptr_t reach = static_cast<uintptr_t>(stride) * static_cast<uintptr_t>(b.shape[i] - 1);
    (stride < 0 ? begin : end) += reach;
  }
  return {begin, end};
}

bool reachesTooFar(const ssm_buffer &b) {
  if (!b.strides || isEmpty(b))
    return false;
  constexpr __int128 limit = static_cast<__int128>(UINTPTR_MAX) + 1;
  __int128 begin = static_cast<__int128>(reinterpret_cast<uintptr_t>(b.data)), end = begin + dtypeSize(b.dtype);
  for (int32_t i = 0; i < b.rank; ++i) {
    __int128 reach = static_cast<__int128>(b.strides[i]) * (b.shape[i] - 1); // below 2^126
    if (reach > limit || reach < -limit)
      return true;
    (reach < 0 ? begin : end) += reach;
  }
  return begin < 0 || end > limit;
}

bool mayOverlapItself(const ssm_buffer &b) {
  if (isDense(b))
    return false;
  std::vector<std::pair<uint64_t, int64_t>> dims; // |stride|, size
  for (int32_t i = 0; i < b.rank; ++i)
    if (b.shape[i] > 1)
      dims.push_back({b.strides[i] < 0 ? -static_cast<uint64_t>(b.strides[i]) : b.strides[i], b.shape[i]});
  std::sort(dims.begin(), dims.end());
  uint64_t reach = static_cast<uint64_t>(dtypeSize(b.dtype));
  for (auto [stride, size] : dims) {
    if (stride < reach)
      return true;
    reach += stride * static_cast<uint64_t>(size - 1);
  }
  return false;
}

namespace {

/// One row of `count` elements of N bytes.
template <size_t N> void copyRow(char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(to + i * toStride, from + i * fromStride, N);
}

void copyRow(size_t bytes, char *to, int64_t toStride, const char *from, int64_t fromStride, int64_t count) {
  switch (bytes) {
  case 1: return copyRow<1>(to, toStride, from, fromStride, count);
  case 2: return copyRow<2>(to, toStride, from, fromStride, count);
  case 4: return copyRow<4>(to, toStride, from, fromStride, count);
  case 8: return copyRow<8>(to, toStride, from, fromStride, count);
  default: return copyRow<16>(to, toStride, from, fromStride, count);
  }
}

/// Walks the strided buffer row by row, in the order of the dense one.
template <typename Row> void eachRow(const ssm_buffer &b, Row row) {
  if (isEmpty(b))
    return;
  auto *data = static_cast<char *>(b.data);
  if (b.rank == 0)
    return row(data, 0, 1, 0);
  int32_t last = b.rank - 1;
  std::vector<int64_t> strides(b.rank), index(b.rank, 0);
  int64_t dense = dtypeSize(b.dtype);
  for (int32_t i = b.rank; i-- > 0; dense *= b.shape[i])
    strides[i] = b.strides ? b.strides[i] : dense;
  for (int64_t offset = 0;; offset += b.shape[last]) {
    row(data, strides[last], b.shape[last], offset);
    int32_t i = last;
    while (i-- > 0) {
      data += strides[i];
      if (++index[i] < b.shape[i])
        break;
      data -= strides[i] * b.shape[i];
      index[i] = 0;
    }
    if (i < 0)
      return;
  }
}

} // namespace

void pack(const ssm_buffer &from, void *to) {
  auto bytes = dtypeSize(from.dtype);
  eachRow(from, [&](char *row, int64_t stride, int64_t count, int64_t offset) {
    copyRow(bytes, static_cast<char *>(to) + offset * bytes, bytes, row, stride, count);
  });
}

void unpack(const void *from, const ssm_buffer &to) {
  auto bytes = dtypeSize(to.dtype);
  eachRow(to, [&](char *row, int64_t stride, int64_t count, int64_t offset) {
    copyRow(bytes, row, stride, static_cast<const char *>(from) + offset * bytes, bytes, count);
  });
}

} // namespace ssm::rt
