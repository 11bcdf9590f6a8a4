// The buffers of a call on the GPU: copies of the values that ssm-run has in the CPU's memory.
#ifndef SSM_TOOLS_RUN_DEVICE_MEMORY_H
#define SSM_TOOLS_RUN_DEVICE_MEMORY_H

#include "Inputs.h"

#include <vector>

namespace ssm::run {

class DeviceMemory {
public:
  DeviceMemory() = default;
  DeviceMemory(const DeviceMemory &) = delete;
  ~DeviceMemory();

  /// New memory of a value's size, with its elements if it has any.
  ssm_buffer put(Value &value);
  /// The elements of such a buffer into the value, after all work on the GPU.
  void get(const ssm_buffer &from, Value &value);
  /// Waits for all work on the GPU.
  void wait();

private:
  std::vector<void *> blocks;
};

/// The GPU's name, "" and the reason in `why` where there is none.
std::string gpuName(std::string &why);

} // namespace ssm::run
#endif
