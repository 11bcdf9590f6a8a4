// A loaded artifact, and a call of one of its entries.
#ifndef SSM_RUNTIME_CORE_ARTIFACT_H
#define SSM_RUNTIME_CORE_ARTIFACT_H

#include "core/Binding.h"
#include "core/Description.h"

#include <memory>
#include <string>

namespace ssm::rt::cuda {
class Runner;
}

/// The handle of the C API.
struct ssm_artifact {
  explicit ssm_artifact(const std::string &path);
  ~ssm_artifact();
  ssm_artifact(const ssm_artifact &) = delete;

  ssm::rt::Description description;
  /// The code for GPUs as it was loaded onto them; null where the artifact has none.
  std::unique_ptr<ssm::rt::cuda::Runner> gpu;

private:
  int file = -1; ///< the copy in memory that the loader mapped
  void *library = nullptr;
};

namespace ssm::rt {

/// The entry of that name; throws an Error that lists the entries there are.
const Entry &entryOf(const ssm_artifact &artifact, const char *name);

/// A call's arguments, told apart by name and checked for type, rank and size.
struct Arguments {
  Arguments(const Entry &entry, const ssm_buffer *buffers, int64_t count, const ssm_options &options);

  /// Throws for the first argument that is neither given nor drawn.
  void requireAll() const;
  /// The sizes of all dimensions, in the order of the entry's table.
  std::vector<int64_t> allSizes();

  const Entry &entry;
  const ssm_options &options;
  std::vector<const ssm_buffer *> given; ///< in the entry's order; null where it is left out
  Binding binding;
};

void call(const ssm_artifact &artifact, const Entry &entry, const ssm_buffer *arguments, int64_t argumentCount,
          const ssm_buffer *results, int64_t resultCount, const ssm_options &options);

/// Draws `value`, an argument of `entry` that has an initialiser, into the buffer.
void initialise(const ssm_artifact &artifact, const Entry &entry, const Value &value, const ssm_buffer &out,
                const ssm_options &options);

} // namespace ssm::rt
#endif
