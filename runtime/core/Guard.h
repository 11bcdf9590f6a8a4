// The edge of the C API: no exception crosses it, and every function checks what it is handed.
#ifndef SSM_RUNTIME_CORE_GUARD_H
#define SSM_RUNTIME_CORE_GUARD_H

#include "core/Error.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

namespace ssm::rt {

inline int32_t report(ssm_error *error, int32_t code, const std::string &message) {
  if (!error)
    return code;
  error->code = code;
  size_t length = std::min(message.size(), sizeof(error->message) - 1);
  while (length < message.size() && length > 0 && (message[length] & 0xC0) == 0x80) // not inside a character
    --length;
  std::memcpy(error->message, message.data(), length);
  error->message[length] = 0;
  return code;
}

/// Runs the body of an API function. `prefix` opens the sentence.
template <typename Body> int32_t guard(ssm_error *error, Body body, const std::string &prefix = "") {
  try {
    body();
    if (error) {
      error->code = SSM_OK;
      error->message[0] = 0;
    }
    return SSM_OK;
  } catch (const Error &e) {
    return report(error, e.code, prefix + e.message);
  } catch (const std::bad_alloc &) {
    return report(error, SSM_ERROR_MEMORY, prefix + "there is not enough memory");
  } catch (const std::exception &e) {
    return report(error, SSM_ERROR_INTERNAL, prefix + e.what());
  } catch (...) {
    return report(error, SSM_ERROR_INTERNAL, prefix + "an unknown failure");
  }
}

inline const ssm_artifact &check(const ssm_artifact *artifact) {
  if (!artifact)
    fail(SSM_ERROR_USE, "the artifact is a null handle");
  return *artifact;
}

inline void checkOut(const void *pointer) {
  if (!pointer)
    fail(SSM_ERROR_USE, "there is no place for the answer (a null pointer)");
}

inline ssm_options check(const ssm_options *given) {
  ssm_options options = given ? *given : ssm_options{};
  if (options.size_count < 0 || (options.size_count > 0 && !options.sizes))
    fail(SSM_ERROR_USE, "the list of sizes is null or of negative length");
  if (options.threads < 0)
    fail(SSM_ERROR_USE, "the number of threads is negative: ", options.threads);
  if (options.device < SSM_ANYWHERE || options.device > SSM_CUDA)
    fail(SSM_ERROR_USE, "the device is ", options.device, ", expected one of ssm_device");
  if (options.workspace_bytes < 0)
    fail(SSM_ERROR_USE, "the workspace has a negative number of bytes: ", options.workspace_bytes);
  return options;
}

} // namespace ssm::rt
#endif
