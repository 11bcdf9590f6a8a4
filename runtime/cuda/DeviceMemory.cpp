// Blocks on a device. See DeviceMemory.h.
#include "cuda/DeviceMemory.h"

#include "core/Error.h"
#include "cuda/Device.h"

#include <algorithm>

namespace ssm::rt::cuda {

DeviceMemory::~DeviceMemory() {
  for (const auto &[key, block] : workspaces)
    free(block);
  for (const auto &[name, block] : constants)
    free(block);
  for (const Block &block : outgrown)
    free(block);
}

DeviceMemory::Block DeviceMemory::allocate(int64_t bytes, const std::string &what) {
  RelaxedCapture relaxed(driver);
  Block block;
  block.bytes = bytes;
  Result result = driver.MemAlloc(&block.address, static_cast<size_t>(std::max<int64_t>(bytes, 256)));
  if (result == OutOfMemory)
    fail(SSM_ERROR_MEMORY, what, " needs ", bytes, " bytes of the GPU's memory, and there is not enough");
  check(driver, result, "cuMemAlloc", what);
  driver.CtxGetCurrent(&block.context);
  return block;
}

void DeviceMemory::free(const Block &block) {
  // The context may be gone, and the memory with it: nothing is left to do then.
  Context popped;
  if (driver.CtxPushCurrent(block.context) != 0)
    return;
  RelaxedCapture relaxed(driver);
  driver.MemFree(block.address);
  driver.CtxPopCurrent(&popped);
}

template <typename Work> void DeviceMemory::aside(const std::string &what, Work work) {
  RelaxedCapture relaxed(driver);
  Stream stream = nullptr;
  check(driver, driver.StreamCreate(&stream, nonBlocking), "cuStreamCreate", what);
  Result result = work(stream);
  if (result == 0)
    result = driver.StreamSynchronize(stream);
  driver.StreamDestroy(stream);
  check(driver, result, "preparing memory on the GPU", what);
}

Address DeviceMemory::workspace(const Key &key, int64_t bytes, bool zero, const std::string &what) {
  std::lock_guard lock(mutex);
  Block &block = workspaces[key];
  if (block.address && block.bytes >= bytes)
    return block.address;
  // Room to grow, so that sizes that rise from call to call do not allocate in each.
  int64_t room = block.address ? bytes + bytes / 2 : bytes;
  Block larger = allocate(room, what);
  if (block.address && key.capture != 0)
    outgrown.push_back(block); // the graph's earlier launches use it
  else if (block.address)
    free(block); // waits for the work that uses it
  block = larger;
  if (zero)
    aside(what, [&](Stream stream) {
      return driver.MemsetD8Async(block.address, 0, static_cast<size_t>(room), stream);
    });
  return block.address;
}

Address DeviceMemory::kept(const std::string &name) {
  std::lock_guard lock(mutex);
  auto found = constants.find(name);
  return found == constants.end() ? 0 : found->second.address;
}

Address DeviceMemory::keep(const std::string &name, const void *data, int64_t bytes, const std::string &what) {
  std::lock_guard lock(mutex);
  auto [place, isNew] = constants.try_emplace(name);
  if (!isNew)
    return place->second.address;
  try {
    place->second = allocate(bytes, what);
    aside(what, [&](Stream stream) {
      return driver.MemcpyHtoDAsync(place->second.address, data, static_cast<size_t>(bytes), stream);
    });
  } catch (...) {
    if (place->second.address)
      free(place->second);
    constants.erase(place);
    throw;
  }
  return place->second.address;
}

} // namespace ssm::rt::cuda
