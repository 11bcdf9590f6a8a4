// Where the data of a call lies, which says where the call runs.
#ifndef SSM_RUNTIME_CUDA_PLACE_H
#define SSM_RUNTIME_CUDA_PLACE_H

#include "core/Description.h"
#include "cuda/Driver.h"

#include <optional>

namespace ssm::rt::cuda {

/// The GPU that the call runs on, or nothing for the CPU. Looks at the first buffer that has data; for the
/// CPU at the others too, which must then lie there (a call on a GPU checks its buffers itself). Where no
/// buffer has data the caller's word counts. `device` is
/// what the caller asked for, an ssm_device. Throws where that cannot be.
std::optional<Ordinal> findPlace(const Entry &entry, const ssm_buffer *arguments, int64_t argumentCount,
                                 const ssm_buffer *results, int64_t resultCount, int32_t device);

/// "argument 'u' lies on GPU 0 and argument 'w' in the CPU's memory: ..."
[[noreturn]] void failMixed(const Entry &entry, const std::string &one, std::optional<Ordinal> oneOn,
                            const std::string &other, std::optional<Ordinal> otherOn);

/// Copies dense memory of the CPU into a buffer on a GPU, which must be dense, and waits.
void upload(Ordinal ordinal, const ssm_buffer &to, const void *from, int64_t bytes, const std::string &what);

} // namespace ssm::rt::cuda
#endif
