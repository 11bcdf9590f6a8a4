// Opening libcuda.so.1. See Driver.h.
//
// The environment's SSM_CUDA_DRIVER names another file; a name that does not exist turns CUDA off.
#include "cuda/Driver.h"

#include "core/Error.h"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <type_traits>

namespace ssm::rt::cuda {
namespace {

struct Opened {
  Driver driver = {};
  bool usable = false;
  std::string why;
};

std::atomic<bool> tried = false;

const char *libraryName() {
  const char *chosen = std::getenv("SSM_CUDA_DRIVER");
  return chosen && *chosen ? chosen : "libcuda.so.1";
}

/// Tensor maps, clusters and launches with attributes: all that Hopper's kernels need is in 12.0.
constexpr int32_t oldest = 12000;

void open(Opened &opened) {
  const char *name = libraryName();
  void *library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    opened.why = std::string("the driver's library cannot be opened (") + ::dlerror() + ")";
    return;
  }
  Driver &d = opened.driver;
  std::string missing;
  auto find = [&](auto &function, const char *symbol, bool required = true) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, symbol));
    if (!function && required && missing.empty())
      missing = symbol;
  };
  find(d.Init, "cuInit");
  find(d.DriverGetVersion, "cuDriverGetVersion");
  find(d.GetErrorName, "cuGetErrorName");
  find(d.GetErrorString, "cuGetErrorString");
  find(d.DeviceGetCount, "cuDeviceGetCount");
  find(d.DeviceGet, "cuDeviceGet");
  find(d.DeviceGetName, "cuDeviceGetName");
  find(d.DeviceGetAttribute, "cuDeviceGetAttribute");
  find(d.DevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain");
  find(d.CtxGetCurrent, "cuCtxGetCurrent");
  find(d.CtxGetDevice, "cuCtxGetDevice");
  find(d.CtxGetId, "cuCtxGetId");
  find(d.CtxPushCurrent, "cuCtxPushCurrent_v2");
  find(d.CtxPopCurrent, "cuCtxPopCurrent_v2");
  find(d.CtxSynchronize, "cuCtxSynchronize");
  find(d.PointerGetAttributes, "cuPointerGetAttributes");
  find(d.ModuleLoadData, "cuModuleLoadData");
  find(d.ModuleUnload, "cuModuleUnload");
  find(d.ModuleGetFunction, "cuModuleGetFunction");
  find(d.ModuleGetGlobal, "cuModuleGetGlobal_v2");
  find(d.FuncGetAttribute, "cuFuncGetAttribute");
  find(d.FuncSetAttribute, "cuFuncSetAttribute");
  find(d.FuncGetParamInfo, "cuFuncGetParamInfo", false);
  find(d.TensorMapEncodeTiled, "cuTensorMapEncodeTiled");
  find(d.LaunchKernelEx, "cuLaunchKernelEx");
  find(d.StreamCreate, "cuStreamCreate");
  find(d.StreamDestroy, "cuStreamDestroy_v2");
  find(d.StreamSynchronize, "cuStreamSynchronize");
  find(d.StreamGetCaptureInfo, "cuStreamGetCaptureInfo_v2");
  find(d.ThreadExchangeStreamCaptureMode, "cuThreadExchangeStreamCaptureMode");
  find(d.MemAlloc, "cuMemAlloc_v2");
  find(d.MemFree, "cuMemFree_v2");
  find(d.MemHostAlloc, "cuMemHostAlloc");
  find(d.MemFreeHost, "cuMemFreeHost");
  find(d.MemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2");
  find(d.MemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2");
  find(d.MemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2");
  find(d.MemsetD8Async, "cuMemsetD8Async");

  if (d.DriverGetVersion)
    d.DriverGetVersion(&d.version);
  if (d.version < oldest || !missing.empty()) {
    opened.why = std::string(name) + " is of version " + versionText(d.version) + ", too old: " + versionText(oldest) +
                 " or newer is needed" + (missing.empty() || d.version < oldest ? "" : " (it lacks " + missing + ")");
    return;
  }
  Result result = d.Init(0);
  if (result == 0)
    result = d.DeviceGetCount(&d.devices);
  if (result != 0 || d.devices == 0) {
    opened.why = result == 0 ? "the driver finds no device" : "the driver says: " + errorText(d, result);
    return;
  }
  opened.usable = true;
}

const Opened &opened() {
  static const Opened instance = [] {
    Opened result;
    open(result);
    tried = true;
    return result;
  }();
  return instance;
}

} // namespace

const Driver *findDriver(std::string *why) {
  const Opened &found = opened();
  if (!found.usable && why)
    *why = found.why;
  return found.usable ? &found.driver : nullptr;
}

const Driver *loadedDriver() {
  if (!tried) { // a handle to what is loaded already does not load anything
    void *library = ::dlopen(libraryName(), RTLD_NOW | RTLD_NOLOAD);
    if (!library)
      return nullptr;
    ::dlclose(library);
  }
  return findDriver();
}

std::string versionText(int32_t version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string errorText(const Driver &d, Result result) {
  const char *name = nullptr, *text = nullptr;
  if (d.GetErrorName(result, &name) != 0 || !name)
    return "error " + std::to_string(result);
  if (d.GetErrorString(result, &text) != 0 || !text)
    return name;
  return std::string(text) + " (" + name + ")";
}

void check(const Driver &d, Result result, const char *call, const std::string &what) {
  if (result != 0)
    fail(result == OutOfMemory ? SSM_ERROR_MEMORY : SSM_ERROR_DEVICE, what, what.empty() ? "" : ": ", call,
         " failed: ", errorText(d, result));
}

} // namespace ssm::rt::cuda
