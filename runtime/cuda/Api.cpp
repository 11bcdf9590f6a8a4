// The C API's functions about GPUs. See include/ssm/runtime.h.
#include "core/Guard.h"
#include "cuda/Place.h"
#include "cuda/Runner.h"

using namespace ssm::rt;
using namespace ssm::rt::cuda;

namespace {

const Driver &needDriver() {
  std::string why;
  const Driver *driver = findDriver(&why);
  if (!driver)
    fail(SSM_ERROR_DEVICE, "there is no CUDA here: ", why);
  return *driver;
}

/// `use(driver)` with a context that is current.
template <typename Use> int32_t onDevice(ssm_error *error, Use use) {
  return guard(error, [&] {
    const Driver &driver = needDriver();
    ContextScope scope(driver, currentDevice(driver));
    use(driver);
  });
}

} // namespace

extern "C" {

int32_t ssm_workspace(const ssm_artifact *artifact, const char *entry, const ssm_buffer *arguments,
                      int64_t argument_count, const ssm_buffer *results, int64_t result_count,
                      const ssm_options *options, int64_t *bytes, ssm_error *error) {
  return guard(error, [&] {
    const Entry &e = entryOf(check(artifact), entry);
    checkOut(bytes);
    ssm_options checked = check(options);
    auto gpu = findPlace(e, arguments, argument_count, results, result_count, checked.device);
    *bytes = 0;
    if (gpu && artifact->gpu)
      *bytes = artifact->gpu->workspaceBytes(*artifact, e, *gpu, arguments, argument_count, results, result_count, checked);
  });
}

int32_t ssm_gpu(ssm_gpu_info *info, ssm_error *error) {
  return guard(error, [&] {
    checkOut(info);
    const Driver &driver = needDriver();
    const Device &found = currentDevice(driver);
    *info = {};
    found.name.copy(info->name, sizeof info->name - 1);
    info->major = found.major;
    info->minor = found.minor;
    info->multiprocessors = found.multiprocessors;
    info->driver = driver.version;
  });
}

int32_t ssm_gpu_allocate(int64_t bytes, void **data, ssm_error *error) {
  return onDevice(error, [&](const Driver &driver) {
    checkOut(data);
    *data = nullptr;
    if (bytes < 0)
      fail(SSM_ERROR_USE, "a negative number of bytes: ", bytes);
    Address address = 0;
    check(driver, driver.MemAlloc(&address, static_cast<size_t>(std::max<int64_t>(bytes, 1))), "cuMemAlloc",
          std::to_string(bytes) + " bytes");
    *data = reinterpret_cast<void *>(address);
  });
}

void ssm_gpu_free(void *data) {
  if (data)
    onDevice(nullptr, [&](const Driver &driver) { driver.MemFree(reinterpret_cast<Address>(data)); });
}

int32_t ssm_gpu_copy(void *to, const void *from, int64_t bytes, ssm_error *error) {
  return onDevice(error, [&](const Driver &driver) {
    if (bytes < 0 || (bytes > 0 && (!to || !from)))
      fail(SSM_ERROR_USE, "a copy of ", bytes, " bytes from or to a null pointer");
    if (bytes == 0)
      return;
    auto size = static_cast<size_t>(bytes);
    auto target = reinterpret_cast<Address>(to), source = reinterpret_cast<Address>(from);
    bool toGpu = placeOf(driver, to).has_value(), fromGpu = placeOf(driver, from).has_value();
    std::string what = "a copy of " + std::to_string(bytes) + " bytes";
    check(driver, driver.CtxSynchronize(), "cuCtxSynchronize", what);
    if (!toGpu && !fromGpu)
      std::memcpy(to, from, size);
    else if (toGpu && fromGpu)
      check(driver, driver.MemcpyDtoDAsync(target, source, size, nullptr), "cuMemcpyDtoDAsync", what);
    else if (toGpu)
      check(driver, driver.MemcpyHtoDAsync(target, from, size, nullptr), "cuMemcpyHtoDAsync", what);
    else
      check(driver, driver.MemcpyDtoHAsync(to, source, size, nullptr), "cuMemcpyDtoHAsync", what);
    check(driver, driver.StreamSynchronize(nullptr), "cuStreamSynchronize", what);
  });
}

int32_t ssm_gpu_wait(ssm_error *error) {
  return onDevice(error, [&](const Driver &driver) {
    if (Result result = driver.CtxSynchronize(); result != 0)
      fail(SSM_ERROR_DEVICE, "work on the GPU failed: ", errorText(driver, result), stuckText());
  });
}

} // extern "C"
