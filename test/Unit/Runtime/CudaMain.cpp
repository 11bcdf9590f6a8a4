// The driver must be chosen before anything looks for it.
#include "Fixture.h"

#include <cstdlib>

int main(int argc, char **argv) {
  ::setenv("SSM_CUDA_DRIVER", ssm::test::artifactPath("ssm_fake_cuda").c_str(), 1);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
