// The CUDA driver, opened at run time, so that the library neither needs it to be built nor to be loaded.
// What is declared here is the part of its stable binary interface that launching compiled kernels takes.
#ifndef SSM_RUNTIME_CUDA_DRIVER_H
#define SSM_RUNTIME_CUDA_DRIVER_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace ssm::rt::cuda {

using Result = int32_t; ///< 0 is success
using Ordinal = int32_t;
using Address = uint64_t; ///< of memory on a device
using Context = struct ContextHandle *;
using Module = struct ModuleHandle *;
using Function = struct FunctionHandle *;
using Stream = struct StreamHandle *;

enum : Result {
  OutOfMemory = 2,
  NotInitialized = 3,
  NoDevice = 100,
  InvalidImage = 200,
  NoBinary = 209,
  InvalidSource = 300,
  NotFound = 500
};

enum class DeviceAttribute : int32_t {
  Multiprocessors = 16,
  L2Bytes = 38,
  Major = 75,
  Minor = 76,
  SharedBytesOptIn = 97
};
enum class FunctionAttribute : int32_t { MaxThreads = 0, StaticShared = 1, MaxDynamicShared = 8, BigClusters = 14 };
enum class PointerAttribute : int32_t { MemoryType = 2, DeviceOrdinal = 9 };
constexpr uint32_t deviceMemory = 2;                               ///< a MemoryType
constexpr int32_t relaxedCapture = 2;                              ///< a mode of capture
constexpr uint32_t nonBlocking = 1;                                ///< a flag of streams
constexpr uint32_t portableMapped = 3;                             ///< flags of memory of the CPU that devices see
constexpr int32_t captureNone = 0, captureActive = 1;              ///< states of a capture
constexpr uint32_t clusterDimension = 4;                           ///< a LaunchAttribute

/// What the hardware's copy engine is handed: opaque, by value.
struct alignas(64) TensorMap {
  uint64_t words[16];
};

struct LaunchAttribute {
  uint32_t id = 0, padding = 0;
  union {
    uint32_t cluster[3];
    char bytes[64];
  };
};
struct LaunchConfig {
  uint32_t grid[3], block[3], sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  uint32_t attributeCount;
};

/// The functions, each under its name without "cu".
struct Driver {
  Result (*Init)(uint32_t flags);
  Result (*DriverGetVersion)(int32_t *version);
  Result (*GetErrorName)(Result, const char **);
  Result (*GetErrorString)(Result, const char **);
  Result (*DeviceGetCount)(int32_t *);
  Result (*DeviceGet)(int32_t *device, Ordinal);
  Result (*DeviceGetName)(char *, int32_t length, int32_t device);
  Result (*DeviceGetAttribute)(int32_t *, DeviceAttribute, int32_t device);
  Result (*DevicePrimaryCtxRetain)(Context *, int32_t device);
  Result (*CtxGetCurrent)(Context *);
  Result (*CtxGetDevice)(int32_t *device);
  Result (*CtxGetId)(Context, uint64_t *);
  Result (*CtxPushCurrent)(Context);
  Result (*CtxPopCurrent)(Context *);
  Result (*CtxSynchronize)();
  Result (*PointerGetAttributes)(uint32_t count, PointerAttribute *, void **data, Address);
  Result (*ModuleLoadData)(Module *, const void *image);
  Result (*ModuleUnload)(Module);
  Result (*ModuleGetFunction)(Function *, Module, const char *name);
  Result (*ModuleGetGlobal)(Address *, size_t *, Module, const char *name);
  Result (*FuncGetAttribute)(int32_t *, FunctionAttribute, Function);
  Result (*FuncSetAttribute)(Function, FunctionAttribute, int32_t);
  Result (*FuncGetParamInfo)(Function, size_t index, size_t *offset, size_t *size); ///< null before 12.4
  Result (*TensorMapEncodeTiled)(TensorMap *, int32_t dtype, uint32_t rank, void *address, const uint64_t *dims,
                                 const uint64_t *strides, const uint32_t *box, const uint32_t *steps,
                                 int32_t interleave, int32_t swizzle, int32_t promotion, int32_t fill);
  Result (*LaunchKernelEx)(const LaunchConfig *, Function, void **parameters, void **extra);
  Result (*StreamCreate)(Stream *, uint32_t flags);
  Result (*StreamDestroy)(Stream);
  Result (*StreamSynchronize)(Stream);
  Result (*StreamGetCaptureInfo)(Stream, int32_t *status, uint64_t *id, void *graph, void *dependencies, size_t *count);
  Result (*ThreadExchangeStreamCaptureMode)(int32_t *mode);
  Result (*MemAlloc)(Address *, size_t);
  Result (*MemFree)(Address);
  Result (*MemHostAlloc)(void **, size_t, uint32_t flags);
  Result (*MemFreeHost)(void *);
  Result (*MemcpyHtoDAsync)(Address, const void *, size_t, Stream);
  Result (*MemcpyDtoHAsync)(void *, Address, size_t, Stream);
  Result (*MemcpyDtoDAsync)(Address, Address, size_t, Stream);
  Result (*MemsetD8Async)(Address, unsigned char, size_t, Stream);

  int32_t version = 0; ///< 12040 is 12.4
  int32_t devices = 0;
};

/// The driver, opened once; null where there is none that can be used, and `why` then says why.
const Driver *findDriver(std::string *why = nullptr);
/// The driver if this process has loaded it already, by whomever: else no pointer leads to a device.
const Driver *loadedDriver();

/// "12.4"
std::string versionText(int32_t version);
/// "invalid argument (CUDA_ERROR_INVALID_VALUE)"
std::string errorText(const Driver &, Result);

/// Throws SSM_ERROR_DEVICE (SSM_ERROR_MEMORY where memory is short): "cuMemAlloc failed: ...", after `what`.
void check(const Driver &, Result, const char *call, const std::string &what);

} // namespace ssm::rt::cuda
#endif
