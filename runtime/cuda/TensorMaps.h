// Tensor maps: what a kernel's copies know of a buffer.
#ifndef SSM_RUNTIME_CUDA_TENSOR_MAPS_H
#define SSM_RUNTIME_CUDA_TENSOR_MAPS_H

#include "cuda/Driver.h"
#include "cuda/Plan.h"

#include <functional>
#include <string>

namespace ssm::rt::cuda {

/// A map with its sizes worked out, and its encoding for the address that it was last used with.
struct BoundMap {
  const MapArgument *plan = nullptr;
  int64_t offset = 0;
  uint64_t dims[MapArgument::maxRank] = {}, strides[MapArgument::maxRank] = {};
  bool empty = false; ///< a size is 0: the copies find zeros
  Address encoded = 0;
  std::string what; ///< "forward: kernel 'f': the tensor map of argument 'x' (bf16[8, 8])"
  /// The bytes from its first element to the end of its last.
  int64_t extent() const;
  TensorMap map = {};
};

/// Works out the sizes. What the hardware cannot take is an error, whose sentence `what` opens ("forward:
/// kernel 'f': the tensor map of argument 'x'").
BoundMap bindMap(const MapArgument &plan, const std::function<int64_t(const Expression &)> &evaluate,
                 const std::string &what);

/// Whether the hardware takes strides and address.
bool takesStrides(const MapArgument &plan, const std::function<int64_t(const Expression &)> &evaluate);
bool takesAddress(const BoundMap &map, Address address);

/// Encodes it for memory at `address` (the offset included). Errors begin with the map's `what`.
void encode(const Driver &driver, BoundMap &map, Address address);

} // namespace ssm::rt::cuda
#endif
