// A stand-in for libcuda.so.1: one device, memory from malloc, and a log of what it was asked to do. It runs
// no kernels. Modules are text: a line "kernel NAME MAXTHREADS SHARED SIZE,SIZE,..." a kernel, with the bytes
// of its parameters. What the log shows: loads, encodings, memsets, copies, launches with their parameters.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace {

struct Kernel {
  std::string name;
  int threads = 0, shared = 0;
  std::vector<size_t> sizes;
};
struct Module {
  std::map<std::string, Kernel> kernels;
};

struct State {
  std::string log;
  std::map<uint64_t, size_t> memory;
  std::map<std::string, int> failures; // of a call: the code
  void *context = nullptr;
  int capture = 0;
  int mode = 0;
};
State state;

int environment(const char *name, int otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

/// For measuring what a call costs beside the driver.
const bool quiet = environment("FAKE_CUDA_QUIET", 0);

template <typename... Parts> void log(const Parts &...parts) {
  if (quiet)
    return;
  std::ostringstream text;
  (text << ... << parts);
  state.log += text.str() + "\n";
}
int result(const char *call) {
  auto found = state.failures.find(call);
  return found == state.failures.end() ? 0 : found->second;
}
/// Not during a capture, unless the thread has relaxed its mode.
int unsafe(const char *call) {
  if (state.capture && state.mode != 2)
    return 900;
  return result(call);
}

struct Config {
  uint32_t grid[3], block[3], shared;
  void *stream;
  struct Attribute {
    uint32_t id, padding, cluster[3];
    char rest[52];
  } *attributes;
  uint32_t attributeCount;
};

} // namespace

// What tests use.
API const char *fake_log() { return state.log.c_str(); }
API void fake_clear() { state.log.clear(); }
API void fake_fail(const char *call, int code) { state.failures[call] = code; }
API void fake_succeed() { state.failures.clear(); }
API void fake_capture(int id) { state.capture = id; }
API long fake_allocations() { return static_cast<long>(state.memory.size()); }

