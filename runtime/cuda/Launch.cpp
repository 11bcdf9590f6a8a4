// Running a call that was worked out: addresses in, kernels off. See Bound.h.
//
// Nothing here allocates or waits, once the workspaces of a stream are there.
#include "cuda/Bound.h"
#include "cuda/Place.h"

#include "core/Error.h"
#include "core/Memory.h"

#include <algorithm>
#include <cstdlib>

namespace ssm::rt::cuda {
namespace {

/// Errors that an earlier kernel left in the context.
bool isLeftOver(Result result) { return result >= 700 && result < 720 && result != 701; }

/// For finding out which kernel fails: every call waits, and reports what its kernels did.
bool waitsAlways() {
  static const bool waits = [] {
    const char *text = std::getenv("SSM_CUDA_WAIT");
    return text && *text && std::string(text) != "0";
  }();
  return waits;
}

} // namespace

std::string Bound::describe(const BoundLaunch &bound) const {
  const LaunchConfig &c = bound.config;
  auto three = [](const uint32_t (&n)[3]) {
    return std::to_string(n[0]) + " x " + std::to_string(n[1]) + " x " + std::to_string(n[2]);
  };
  std::string text = kernelText(*bound.plan) + " (grid " + three(c.grid) + ", blocks of " + three(c.block) + ", " +
                     std::to_string(c.sharedBytes) + " bytes of shared memory";
  for (const BoundBuffer &buffer : buffers)
    text += "; " + buffer.name + " " + buffer.type;
  return text + ")";
}

/// A given buffer's address: it must lie on the device.
void Bound::take(const Site &site, const ssm_buffer &given, int32_t index) {
  BoundBuffer &buffer = buffers[static_cast<size_t>(index)];
  buffer.address = reinterpret_cast<Address>(given.data);
  if (buffer.bytes == 0)
    return;
  if (!given.data)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", buffer.name, " is a null pointer");
  if (buffer.address % static_cast<uint64_t>(buffer.alignment) != 0)
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", buffer.name, " is not aligned to ", buffer.alignment,
         " bytes");
  std::optional<Ordinal> on = placeOf(site.driver, given.data);
  if (on != site.device.ordinal) {
    for (const BoundBuffer &other : buffers)
      if (other.kind == BoundBuffer::Given && &other != &buffer &&
          placeOf(site.driver, reinterpret_cast<const void *>(other.address)) == site.device.ordinal)
        failMixed(entry, other.name, site.device.ordinal, buffer.name, on);
    fail(SSM_ERROR_POINTER, entry.name, ": the data of ", buffer.name, " does not lie on ", site.device.text());
  }
}

void Bound::findScratch(const Site &site, const ssm_options &options) {
  auto stream = static_cast<Stream>(options.stream);
  if (options.workspace) {
    once = reinterpret_cast<Address>(options.workspace);
    scratch = once + static_cast<uint64_t>(onceBytes);
    if (once % 256 != 0 || options.workspace_bytes < workspaceBytes())
      fail(SSM_ERROR_POINTER, entry.name, ": the workspace that is given has ", options.workspace_bytes,
           " bytes, expected ", workspaceBytes(), ", aligned to 256 (ssm_workspace says how many)");
    if (onceBytes > 0)
      check(site.driver, site.driver.MemsetD8Async(once, 0, static_cast<size_t>(onceBytes), stream), "cuMemsetD8Async",
            entry.name);
    return;
  }
  if (onceBytes == 0 && scratchBytes == 0)
    return;
  int32_t status = captureNone;
  uint64_t capture = 0;
  check(site.driver, site.driver.StreamGetCaptureInfo(stream, &status, &capture, nullptr, nullptr, nullptr),
        "cuStreamGetCaptureInfo", entry.name);
  DeviceMemory::Key key{site.contextId, &plan, stream, status == captureActive ? capture : 0, 0};
  std::string what = entry.name + ": its workspace";
  if (onceBytes > 0)
    once = site.memory.workspace(key, onceBytes, true, what);
  key.part = 1;
  if (scratchBytes > 0)
    scratch = site.memory.workspace(key, scratchBytes, false, what);
}

/// A result whose buffer an argument uses too is computed apart and copied at the end.
void Bound::redirectAliases() {
  auto overlap = [](const BoundBuffer &a, const BoundBuffer &b) {
    return a.bytes > 0 && b.bytes > 0 && a.address < b.address + static_cast<uint64_t>(b.bytes) &&
           b.address < a.address + static_cast<uint64_t>(a.bytes);
  };
  for (int32_t r : resultSlots) {
    BoundBuffer &result = buffers[static_cast<size_t>(r)];
    for (int32_t other : resultSlots)
      if (other < r && overlap(result, buffers[static_cast<size_t>(other)]))
        fail(SSM_ERROR_POINTER, entry.name, ": the buffers of ", buffers[static_cast<size_t>(other)].name, " and ",
             result.name, " overlap");
    for (int32_t a : argumentSlots)
      if (result.copyOffset < 0 && overlap(result, buffers[static_cast<size_t>(a)])) {
        result.copyOffset = scratchBytes; // stays: the next call may do the same
        scratchBytes += (result.bytes + 255) / 256 * 256;
      }
  }
}

