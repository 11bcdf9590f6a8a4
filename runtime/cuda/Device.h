// Where data lies, what a device is, and which context a call works in.
#ifndef SSM_RUNTIME_CUDA_DEVICE_H
#define SSM_RUNTIME_CUDA_DEVICE_H

#include "cuda/Driver.h"

#include <optional>
#include <string>

namespace ssm::rt::cuda {

struct Device {
  Ordinal ordinal = 0;
  int32_t handle = 0;
  std::string name;
  int32_t major = 0, minor = 0, multiprocessors = 0, l2Bytes = 0, sharedBytes = 0;
  Context primary = nullptr; ///< kept for the life of the process once it was needed

  /// "GPU 0 (NVIDIA H200, sm_90)"
  std::string text() const;
};

/// Looked up once. Throws SSM_ERROR_DEVICE.
const Device &device(const Driver &driver, Ordinal ordinal);

/// The current context's device, else the first.
const Device &currentDevice(const Driver &driver);

/// The device whose memory `data` is, or nothing for the CPU's.
std::optional<Ordinal> placeOf(const Driver &driver, const void *data);

/// Makes a context of the device current for its own life: the caller's if that is one, else the primary one.
class ContextScope {
public:
  ContextScope(const Driver &driver, const Device &device);
  ~ContextScope();
  ContextScope(const ContextScope &) = delete;

  Context context = nullptr;

private:
  const Driver &driver;
  bool pushed = false;
};

/// While it lives, this thread may allocate and load although a stream captures a graph.
class RelaxedCapture {
public:
  explicit RelaxedCapture(const Driver &driver) : driver(driver) { driver.ThreadExchangeStreamCaptureMode(&mode); }
  ~RelaxedCapture() { driver.ThreadExchangeStreamCaptureMode(&mode); }
  RelaxedCapture(const RelaxedCapture &) = delete;

private:
  const Driver &driver;
  int32_t mode = relaxedCapture;
};

} // namespace ssm::rt::cuda
#endif
