// What a call on the CPU and one on a GPU share: matching, checks, drawing.
#ifndef SSM_RUNTIME_CORE_CALL_H
#define SSM_RUNTIME_CORE_CALL_H

#include "core/Artifact.h"

#include <string>
#include <vector>

namespace ssm::rt {

/// Puts buffers in the order of `values`. `kind` is "argument" or "result".
std::vector<const ssm_buffer *> match(const Entry &entry, const std::vector<Value> &values, const char *kind,
                                      const ssm_buffer *buffers, int64_t count);

/// The address of a buffer that has elements: not null, aligned, within the address space.
void checkPointer(const Entry &entry, const char *kind, const ssm_buffer &buffer);

/// A buffer's rank and sizes against the ones worked out.
void checkResult(const Entry &entry, const Value &value, const ssm_buffer &buffer, const std::vector<int64_t> &shape);

int64_t bytesOf(const Entry &entry, const Value &value, Binding &binding);

/// Draws an argument into dense memory of the CPU, by the entry that its `init` names.
void draw(const ssm_artifact &artifact, const Entry &entry, const Value &value, Binding &binding, int64_t seed,
          int32_t threads, void *out);

} // namespace ssm::rt
#endif
