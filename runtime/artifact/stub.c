/* The part that every artifact shares: it is compiled once and linked into each.
 *
 * Compiled code calls the hidden `ssm_rt_*` functions below. They pass on to the services that
 * `ssm_artifact_attach` was given; without any, loops run on the calling thread, errors are kept in a
 * flag of that thread, and Fourier transforms and long convolutions are refused. Random numbers are made here, so that the
 * same seed gives the same values whoever runs the artifact.
 */
#include "ssm/services.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))
#define EXPORT __attribute__((visibility("default")))

/* 1 and the CRC-32 of the whole file with these 8 bytes as 0, which ssmc writes when all is linked; zeros
 * in what is linked by hand. */
HIDDEN __attribute__((section(".ssm.sum"), used, retain)) const uint32_t ssm_rt_sum[2] = {0, 0};

static const ssm_services *services;

EXPORT void ssm_artifact_attach(const ssm_services *given) { services = given; }

/* Without services: whether this thread's call has failed, behind a key that the first failure makes.
 * (A thread-local variable would need the loader's own library, or room that it keeps for few.) */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static atomic_int has_key;

static void make_key(void) { has_key = pthread_key_create(&key, NULL) == 0; }

__attribute__((destructor)) static void drop_key(void) {
  if (has_key)
    pthread_key_delete(key);
}

/* To be called when an entry begins: forgets the failure of this thread's last call. */
HIDDEN void ssm_rt_enter(void) {
  if (!services && has_key)
    pthread_setspecific(key, NULL);
}

HIDDEN void ssm_rt_parallel_for(int64_t count, int64_t cost, void (*body)(void *, int64_t, int64_t), void *context) {
  if (services)
    services->parallel_for(count, cost, body, context);
  else if (count > 0)
    body(context, 0, count);
}

HIDDEN void ssm_rt_fail(const char *message, int64_t a, int64_t b) {
  if (services) {
    services->fail(message, a, b);
    return;
  }
  pthread_once(&key_once, make_key);
  if (has_key)
    pthread_setspecific(key, &key);
}

HIDDEN int32_t ssm_rt_failed(void) {
  return services ? services->failed() : has_key && pthread_getspecific(key) != NULL;
}

HIDDEN void ssm_rt_fft(int32_t kind, int32_t f64, int64_t batch, int64_t n, int64_t modes, const void *in, void *out) {
  if (services)
    services->fft(kind, f64, batch, n, modes, in, out);
  else
    ssm_rt_fail("Fourier transforms need the runtime", 0, 0);
}

HIDDEN void ssm_rt_convolve(int32_t mode, int32_t f64, int64_t outer, int64_t shared, int64_t inner, int64_t length, int64_t taps,
                            const void *in, const void *kernels, void *out) {
  int64_t sizes[5] = {outer, shared, inner, length, taps};
  if (services && services->size > offsetof(ssm_services, convolve))
    services->convolve(mode, f64, sizes, in, kernels, out);
  else
    ssm_rt_fail(services ? "convolutions by Fourier transforms need a newer runtime" : "convolutions by Fourier transforms need the runtime",
                0, 0);
}

/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): a block of 128 random bits for each counter. */
static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t a = (uint32_t)(p1 >> 32) ^ c[1] ^ k0, b = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[0] = a;
    c[1] = (uint32_t)p1;
    c[2] = b;
    c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

struct draw {
  int32_t kind;
  uint64_t seed, stream;
  int64_t count;
  double *out;
};

/* Block b of (seed, stream) holds elements 2b and 2b + 1. */
static void draw_blocks(void *context, int64_t begin, int64_t end) {
  const struct draw *d = context;
  for (int64_t b = begin; b < end; ++b) {
    uint32_t c[4] = {(uint32_t)b, (uint32_t)((uint64_t)b >> 32), (uint32_t)d->stream, (uint32_t)(d->stream >> 32)};
    philox(c, (uint32_t)d->seed, (uint32_t)(d->seed >> 32));
    uint64_t x = ((uint64_t)c[1] << 32 | c[0]) >> 11, y = ((uint64_t)c[3] << 32 | c[2]) >> 11;
    double first, second;
    if (d->kind == 0) {
      first = (double)x * 0x1p-53;
      second = (double)y * 0x1p-53;
    } else { /* Box and Muller: the radius from (0, 1], so that the logarithm is finite */
      double r = sqrt(-2 * log((double)(x + 1) * 0x1p-53)), angle = 6.283185307179586477 * ((double)y * 0x1p-53);
      first = r * cos(angle);
      second = r * sin(angle);
    }
    d->out[2 * b] = first;
    if (2 * b + 1 < d->count)
      d->out[2 * b + 1] = second;
  }
}

/* Element i depends on kind, seed, stream and i alone. kind 0: uniform in [0, 1); 1: standard normal. */
HIDDEN void ssm_rt_random(int32_t kind, int64_t seed, int64_t stream, int64_t count, double *out) {
  struct draw d = {kind, (uint64_t)seed, (uint64_t)stream, count, out};
  ssm_rt_parallel_for(count / 2 + count % 2, 100, draw_blocks, &d);
}