/// Where a buffer is in this call; 0 where there is none.
Address Bound::addressOf(int32_t index) const {
  const BoundBuffer &buffer = buffers[static_cast<size_t>(index)];
  switch (buffer.kind) {
  case BoundBuffer::InScratch: return scratch + static_cast<uint64_t>(buffer.offset);
  case BoundBuffer::InOnce: return once + static_cast<uint64_t>(buffer.offset);
  default: break;
  }
  return buffer.copyOffset >= 0 ? scratch + static_cast<uint64_t>(buffer.copyOffset) : buffer.address;
}

bool Bound::fits(const BoundLaunch &bound) const {
  auto begins = [&](int32_t buffer, int64_t offset) {
    Address address = addressOf(buffer);
    return address ? address + static_cast<uint64_t>(offset) : 0;
  };
  return std::all_of(bound.pointers.begin(), bound.pointers.end(),
                     [&](const BoundPointer &pointer) {
                       return begins(pointer.buffer, pointer.offset) % static_cast<uint64_t>(pointer.alignment) == 0;
                     }) &&
         std::all_of(bound.maps.begin(), bound.maps.end(), [&](const BoundMap &map) {
           return takesAddress(map, begins(map.plan->buffer, map.offset));
         });
}

void Bound::launch(const Site &site, BoundLaunch &bound, Stream stream) {
  for (const BoundPointer &pointer : bound.pointers) {
    Address address = addressOf(pointer.buffer);
    if (address && (address + static_cast<uint64_t>(pointer.offset)) % static_cast<uint64_t>(pointer.alignment) != 0)
      fail(SSM_ERROR_POINTER, kernelText(*bound.plan), ": the data of ",
           buffers[static_cast<size_t>(pointer.buffer)].name, " is not aligned to ", pointer.alignment,
           " bytes, as the kernel's accesses need it");
    bound.words[pointer.word] = address ? address + static_cast<uint64_t>(pointer.offset) : 0;
  }
  for (BoundMap &map : bound.maps) {
    Address address = map.empty ? zeros : addressOf(map.plan->buffer) + static_cast<uint64_t>(map.offset);
    if (map.encoded != address)
      encode(site.driver, map, address);
  }
  bound.config.stream = stream;
  Result result = site.driver.LaunchKernelEx(&bound.config, bound.function, bound.parameters.data(), nullptr);
  if (isLeftOver(result))
    fail(SSM_ERROR_DEVICE, describe(bound), " was not launched: an earlier kernel of this context failed: ",
         errorText(site.driver, result), stuckText());
  if (result != 0)
    check(site.driver, result, "cuLaunchKernelEx", describe(bound));
  if (waitsAlways()) {
    result = site.driver.StreamSynchronize(stream);
    if (result != 0)
      fail(SSM_ERROR_DEVICE, describe(bound), " failed: ", errorText(site.driver, result), stuckText());
  }
}

void Bound::run(const Site &site, const ssm_buffer *arguments, const ssm_buffer *results, const ssm_options &options) {
  std::lock_guard lock(mutex);
  auto stream = static_cast<Stream>(options.stream);
  for (size_t i = 0; i < argumentSlots.size(); ++i)
    take(site, arguments[i], argumentSlots[i]);
  for (size_t i = 0; i < resultSlots.size(); ++i)
    take(site, results[i], resultSlots[i]);
  redirectAliases();
  findScratch(site, options);
  if (zeros == 0)
    for (const BoundLaunch &bound : launches)
      for (const BoundMap &map : bound.maps)
        if (map.empty && zeros == 0)
          zeros = site.memory.workspace({site.contextId, nullptr, nullptr, 0, 0}, 256, true, entry.name);
  for (int32_t cleared : clearedEachCall) {
    const BoundBuffer &buffer = buffers[static_cast<size_t>(cleared)];
    check(site.driver, site.driver.MemsetD8Async(addressOf(cleared), 0, static_cast<size_t>(buffer.bytes), stream),
          "cuMemsetD8Async", entry.name + ": " + buffer.name);
  }
  size_t done = 0;
  for (BoundLaunch &bound : launches)
    if (bound.choice != done && (!bound.hasAlternative || fits(bound))) {
      launch(site, bound, stream);
      done = bound.choice;
    }
  for (int32_t r : resultSlots) {
    const BoundBuffer &result = buffers[static_cast<size_t>(r)];
    if (result.copyOffset >= 0)
      check(site.driver,
            site.driver.MemcpyDtoDAsync(result.address, scratch + static_cast<uint64_t>(result.copyOffset),
                                        static_cast<size_t>(result.bytes), stream),
            "cuMemcpyDtoDAsync", entry.name + ": " + result.name);
  }
}

} // namespace ssm::rt::cuda
