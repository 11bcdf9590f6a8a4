// Loading modules and finding kernels. See Kernels.h.
#include "cuda/Kernels.h"

#include "core/Error.h"

#include <algorithm>
#include <set>

namespace ssm::rt::cuda {

/// Records of loaded modules that were compiled with --checked: barrier, first warp, parity, 1.
static std::mutex stuckMutex;
static std::set<const volatile uint32_t *> stuckRecords;

std::string stuckText() {
  std::lock_guard lock(stuckMutex);
  std::string text;
  for (const volatile uint32_t *record : stuckRecords)
    if (record[3])
      text += "; a wait until ring " + std::to_string(record[0] / 2) + " (in the order of the kernel) was " +
              (record[0] % 2 ? "empty" : "full") + " gave up, at parity " + std::to_string(record[2]) +
              ", in the role that begins at warp " + std::to_string(record[1]);
  return text;
}

/// The module's variable `ssm_stuck` gets the address of memory that outlives a trap.
void Kernels::listenForStuck(Loaded &module, const std::string &what) {
  Address variable = 0;
  size_t size = 0;
  if (driver.ModuleGetGlobal(&variable, &size, module.module, "ssm_stuck") != 0 || size != sizeof(Address))
    return;
  void *memory = nullptr;
  check(driver, driver.MemHostAlloc(&memory, 4 * sizeof(uint32_t), portableMapped), "cuMemHostAlloc", what);
  module.stuck = static_cast<uint32_t *>(memory);
  std::fill_n(module.stuck, 4, 0);
  {
    std::lock_guard lock(stuckMutex);
    stuckRecords.insert(module.stuck);
  }
  Stream stream = nullptr; // beside whatever is captured
  check(driver, driver.StreamCreate(&stream, nonBlocking), "cuStreamCreate", what);
  Result code = driver.MemcpyHtoDAsync(variable, &memory, sizeof memory, stream);
  if (code == 0)
    code = driver.StreamSynchronize(stream);
  driver.StreamDestroy(stream);
  check(driver, code, "cuMemcpyHtoDAsync", what);
}

/// Bytes of an argument among the kernel's parameters.
static size_t parameterSize(const KernelArgument &argument) {
  if (std::holds_alternative<MapArgument>(argument))
    return sizeof(TensorMap);
  const auto *scalar = std::get_if<ScalarArgument>(&argument);
  return scalar && scalar->kind != ScalarArgument::I64 ? 4 : 8;
}

Kernels::~Kernels() {
  for (auto &[key, module] : loaded) {
    Context popped;
    if (driver.CtxPushCurrent(module.context) != 0)
      continue; // the context is gone, and the module with it
    driver.CtxSynchronize();
    driver.ModuleUnload(module.module);
    if (module.stuck) {
      std::lock_guard lock(stuckMutex);
      stuckRecords.erase(module.stuck);
      driver.MemFreeHost(module.stuck);
    }
    driver.CtxPopCurrent(&popped);
  }
}

Kernels::Loaded &Kernels::load(uint64_t context, const Device &device, int32_t index, const std::string &what) {
  Loaded &result = loaded[{context, index}];
  if (result.module)
    return result;
  const CodeModule &module = modules[static_cast<size_t>(index)];
  RelaxedCapture relaxed(driver);
  Result code = driver.ModuleLoadData(&result.module, this->code + module.offset);
  if (code != 0)
    result.module = nullptr;
  if (code == InvalidImage || code == InvalidSource || code == NoBinary)
    fail(SSM_ERROR_DEVICE, what, ": ", device.text(), " does not take the code for ", module.target,
         module.ptxas.empty() ? "" : ", assembled by ptxas " + module.ptxas, ": ", errorText(driver, code),
         "; the driver is of version ", versionText(driver.version),
         ", a newer one may be needed, or compiling the layer again with an older ptxas");
  check(driver, code, "cuModuleLoadData", what + ": the code for " + module.target);
  driver.CtxGetCurrent(&result.context);
  listenForStuck(result, what);
  return result;
}

void Kernels::checkParameters(Function function, const Launch &launch, const std::string &what) {
  if (!driver.FuncGetParamInfo)
    return;
  size_t count = launch.arguments.size();
  for (size_t i = 0; i <= count; ++i) {
    size_t offset = 0, size = 0;
    bool has = driver.FuncGetParamInfo(function, i, &offset, &size) == 0;
    if (i == count ? has : !has)
      fail(SSM_ERROR_NOT_ARTIFACT, what, ": the kernel takes ", has ? "more" : "fewer", " than the ", count,
           " parameters of the artifact's launch plan; compile the layer again");
    if (i == count)
      return;
    if (size_t bytes = parameterSize(launch.arguments[i]); size != bytes)
      fail(SSM_ERROR_NOT_ARTIFACT, what, ": parameter ", i, " of the kernel has ", size,
           " bytes, in the artifact's launch plan ", bytes, "; compile the layer again");
  }
}

Kernel Kernels::look(Module module, const Launch &launch, const std::string &what) {
  Kernel kernel;
  Result code = driver.ModuleGetFunction(&kernel.function, module, launch.kernel.c_str());
  if (code == NotFound)
    fail(SSM_ERROR_NOT_ARTIFACT, what, ": the artifact's code has no such kernel; compile the layer again");
  check(driver, code, "cuModuleGetFunction", what);
  checkParameters(kernel.function, launch, what);
  for (auto [attribute, place] : {std::pair(FunctionAttribute::MaxThreads, &kernel.maxThreads),
                                  std::pair(FunctionAttribute::StaticShared, &kernel.staticShared)})
    check(driver, driver.FuncGetAttribute(place, attribute, kernel.function), "cuFuncGetAttribute", what);
  uint32_t cluster = launch.cluster[0] * launch.cluster[1] * launch.cluster[2];
  if (cluster > 8) // more is possible, but not on every device
    check(driver, driver.FuncSetAttribute(kernel.function, FunctionAttribute::BigClusters, 1), "cuFuncSetAttribute",
          what + " with clusters of " + std::to_string(cluster));
  return kernel;
}

Function Kernels::find(uint64_t context, const Device &device, const Launch &launch, int64_t sharedBytes,
                       const std::string &what) {
  std::lock_guard lock(mutex);
  Loaded &module = load(context, device, launch.module, what);
  auto found = module.kernels.find(launch.kernel);
  if (found == module.kernels.end())
    found = module.kernels.emplace(launch.kernel, look(module.module, launch, what)).first;
  Kernel &kernel = found->second;
  uint32_t threads = launch.block[0] * launch.block[1] * launch.block[2];
  if (threads > static_cast<uint32_t>(kernel.maxThreads))
    fail(SSM_ERROR_DEVICE, what, ": blocks of ", threads, " threads, but its registers allow ", kernel.maxThreads,
         " on ", device.text());
  if (sharedBytes + kernel.staticShared > device.sharedBytes)
    fail(SSM_ERROR_DEVICE, what, ": a block needs ", sharedBytes + kernel.staticShared, " bytes of shared memory, ",
         device.text(), " has ", device.sharedBytes);
  if (sharedBytes > kernel.dynamicShared) {
    check(driver, driver.FuncSetAttribute(kernel.function, FunctionAttribute::MaxDynamicShared,
                                          static_cast<int32_t>(sharedBytes)),
          "cuFuncSetAttribute", what + " with " + std::to_string(sharedBytes) + " bytes of shared memory");
    kernel.dynamicShared = sharedBytes;
  }
  return kernel.function;
}

} // namespace ssm::rt::cuda
