// Devices and contexts. See Device.h.
#include "cuda/Device.h"

#include "core/Error.h"

#include <map>
#include <memory>
#include <mutex>

namespace ssm::rt::cuda {
namespace {

std::mutex mutex; // of the two below
std::map<Ordinal, std::unique_ptr<Device>> devices;

std::unique_ptr<Device> describe(const Driver &driver, Ordinal ordinal) {
  auto result = std::make_unique<Device>();
  result->ordinal = ordinal;
  std::string what = "GPU " + std::to_string(ordinal);
  if (ordinal < 0 || ordinal >= driver.devices)
    fail(SSM_ERROR_DEVICE, "there is no ", what, "; this machine has ", driver.devices);
  check(driver, driver.DeviceGet(&result->handle, ordinal), "cuDeviceGet", what);
  char name[256] = {};
  check(driver, driver.DeviceGetName(name, sizeof name - 1, result->handle), "cuDeviceGetName", what);
  result->name = name;
  for (auto [attribute, place] : {std::pair(DeviceAttribute::Major, &result->major),
                                  std::pair(DeviceAttribute::Minor, &result->minor),
                                  std::pair(DeviceAttribute::Multiprocessors, &result->multiprocessors),
                                  std::pair(DeviceAttribute::L2Bytes, &result->l2Bytes),
                                  std::pair(DeviceAttribute::SharedBytesOptIn, &result->sharedBytes)})
    check(driver, driver.DeviceGetAttribute(place, attribute, result->handle), "cuDeviceGetAttribute", what);
  return result;
}

Context primaryOf(const Driver &driver, const Device &device) {
  std::lock_guard lock(mutex);
  Device &own = *devices.at(device.ordinal);
  if (!own.primary)
    check(driver, driver.DevicePrimaryCtxRetain(&own.primary, own.handle), "cuDevicePrimaryCtxRetain", own.text());
  return own.primary;
}

} // namespace

std::string Device::text() const {
  return "GPU " + std::to_string(ordinal) + " (" + name + ", sm_" + std::to_string(major) + std::to_string(minor) + ")";
}

const Device &device(const Driver &driver, Ordinal ordinal) {
  std::lock_guard lock(mutex);
  auto &slot = devices[ordinal];
  try {
    if (!slot)
      slot = describe(driver, ordinal);
  } catch (...) {
    devices.erase(ordinal);
    throw;
  }
  return *slot;
}

const Device &currentDevice(const Driver &driver) {
  Context context = nullptr;
  int32_t handle = -1;
  if (driver.CtxGetCurrent(&context) == 0 && context && driver.CtxGetDevice(&handle) == 0)
    for (Ordinal i = 0; i < driver.devices; ++i)
      if (const Device &found = device(driver, i); found.handle == handle)
        return found;
  return device(driver, 0);
}

std::optional<Ordinal> placeOf(const Driver &driver, const void *data) {
  // Asking the driver costs more than all else in a call. An address that was the one GPU's stays it: the CPU's
  // allocations do not come to lie there. With several GPUs it may become another's.
  struct Known {
    const void *data = nullptr;
    Ordinal ordinal = 0;
  };
  thread_local Known table[64];
  Known &known = table[reinterpret_cast<uintptr_t>(data) / 512 % 64];
  if (known.data == data && data && driver.devices == 1)
    return known.ordinal;
  uint32_t type = 0;
  int32_t ordinal = -1;
  PointerAttribute attributes[] = {PointerAttribute::MemoryType, PointerAttribute::DeviceOrdinal};
  void *places[] = {&type, &ordinal};
  Result result = driver.PointerGetAttributes(2, attributes, places, reinterpret_cast<Address>(data));
  if (result != 0 || type != deviceMemory || ordinal < 0)
    return std::nullopt;
  known = {data, ordinal};
  return ordinal;
}

ContextScope::ContextScope(const Driver &driver, const Device &device) : driver(driver) {
  int32_t handle = -1;
  if (driver.CtxGetCurrent(&context) == 0 && context && driver.CtxGetDevice(&handle) == 0 && handle == device.handle)
    return;
  context = primaryOf(driver, device);
  check(driver, driver.CtxPushCurrent(context), "cuCtxPushCurrent", device.text());
  pushed = true;
}

ContextScope::~ContextScope() {
  Context popped;
  if (pushed)
    driver.CtxPopCurrent(&popped);
}

} // namespace ssm::rt::cuda
