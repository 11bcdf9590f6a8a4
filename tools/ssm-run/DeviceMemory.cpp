// Copies to and from the GPU. See DeviceMemory.h.
#include "DeviceMemory.h"

namespace ssm::run {

DeviceMemory::~DeviceMemory() {
  for (void *block : blocks)
    ssm_gpu_free(block);
}

ssm_buffer DeviceMemory::put(Value &value) {
  ssm_error error;
  ssm_buffer buffer = value.buffer();
  auto bytes = static_cast<int64_t>(value.data.size());
  void *data = nullptr;
  check(ssm_gpu_allocate(bytes, &data, &error), error);
  blocks.push_back(data);
  check(ssm_gpu_copy(data, value.data.data(), bytes, &error), error);
  buffer.data = data;
  return buffer;
}

void DeviceMemory::get(const ssm_buffer &from, Value &value) {
  ssm_error error;
  check(ssm_gpu_copy(value.data.data(), from.data, static_cast<int64_t>(value.data.size()), &error), error);
}

void DeviceMemory::wait() {
  ssm_error error;
  check(ssm_gpu_wait(&error), error);
}

std::string gpuName(std::string &why) {
  ssm_error error;
  ssm_gpu_info info;
  if (ssm_gpu(&info, &error) == SSM_OK)
    return info.name;
  why = error.message;
  return "";
}

} // namespace ssm::run
