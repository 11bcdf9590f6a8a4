// A call on a GPU with all that its names, types and sizes decide worked out: grids, tensor maps, scalars,
// where intermediate values lie. What is left for a call is to put in the addresses and to launch.
#ifndef SSM_RUNTIME_CUDA_BOUND_H
#define SSM_RUNTIME_CUDA_BOUND_H

#include "core/Call.h"
#include "cuda/DeviceMemory.h"
#include "cuda/Kernels.h"
#include "cuda/TensorMaps.h"

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace ssm::rt::cuda {

/// What a call needs beside what the caller gives.
struct Site {
  const Driver &driver;
  const Device &device;
  Context context;
  uint64_t contextId;
  Kernels &kernels;
  DeviceMemory &memory;
};

/// One of the entry's arguments, results or workspaces.
struct BoundBuffer {
  enum Kind { Given, Kept, InScratch, InOnce, Absent };
  Kind kind = Absent;
  std::string name; ///< "argument 'x'"
  std::string type; ///< "bf16[128, 64]"
  int64_t bytes = 0, alignment = 1;
  int64_t offset = 0;       ///< in its workspace, if it lies in one
  int64_t copyOffset = -1;  ///< of a result: where it is computed in the scratch if its buffer is an argument's too
  Address address = 0;      ///< of what is kept; else the last call's
};

struct BoundPointer {
  size_t word;
  int32_t buffer;
  int64_t offset, alignment;
};
struct BoundLaunch {
  const Launch *plan = nullptr;
  size_t choice = 0;            ///< launches of one number do the same: the first that fits runs
  bool hasAlternative = false;  ///< one of them follows
  Function function = nullptr;
  LaunchConfig config = {};
  LaunchAttribute attribute;
  std::vector<uint64_t> words; ///< of parameters that are no maps
  std::vector<BoundPointer> pointers;
  std::deque<BoundMap> maps; ///< stay where they are
  std::vector<void *> parameters;
};

struct Bound {
  /// Throws what is wrong with the call, and what this device cannot do.
  Bound(const Site &site, const ssm_artifact &artifact, const Entry &entry, const Plan &plan,
        const ssm_buffer *arguments, int64_t argumentCount, const ssm_buffer *results, int64_t resultCount,
        const ssm_options &options);

  /// Launches on the options' stream with the addresses of these buffers: the ones that it was made for, or
  /// others of the same names, types and shapes in the same order.
  void run(const Site &site, const ssm_buffer *arguments, const ssm_buffer *results, const ssm_options &options);

  /// Of the caller's workspace, if it gives one.
  int64_t workspaceBytes() const { return onceBytes + scratchBytes; }

private:
  std::string describe(const BoundLaunch &launch) const;
  std::string kernelText(const Launch &launch) const { return entry.name + ": kernel '" + launch.kernel + "'"; }
  void place(const Site &site, const ssm_artifact &artifact, Arguments &args,
             const std::vector<const ssm_buffer *> &outs);
  void requireMultiples(const Launch &launch, const std::function<int64_t(const Expression &)> &evaluateSize) const;
  /// Whether a launch takes these sizes, and these addresses.
  bool fits(const Launch &launch, const std::function<int64_t(const Expression &)> &evaluateSize) const;
  bool fits(const BoundLaunch &launch) const;
  void requireInside(const std::string &what, int32_t buffer, int64_t offset, int64_t extent) const;
  void bind(const Site &site, size_t number, size_t choice, const std::vector<int64_t> &sizes);
  void take(const Site &site, const ssm_buffer &buffer, int32_t index);
  void findScratch(const Site &site, const ssm_options &options);
  void redirectAliases();
  Address addressOf(int32_t index) const;
  void launch(const Site &site, BoundLaunch &launch, Stream stream);

  const Entry &entry;
  const Plan &plan;
  std::vector<int32_t> argumentSlots, resultSlots; ///< which of `buffers` a given one is
  std::vector<BoundBuffer> buffers;
  std::vector<int32_t> clearedEachCall;
  std::deque<BoundLaunch> launches;
  int64_t scratchBytes = 0, onceBytes = 0;
  Address once = 0, scratch = 0, zeros = 0;
  std::mutex mutex; ///< the addresses are written in place
};

} // namespace ssm::rt::cuda
#endif
