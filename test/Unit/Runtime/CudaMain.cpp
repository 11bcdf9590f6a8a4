// The driver must be chosen before anything looks for it.
#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char **argv) {
  ::setenv("SSM_CUDA_DRIVER", SSM_FAKE_CUDA, 1);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
