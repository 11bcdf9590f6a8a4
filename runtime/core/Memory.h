// Buffers: whether they are dense, which bytes they touch, and copies from and to strided ones.
#ifndef SSM_RUNTIME_CORE_MEMORY_H
#define SSM_RUNTIME_CORE_MEMORY_H

#include "ssm/runtime.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace ssm::rt {

struct Free {
  void operator()(void *memory) const { std::free(memory); }
};
/// Memory for a temporary, aligned to a cache line.
using Temporary = std::unique_ptr<void, Free>;
/// `what` needs it: "forward: the copy of argument 'u'". Throws SSM_ERROR_MEMORY.
Temporary allocate(int64_t bytes, const std::string &what);

/// The bytes [begin, end) that a buffer's elements lie in; empty if it has none.
struct Extent {
  uintptr_t begin = 0, end = 0;
  bool overlaps(const Extent &other) const { return begin < other.end && other.begin < end; }
};
Extent extentOf(const ssm_buffer &buffer);

/// Whether its strides lead out of the address space: no memory is that large.
bool reachesTooFar(const ssm_buffer &buffer);

bool isEmpty(const ssm_buffer &buffer);
/// Row-major without gaps (strides of sizes up to 1 do not count).
bool isDense(const ssm_buffer &buffer);
/// Whether two elements could share a byte.
bool mayOverlapItself(const ssm_buffer &buffer);

/// Copies a buffer's elements to dense memory, or dense memory to them.
void pack(const ssm_buffer &from, void *to);
void unpack(const void *from, const ssm_buffer &to);

} // namespace ssm::rt
#endif
