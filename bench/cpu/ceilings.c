/* The machine's own ceilings on one thread: fused multiply-adds a second, and bytes copied. */
#include <immintrin.h>
#include <stddef.h>

typedef float lanes __attribute__((vector_size(64)));

/* count rounds of 12 independent chains; returns multiply-adds' flops. */
double fma_rounds(long count, float *sink) {
  lanes sum[12], a, b;
  for (int i = 0; i < 16; ++i) {
    a[i] = 0.999f + 1e-5f * i;
    b[i] = 1e-3f;
  }
  for (int k = 0; k < 12; ++k)
    sum[k] = a * (float)k;
  for (long n = 0; n < count; ++n) {
#pragma clang loop unroll(full)
    for (int k = 0; k < 12; ++k)
      sum[k] = __builtin_elementwise_fma(sum[k], a, b);
    __asm__ volatile("" : "+v"(sum[0]), "+v"(sum[1]), "+v"(sum[2]), "+v"(sum[3]), "+v"(sum[4]), "+v"(sum[5]),
                          "+v"(sum[6]), "+v"(sum[7]), "+v"(sum[8]), "+v"(sum[9]), "+v"(sum[10]), "+v"(sum[11]));
  }
  for (int k = 1; k < 12; ++k)
    sum[0] += sum[k];
  *sink = sum[0][0];
  return 2.0 * 16 * 12 * count;
}
