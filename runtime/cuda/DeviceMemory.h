// Memory on a device that a compiled layer keeps beside its buffers: workspaces and drawn arguments.
//
// A workspace belongs to one stream, whose work runs in order, so that it is used again by the next call;
// a stream that captures a graph gets one of its own, since the graph may run whenever its owner likes.
// Blocks are made when they are first needed, and not on the path of a call that was made before.
#ifndef SSM_RUNTIME_CUDA_DEVICE_MEMORY_H
#define SSM_RUNTIME_CUDA_DEVICE_MEMORY_H

#include "cuda/Driver.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ssm::rt::cuda {

struct Plan;

class DeviceMemory {
public:
  explicit DeviceMemory(const Driver &driver) : driver(driver) {}
  DeviceMemory(const DeviceMemory &) = delete;
  ~DeviceMemory();

  struct Key {
    uint64_t context = 0;
    const Plan *plan = nullptr;
    Stream stream = nullptr;
    uint64_t capture = 0; ///< of the graph that is captured, or 0
    int32_t part = 0;     ///< several blocks of one plan
    auto operator<=>(const Key &) const = default;
  };
  /// At least so many bytes, aligned to 256; all zero when they are new and `zero` is set. The context is
  /// current.
  Address workspace(const Key &key, int64_t bytes, bool zero, const std::string &what);

  /// The bytes that were kept under this name, or 0.
  Address kept(const std::string &name);
  /// Copies `data` to the device and keeps it under a name.
  Address keep(const std::string &name, const void *data, int64_t bytes, const std::string &what);

private:
  struct Block {
    Address address = 0;
    int64_t bytes = 0;
    Context context = nullptr;
  };
  Block allocate(int64_t bytes, const std::string &what);
  void free(const Block &block);
  /// Runs `work` on a stream of its own and waits for it: also while another stream captures.
  template <typename Work> void aside(const std::string &what, Work work);

  const Driver &driver;
  std::mutex mutex;
  std::map<Key, Block> workspaces;
  std::map<std::string, Block> constants;
  std::vector<Block> outgrown; ///< that graphs still use
};

} // namespace ssm::rt::cuda
#endif
