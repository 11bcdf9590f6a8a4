/* One channel with decay exp(0) = 1, so that its state is a running sum. */
#include "bank.h"

int main(void) {
  float u[3] = {1, 2, 3}, a[1] = {0}, c[1] = {10}, h[1] = {4}, out[3], last[1];
  if (decay_forward(u, a, c, h, out, last, 1, 3, 1, 1) != 0)
    return 1;
  return !(out[0] == 50 && out[1] == 70 && out[2] == 100 && last[0] == 10);
}