API int cuInit(unsigned) { return environment("FAKE_CUDA_INIT", 0); }
API int cuDriverGetVersion(int *version) { return *version = environment("FAKE_CUDA_VERSION", 13000), 0; }
API int cuGetErrorName(int code, const char **name) {
  static std::string text;
  text = "CUDA_ERROR_" + std::to_string(code);
  return *name = text.c_str(), 0;
}
API int cuGetErrorString(int code, const char **text) { return *text = code == 700 ? "an illegal memory access" : "trouble", 0; }
API int cuDeviceGetCount(int *count) { return *count = 2, 0; }
API int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, 0; }
API int cuDeviceGetName(char *name, int length, int) { return std::snprintf(name, static_cast<size_t>(length), "Fake"), 0; }
API int cuDeviceGetAttribute(int *value, int attribute, int) {
  switch (attribute) {
  case 16: *value = 132; break;
  case 38: *value = 50 << 20; break;
  case 75: *value = environment("FAKE_CUDA_CAPABILITY", 90) / 10; break;
  case 76: *value = environment("FAKE_CUDA_CAPABILITY", 90) % 10; break;
  case 97: *value = 232448; break;
  default: return 1;
  }
  return 0;
}
API int cuDevicePrimaryCtxRetain(void **context, int device) {
  log("retain ", device);
  return *context = reinterpret_cast<void *>(static_cast<uintptr_t>(0x100 + device)), 0;
}
API int cuCtxGetCurrent(void **context) { return *context = state.context, 0; }
API int cuCtxGetDevice(int *device) { return *device = static_cast<int>(reinterpret_cast<uintptr_t>(state.context) & 0xff), 0; }
API int cuCtxGetId(void *, uint64_t *id) { return *id = 7, 0; }
API int cuCtxPushCurrent_v2(void *context) { return state.context = context, 0; }
API int cuCtxPopCurrent_v2(void **context) { return *context = state.context, state.context = nullptr, 0; }
API int cuCtxSynchronize() { return result("cuCtxSynchronize"); }
API int cuPointerGetAttributes(unsigned count, int *attributes, void **data, uint64_t address) {
  auto block = state.memory.upper_bound(address);
  bool known = block != state.memory.begin() && address < std::prev(block)->first + std::prev(block)->second;
  for (unsigned i = 0; i < count; ++i)
    *static_cast<int *>(data[i]) = attributes[i] == 2 ? (known ? 2 : 0) : (known ? 0 : -2);
  return 0;
}
API int cuModuleLoadData(Module **module, const void *image) {
  if (int code = unsafe("cuModuleLoadData"))
    return code;
  *module = new Module;
  std::istringstream lines(static_cast<const char *>(image));
  std::string word, sizes;
  while (lines >> word && word == "kernel") {
    Kernel kernel;
    lines >> kernel.name >> kernel.threads >> kernel.shared >> sizes;
    std::istringstream list(sizes);
    for (std::string size; std::getline(list, size, ',');)
      kernel.sizes.push_back(std::stoul(size));
    (*module)->kernels[kernel.name] = kernel;
  }
  log("load");
  return 0;
}
API int cuModuleUnload(Module *module) { return delete module, log("unload"), 0; }
API int cuModuleGetFunction(Kernel **function, Module *module, const char *name) {
  auto found = module->kernels.find(name);
  return found == module->kernels.end() ? 500 : (*function = &found->second, 0);
}
static uint64_t stuckVariable; // of every module
API int cuModuleGetGlobal_v2(uint64_t *address, size_t *size, Module *, const char *name) {
  if (std::string(name) != "ssm_stuck")
    return 500;
  return *address = reinterpret_cast<uint64_t>(&stuckVariable), *size = 8, 0;
}
API int cuMemHostAlloc(void **data, size_t size, unsigned flags) {
  return *data = flags == 3 ? std::calloc(1, size) : nullptr, 0;
}
API int cuMemFreeHost(void *data) { return std::free(data), 0; }
/// As a kernel's wait that gave up.
API void fake_stick(uint32_t barrier, uint32_t warp, uint32_t parity) {
  auto *record = reinterpret_cast<uint32_t *>(stuckVariable);
  record[0] = barrier, record[1] = warp, record[2] = parity, record[3] = 1;
}
API int cuFuncGetAttribute(int *value, int attribute, Kernel *kernel) {
  return *value = attribute == 0 ? kernel->threads : kernel->shared, 0;
}
API int cuFuncSetAttribute(Kernel *kernel, int attribute, int value) {
  log("attribute ", attribute, " of ", kernel->name, " = ", value);
  return result("cuFuncSetAttribute");
}
API int cuFuncGetParamInfo(Kernel *kernel, size_t index, size_t *offset, size_t *size) {
  if (index >= kernel->sizes.size())
    return 1;
  size_t at = 0;
  for (size_t i = 0; i <= index; ++i) {
    size_t alignment = kernel->sizes[i] == 128 ? 64 : kernel->sizes[i];
    at = (at + alignment - 1) / alignment * alignment;
    *offset = at;
    *size = kernel->sizes[i];
    at += *size;
  }
  return 0;
}
API int cuTensorMapEncodeTiled(void *map, int dtype, unsigned rank, void *address, const uint64_t *dims,
                               const uint64_t *strides, const uint32_t *box, const uint32_t *steps, int interleave,
                               int swizzle, int promotion, int fill) {
  std::ostringstream text;
  text << "encode dtype " << dtype << " dims";
  for (unsigned i = 0; i < rank; ++i)
    text << " " << dims[i];
  text << " strides";
  for (unsigned i = 0; i + 1 < rank; ++i)
    text << " " << strides[i];
  text << " box";
  for (unsigned i = 0; i < rank; ++i)
    text << " " << box[i];
  text << " steps";
  for (unsigned i = 0; i < rank; ++i)
    text << " " << steps[i];
  log(text.str(), " interleave ", interleave, " swizzle ", swizzle, " promotion ", promotion, " fill ", fill);
  std::memset(map, 0, 128);
  std::memcpy(map, &address, sizeof address);
  return result("cuTensorMapEncodeTiled");
}
API int cuLaunchKernelEx(const Config *config, Kernel *kernel, void **parameters, void **) {
  if (quiet)
    return 0;
  std::ostringstream text;
  text << "launch " << kernel->name << " grid " << config->grid[0] << " " << config->grid[1] << " " << config->grid[2]
       << " block " << config->block[0] << " " << config->block[1] << " " << config->block[2] << " shared "
       << config->shared << " stream " << reinterpret_cast<uintptr_t>(config->stream);
  for (uint32_t i = 0; i < config->attributeCount; ++i)
    text << " cluster " << config->attributes[i].cluster[0] << " " << config->attributes[i].cluster[1] << " "
         << config->attributes[i].cluster[2];
  text << " with";
  for (size_t i = 0; i < kernel->sizes.size(); ++i) {
    uint64_t word = 0;
    std::memcpy(&word, parameters[i], kernel->sizes[i] < 8 ? kernel->sizes[i] : 8);
    text << (kernel->sizes[i] == 128 ? " map:" : " ") << std::hex << word << std::dec;
  }
  log(text.str());
  return result("cuLaunchKernelEx");
}
API int cuStreamCreate(void **stream, unsigned flags) {
  *stream = reinterpret_cast<void *>(static_cast<uintptr_t>(0x51de));
  return flags == 1 ? unsafe("cuStreamCreate") : 1;
}
API int cuStreamDestroy_v2(void *) { return 0; }
API int cuStreamSynchronize(void *) { return unsafe("cuStreamSynchronize"); }
API int cuStreamGetCaptureInfo_v2(void *, int *status, uint64_t *id, void *, void *, size_t *) {
  return *status = state.capture != 0, *id = static_cast<uint64_t>(state.capture), 0;
}
API int cuThreadExchangeStreamCaptureMode(int *mode) {
  int before = state.mode;
  return state.mode = *mode, *mode = before, 0;
}
API int cuMemAlloc_v2(uint64_t *address, size_t size) {
  if (int code = unsafe("cuMemAlloc"))
    return code;
  auto *memory = std::aligned_alloc(512, (size + 511) / 512 * 512);
  *address = reinterpret_cast<uint64_t>(memory);
  state.memory[*address] = size;
  log("allocate ", size);
  return 0;
}
API int cuMemFree_v2(uint64_t address) {
  if (int code = unsafe("cuMemFree"))
    return code;
  state.memory.erase(address);
  std::free(reinterpret_cast<void *>(address));
  log("free");
  return 0;
}
API int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t size, void *) {
  log("upload ", size);
  return std::memcpy(reinterpret_cast<void *>(to), from, size), 0;
}
API int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t size, void *) {
  log("download ", size);
  return std::memcpy(to, reinterpret_cast<void *>(from), size), 0;
}
API int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t size, void *stream) {
  log("copy ", size, " stream ", reinterpret_cast<uintptr_t>(stream));
  return std::memmove(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), size), 0;
}
API int cuMemsetD8Async(uint64_t address, unsigned char byte, size_t size, void *stream) {
  log("clear ", size, " stream ", reinterpret_cast<uintptr_t>(stream));
  return std::memset(reinterpret_cast<void *>(address), byte, size), 0;
}
