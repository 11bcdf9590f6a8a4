/* The artifact's stub inside the test program, where nothing is attached; and its generator's bare blocks. */
#include "artifact/stub.c"

void test_philox(uint32_t counter[4], uint32_t k0, uint32_t k1) { philox(counter, k0, k1); }
