// What a GPU cannot do is a code and a sentence before anything is launched; what the driver refuses is one
// with the call, the kernel and the shapes.
#include "CudaFixture.h"

using namespace ssm::test;

namespace {

class CudaMisuse : public Cuda {
protected:
  void SetUp() override {
    Cuda::SetUp();
    x = onGpu(1 << 16);
    y = onGpu(1 << 16);
  }
  void expect(int32_t expectedCode, const std::string &sentence, std::vector<int64_t> shape = {64, 64},
              std::vector<int64_t> strides = {}) {
    EXPECT_EQ(call("forward", {{"x", x, SSM_BF16, shape, strides}}, {{"y", y, SSM_BF16, shape}}), sentence);
    EXPECT_EQ(code, expectedCode);
    EXPECT_TRUE(takeLines("launch").empty());
  }
  void *x = nullptr, *y = nullptr;
};

const std::string kernel = "forward: kernel 'move'";

} // namespace

TEST_F(CudaMisuse, DataOnTwoDevices) {
  float host[64 * 64];
  void *gpu = y;
  y = host;
  expect(SSM_ERROR_POINTER, "forward: the data of argument 'x' lies on GPU 0 and that of result 'y' in the CPU's memory; "
                            "all must lie on one device");
  y = gpu;
  float u[3] = {}, s[3] = {};
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {3}}, {"s", x, SSM_F32, {3}}}, {{"s", s, SSM_F32, {3}}}),
            "step: the data of argument 'u' lies in the CPU's memory and that of argument 's' on GPU 0; all must lie on "
            "one device");
}

TEST_F(CudaMisuse, AnotherDeviceThanAskedFor) {
  options.device = SSM_CPU;
  expect(SSM_ERROR_POINTER, "forward: the data of argument 'x' lies on GPU 0, but the CPU is asked for");
  options.device = SSM_CUDA;
  float u[3] = {};
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {3}}}, {}),
            "step: the data of argument 'u' lies in the CPU's memory, but CUDA is asked for: copy it to the GPU");
  options.device = 7;
  expect(SSM_ERROR_USE, "the device is 7, expected one of ssm_device");
}

TEST_F(CudaMisuse, NoCodeForTheDevice) {
  ssm_artifact *cpuOnly = nullptr;
  ASSERT_EQ(ssm_open(artifactPath().c_str(), &cpuOnly, &error), SSM_OK);
  std::swap(cpuOnly, artifact);
  EXPECT_EQ(call("widen", {{"a", x, SSM_I32, {4}}}, {}),
            "widen: its data lies on GPU 0, but this artifact has code for cpu only; compile the layer with a --target that "
            "the GPU is");
  std::swap(cpuOnly, artifact);
  ssm_close(cpuOnly);
  float host[4] = {};
  EXPECT_EQ(call("forward", {{"x", host, SSM_BF16, {2, 2}}}, {}),
            "forward: its data lies in the CPU's memory, but this artifact has code for sm_90a only");
}

TEST_F(CudaMisuse, Strides) {
  expect(SSM_ERROR_POINTER, "forward: argument 'x' of the shape (64, 64) has the strides (0, 2) in bytes; on a GPU a buffer "
                            "is used where it lies and must be dense and row-major: give a contiguous copy", {64, 64}, {0, 2});
  expect(SSM_ERROR_SHAPE, kernel + ": the tensor map of argument 'x' (bf16[64, 63]) has a stride of 126 bytes along its "
         "dimension 1 (counted from the innermost), the GPU's copies take multiples of 16 above 0", {64, 63});
}

TEST_F(CudaMisuse, Alignment) {
  x = static_cast<char *>(x) + 8;
  expect(SSM_ERROR_POINTER, kernel + ": the tensor map of argument 'x' (bf16[64, 64]) begins at an address that is not "
         "aligned to 16 bytes, as the GPU's copies need it");
  x = static_cast<char *>(x) - 8;
  y = static_cast<char *>(y) + 2;
  expect(SSM_ERROR_POINTER, kernel + ": the data of result 'y' is not aligned to 16 bytes, as the kernel's accesses need it");
}

TEST_F(CudaMisuse, TooLarge) {
  expect(SSM_ERROR_DEVICE, kernel + ": a block needs 233472 bytes of shared memory, GPU 0 (Fake, sm_90) has 232448", {64, 227});
  int64_t many = (int64_t(1) << 32) + 8;
  expect(SSM_ERROR_SIZE, kernel + " would take " + std::to_string(many * 1024) + " bytes of shared memory", {1, many});
  expect(SSM_ERROR_SHAPE, kernel + ": the tensor map of argument 'x' (bf16[4294967304, 8]) has 4294967304 elements along its "
         "dimension 1 (counted from the innermost), the GPU's copies take at most 4294967296", {many, 8});
  EXPECT_EQ(call("step", {{"u", x, SSM_F32, {70000}}}, {}),
            "step: kernel 'add' would take 70000 blocks along y of its grid, a GPU takes 0 to 65535");
  EXPECT_EQ(call("step", {{"u", x, SSM_F32, {7}}}, {}),
            "step: kernel 'add' would take 7 blocks along y of its grid, no multiple of its clusters of 2");
}

