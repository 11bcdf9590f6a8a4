/* What the code inside an artifact may call, and how it is handed over.
 *
 * libssm calls `ssm_artifact_attach` of an artifact once, after loading it. The table stays alive for
 * as long as the artifact is loaded. Later versions append members and never change those here, so code
 * looks at `size` before it uses a member that its version does not have.
 *
 * Compiled code does not use this table itself: it calls the shims of artifact/stub.c, which are part
 * of every artifact and fall back to the calling thread where nothing is attached.
 */
#ifndef SSM_SERVICES_H
#define SSM_SERVICES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SSM_SERVICES_VERSION 2

/* The transforms of `fft`. Rows are dense. Complex numbers are (re, im). */
enum {
  SSM_RFFT = 0,  /* real n -> the first `modes` of n/2 + 1 complex */
  SSM_IRFFT = 1, /* `modes` complex -> real n; zero above, scaled by 1/n; Im of DC and Nyquist is ignored */
  SSM_FFT = 2,   /* complex n -> `modes` complex: ceil(modes/2) from 0 up, then floor(modes/2) below 0 */
  SSM_IFFT = 3   /* `modes` complex, placed as FFT's, zero elsewhere -> complex n, scaled by 1/n */
};

/* The convolutions of `convolve`: which input output l multiplies with the kernel's element j; zero outside. */
enum {
  SSM_CONV_CAUSAL = 0,     /* l - j */
  SSM_CONV_ANTICAUSAL = 1, /* l + j */
  SSM_CONV_CIRCULAR = 2,   /* (l - j) mod length */
  SSM_CONV_SAME = 3        /* l + (taps - 1) / 2 - j */
};

typedef struct ssm_services {
  uint32_t version; /* SSM_SERVICES_VERSION of the library */
  uint32_t size;    /* sizeof(ssm_services) of the library */

  /* Calls body(context, begin, end) for pieces that together cover [0, count) once, on several threads
   * where count * cost is worth it; `cost` estimates the scalar operations of one iteration. Called
   * inside a body it runs on that thread. Pieces are left out once the call has failed. */
  void (*parallel_for)(int64_t count, int64_t cost, void (*body)(void *context, int64_t begin, int64_t end),
                       void *context);

  /* `batch` transforms of length n, rows dense and one after another; f64 chooses the precision of what
   * lies in memory, the arithmetic is in double. More modes than the transform has: the call fails. */
  void (*fft)(int32_t kind, int32_t f64, int64_t batch, int64_t n, int64_t modes, const void *in, void *out);

  /* Reports an error: %a and %b in the message stand for the numbers. The first failure of a call wins.
   * Returns: the code runs on and should return soon. */
  void (*fail)(const char *message, int64_t a, int64_t b);

  /* Whether the call that this code runs for has failed. */
  int32_t (*failed)(void);

  /* Since version 2. Convolutions along dense rows: sizes = outer, shared, inner, length, taps; inputs [outer,
   * shared, length], kernels [shared, inner, taps], results [outer, shared, inner, length]. f64 chooses the
   * precision of what lies in memory, the arithmetic is in double. A causal result depends on no later input. */
  void (*convolve)(int32_t mode, int32_t f64, const int64_t *sizes, const void *in, const void *kernels, void *out);
} ssm_services;

/* Exported by every artifact. */
typedef void ssm_artifact_attach_fn(const ssm_services *services);

/* An entry: dense arguments, then dense results; all sizes of its table. Non-zero: it failed. */
typedef int32_t ssm_entry_fn(void *const *buffers, const int64_t *sizes);

#ifdef __cplusplus
}
#endif
#endif
