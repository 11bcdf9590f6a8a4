// The kernels of an artifact as they are loaded into contexts.
#ifndef SSM_RUNTIME_CUDA_KERNELS_H
#define SSM_RUNTIME_CUDA_KERNELS_H

#include "cuda/Device.h"
#include "cuda/Plan.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace ssm::rt::cuda {

struct Kernel {
  Function function = nullptr;
  int32_t maxThreads = 0, staticShared = 0;
  int64_t dynamicShared = 0; ///< what it was allowed so far
};

class Kernels {
public:
  Kernels(const Driver &driver, const std::vector<CodeModule> &modules, const char *code)
      : driver(driver), modules(modules), code(code) {}
  Kernels(const Kernels &) = delete;
  /// Waits for what runs, and unloads.
  ~Kernels();

  /// Loads the kernel of a launch into the current context, checks that its parameters are those of the
  /// plan, and allows it so much shared memory. `what` opens the sentences.
  Function find(uint64_t context, const Device &device, const Launch &launch, int64_t sharedBytes,
                const std::string &what);

private:
  struct Loaded {
    Module module = nullptr;
    Context context = nullptr;
    uint32_t *stuck = nullptr; ///< of a checked build: what a wait that gave up leaves behind
    std::map<std::string, Kernel> kernels;
  };
  Loaded &load(uint64_t context, const Device &device, int32_t index, const std::string &what);
  void listenForStuck(Loaded &module, const std::string &what);
  Kernel look(Module module, const Launch &launch, const std::string &what);
  void checkParameters(Function function, const Launch &launch, const std::string &what);

  const Driver &driver;
  const std::vector<CodeModule> &modules;
  const char *code;
  std::mutex mutex;
  std::map<std::pair<uint64_t, int32_t>, Loaded> loaded;
};

/// What the checked kernels of this process say about waits that gave up: "; a wait ..."; empty if none did.
std::string stuckText();

} // namespace ssm::rt::cuda
#endif