TEST_F(CudaMisuse, WhatAKernelTakesForGranted) {
  sizes = {{"K", 6}};
  EXPECT_EQ(call("vectors", {{"u", x, SSM_F32, {6}}}, {}),
            "vectors: kernel 'add' takes argument 'u' (f32[6]) 4 elements at a time, and L = 6 is no multiple of that");
  sizes = {{"K", 9}};
  EXPECT_EQ(call("vectors", {{"u", x, SSM_F32, {8}}}, {}),
            "vectors: kernel 'add' would reach byte 36 of argument 'u' (f32[8]), which has 32");
}

TEST_F(CudaMisuse, PlansThatDoNotFitTheCode) {
  EXPECT_EQ(call("misfit", {{"u", x, SSM_F32, {4}}}, {}),
            "misfit: kernel 'wrong': parameter 1 of the kernel has 8 bytes, in the artifact's launch plan 4; "
            "compile the layer again");
  EXPECT_EQ(call("absent", {{"u", x, SSM_F32, {4}}}, {}),
            "absent: kernel 'nowhere': the artifact's code has no such kernel; compile the layer again");
}

TEST_F(CudaMisuse, TheDriverRefusesTheCode) {
  fake<void(const char *, int)>("fake_fail")("cuModuleLoadData", 200);
  EXPECT_EQ(call("step", {{"u", x, SSM_F32, {4}}}, {}),
            "step: kernel 'add': GPU 0 (Fake, sm_90) does not take the code for sm_90a, assembled by ptxas 13.0.88: trouble "
            "(CUDA_ERROR_200); the driver is of version 13.0, a newer one may be needed, or compiling the layer again with "
            "an older ptxas");
  EXPECT_EQ(code, SSM_ERROR_DEVICE);
}

TEST_F(CudaMisuse, TheDriverRefusesACall) {
  std::string shapes = " (grid 1 x 1 x 1, blocks of 384 x 1 x 1, 65536 bytes of shared memory; argument 'x' bf16[64, 64]; "
                       "result 'y' bf16[64, 64]; workspace 'counter' 4 bytes; workspace 'sums' 256 bytes)";
  auto said = [&](const char *name, int failure) {
    fake<void(const char *, int)>("fake_fail")(name, failure);
    std::string sentence = call("forward", {{"x", x, SSM_BF16, {64, 64}}}, {{"y", y, SSM_BF16, {64, 64}}});
    fake<void()>("fake_succeed")();
    return sentence;
  };
  EXPECT_EQ(said("cuLaunchKernelEx", 1), kernel + shapes + ": cuLaunchKernelEx failed: trouble (CUDA_ERROR_1)");
  EXPECT_EQ(said("cuLaunchKernelEx", 700), kernel + shapes + " was not launched: an earlier kernel of this context failed: "
            "an illegal memory access (CUDA_ERROR_700)");
  x = y; // another address is encoded
  y = onGpu(1 << 16);
  EXPECT_EQ(said("cuTensorMapEncodeTiled", 1), kernel + ": the tensor map of argument 'x' (bf16[64, 64]): "
            "cuTensorMapEncodeTiled failed: trouble (CUDA_ERROR_1)");
  options.stream = reinterpret_cast<void *>(0x77);
  EXPECT_EQ(said("cuMemAlloc", 2), "forward: its workspace needs 256 bytes of the GPU's memory, and there is not enough");
  EXPECT_EQ(code, SSM_ERROR_MEMORY);
  // And then it works.
  EXPECT_EQ(call("forward", {{"x", x, SSM_BF16, {64, 64}}}, {{"y", y, SSM_BF16, {64, 64}}}), "");
}

TEST_F(CudaMisuse, AWaitThatGaveUp) {
  EXPECT_EQ(call("forward", {{"x", x, SSM_BF16, {64, 64}}}, {{"y", y, SSM_BF16, {64, 64}}}), "");
  fake<void(uint32_t, uint32_t, uint32_t)>("fake_stick")(3, 4, 1);
  fake<void(const char *, int)>("fake_fail")("cuCtxSynchronize", 719);
  EXPECT_EQ(ssm_gpu_wait(&error), SSM_ERROR_DEVICE);
  EXPECT_STREQ(error.message, "work on the GPU failed: trouble (CUDA_ERROR_719); a wait until ring 1 (in the order of the "
                              "kernel) was empty gave up, at parity 1, in the role that begins at warp 4");
}

TEST_F(CudaMisuse, WhatWentWrongWhileItRan) {
  fake<void(const char *, int)>("fake_fail")("cuCtxSynchronize", 719);
  EXPECT_EQ(ssm_gpu_wait(&error), SSM_ERROR_DEVICE);
  EXPECT_STREQ(error.message, "work on the GPU failed: trouble (CUDA_ERROR_719)");
}
