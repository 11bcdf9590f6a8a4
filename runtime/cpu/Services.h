// What the library does for compiled code on the CPU: calls with a limit of threads, and the services.
#ifndef SSM_RUNTIME_CPU_SERVICES_H
#define SSM_RUNTIME_CPU_SERVICES_H

#include "ssm/services.h"

#include <cstdint>
#include <string>

namespace ssm::rt {

/// The table that artifacts are attached to.
const ssm_services *services();

/// `given` if positive, else SSM_NUM_THREADS of the environment, else 0: all cores. Throws SSM_ERROR_USE.
int32_t threadLimit(int32_t given);

/// Runs an entry on at most `threads` threads (0: all cores). Throws SSM_ERROR_RUN with the sentence that
/// the code gave to `fail`, after `name`.
void run(ssm_entry_fn *function, void *const *buffers, const int64_t *sizes, int32_t threads, const std::string &name);

// The services themselves. Outside of a call they run on the calling thread.
void parallelFor(int64_t count, int64_t cost, void (*body)(void *, int64_t, int64_t), void *context);
void fourier(int32_t kind, int32_t f64, int64_t batch, int64_t n, int64_t modes, const void *in, void *out);
void convolve(int32_t mode, int32_t f64, const int64_t *sizes, const void *in, const void *kernels, void *out);
void reportFailure(const char *message, int64_t a, int64_t b);
int32_t hasFailed();

/// parallelFor for a C++ function object.
template <typename Body> void parallelFor(int64_t count, int64_t cost, Body body) {
  parallelFor(
      count, cost, [](void *context, int64_t begin, int64_t end) { (*static_cast<Body *>(context))(begin, end); }, &body);
}

} // namespace ssm::rt
#endif
