// An artifact's calls on GPUs: what is loaded, what is kept, and the calls that were worked out before.
#ifndef SSM_RUNTIME_CUDA_RUNNER_H
#define SSM_RUNTIME_CUDA_RUNNER_H

#include "cuda/Bound.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace ssm::rt::cuda {

class Runner {
public:
  /// `code` is the artifact's section .ssm.gpu, which lives as long.
  Runner(const Description &description, const char *code) : description(description), code(code) {}

  /// Launches the entry's kernels on that device and returns.
  void call(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal, const ssm_buffer *arguments,
            int64_t argumentCount, const ssm_buffer *results, int64_t resultCount, const ssm_options &options);

  /// Bytes of the workspace that such a call takes.
  int64_t workspaceBytes(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal,
                         const ssm_buffer *arguments, int64_t argumentCount, const ssm_buffer *results,
                         int64_t resultCount, const ssm_options &options);

private:
  /// In one context: kernels, memory. Made when the first call comes.
  struct Loaded {
    explicit Loaded(const Driver &driver, const Description &description, const char *code)
        : kernels(driver, description.modules, code), memory(driver) {}
    Kernels kernels;
    DeviceMemory memory;
  };
  Loaded &load(const Driver &driver);
  template <typename Use>
  void withBound(const ssm_artifact &artifact, const Entry &entry, Ordinal ordinal, const ssm_buffer *arguments,
                 int64_t argumentCount, const ssm_buffer *results, int64_t resultCount, const ssm_options &options,
                 Use use);

  const Description &description;
  const char *code;
  std::mutex mutex;
  std::unique_ptr<Loaded> loaded;
  std::unordered_map<std::string, std::shared_ptr<Bound>> bound;
};

} // namespace ssm::rt::cuda
#endif
