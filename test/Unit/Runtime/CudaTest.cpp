// Calls on a GPU: what is handed to the driver, when, and how often.
#include "CudaFixture.h"

using namespace ssm::test;

namespace {

class CudaCall : public Cuda {
protected:
  void SetUp() override {
    Cuda::SetUp();
    x = onGpu(200 * 64 * 2);
    y = onGpu(200 * 64 * 2);
  }
  std::string forward(int64_t M = 200, int64_t N = 64) {
    return call("forward", {{"x", x, SSM_BF16, {M, N}}}, {{"y", y, SSM_BF16, {M, N}}});
  }
  void *x = nullptr, *y = nullptr;
};

} // namespace

TEST_F(CudaCall, EncodesMapsAndLaunches) {
  EXPECT_EQ(forward(), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("load\n"), std::string::npos);
  EXPECT_NE(log.find("attribute 8 of move = 65536\n"), std::string::npos);
  EXPECT_NE(log.find("encode dtype 9 dims 64 200 strides 128 box 64 128 steps 1 1 interleave 0 swizzle 3 promotion 3 "
                     "fill 1\n"),
            std::string::npos);
  EXPECT_NE(log.find("clear 800 stream 0\nencode"), std::string::npos) << log;
  EXPECT_NE(log.find("launch move grid 4 1 1 block 384 1 1 shared 65536 stream 0 with map:" + hex(x) + " " + hex(y)),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(" c8 3f000000 "), std::string::npos) << log; // M, 0.5f
}

TEST_F(CudaCall, TheSecondCallOnlyLaunches) {
  EXPECT_EQ(forward(), "");
  takeLog();
  EXPECT_EQ(forward(), "");
  std::istringstream lines(takeLog());
  std::string first, second, third;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_EQ(first, "clear 800 stream 0");
  EXPECT_EQ(second.rfind("launch move", 0), 0u);
  EXPECT_FALSE(std::getline(lines, third)) << third;
}

TEST_F(CudaCall, AnotherAddressIsEncodedAnew) {
  EXPECT_EQ(forward(), "");
  takeLog();
  x = onGpu(200 * 64 * 2);
  EXPECT_EQ(forward(), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("encode"), std::string::npos);
  EXPECT_NE(log.find("with map:" + hex(x)), std::string::npos);
  EXPECT_EQ(log.find("allocate"), std::string::npos);
}

TEST_F(CudaCall, TheFirstLaunchThatFitsRuns) {
  auto grid = [&](int64_t L, int64_t offset) {
    void *u = static_cast<char *>(x) + offset;
    EXPECT_EQ(call("choices", {{"u", u, SSM_F32, {L}}}, {{"out", y, SSM_F32, {L}}}), "");
    std::vector<std::string> lines = takeLines("launch");
    return lines.size() == 1 ? lines[0].substr(0, 17) : std::to_string(lines.size()) + " launches";
  };
  EXPECT_EQ(grid(8, 0), "launch add grid 1");
  EXPECT_EQ(grid(8, 4), "launch add grid 2"); // an address that the first one does not take
  EXPECT_EQ(grid(8, 16), "launch add grid 1");
  EXPECT_EQ(grid(6, 0), "launch add grid 2"); // no whole vectors
  EXPECT_EQ(grid(32, 0), "launch add grid 2"); // too many
}

TEST_F(CudaCall, StreamsHaveWorkspacesOfTheirOwn) {
  options.stream = reinterpret_cast<void *>(0x5);
  EXPECT_EQ(forward(), "");
  std::string first = takeLines("launch")[0];
  EXPECT_NE(first.find("stream 5 "), std::string::npos);
  options.stream = reinterpret_cast<void *>(0x6);
  EXPECT_EQ(forward(), "");
  std::string second = takeLines("launch")[0];
  EXPECT_NE(first.substr(first.rfind(' ')), second.substr(second.rfind(' '))); // the last parameter
}

TEST_F(CudaCall, ACapturedGraphKeepsItsWorkspace) {
  options.stream = reinterpret_cast<void *>(0x5);
  EXPECT_EQ(forward(), "");
  takeLog();
  fake<void(int)>("fake_capture")(42);
  EXPECT_EQ(forward(), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("allocate"), std::string::npos);
  EXPECT_NE(log.find("clear 256 stream 20958"), std::string::npos) << log; // not on the captured stream
  EXPECT_EQ(forward(), "");
  EXPECT_EQ(takeLog().find("allocate"), std::string::npos);
}

TEST_F(CudaCall, ACapturedGraphKeepsWhatItOutgrew) {
  fake<void(int)>("fake_capture")(43);
  EXPECT_EQ(forward(64), "");
  EXPECT_EQ(forward(200), ""); // takes more
  std::string log = takeLog();
  EXPECT_EQ(log.find("free"), std::string::npos) << log;
  // On a stream that is not captured, a larger block takes the smaller one's place.
  fake<void(int)>("fake_capture")(0);
  EXPECT_EQ(forward(64), "");
  EXPECT_EQ(forward(200), "");
  EXPECT_EQ(takeLines("free").size(), 1u);
}

TEST_F(CudaCall, LoadsWhileAGraphIsCaptured) {
  fake<void(int)>("fake_capture")(1);
  EXPECT_EQ(forward(), "");
}

TEST_F(CudaCall, TakesTheCallersWorkspace) {
  Buffer X{"x", x, SSM_BF16, {200, 64}}, Y{"y", y, SSM_BF16, {200, 64}};
  ssm_buffer in = X.get(), out = Y.get();
  int64_t bytes = 0;
  ASSERT_EQ(ssm_workspace(artifact, "forward", &in, 1, &out, 1, nullptr, &bytes, &error), SSM_OK) << error.message;
  EXPECT_EQ(bytes, 256 + 1024);
  options.workspace = onGpu(bytes);
  options.workspace_bytes = bytes;
  EXPECT_EQ(forward(), "");
  std::string log = takeLog();
  EXPECT_EQ(log.find("allocate"), std::string::npos);
  EXPECT_NE(log.find("clear 256 stream 0\nclear 800 stream 0\n"), std::string::npos) << log;
  options.workspace_bytes = bytes - 1;
  EXPECT_EQ(forward(), "forward: the workspace that is given has 1279 bytes, expected 1280, aligned to 256 (ssm_workspace "
                       "says how many)");
}

TEST_F(CudaCall, NothingToDoLaunchesNothing) {
  EXPECT_EQ(call("forward", {{"x", nullptr, SSM_BF16, {0, 64}}}, {{"y", y, SSM_BF16, {0, 64}}}), "");
  EXPECT_TRUE(takeLines("launch").empty());
}

TEST_F(CudaCall, AnEmptyMapReadsZeros) {
  EXPECT_EQ(call("forward", {{"x", nullptr, SSM_BF16, {64, 0}}}, {{"y", y, SSM_BF16, {64, 0}}}), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("encode dtype 9 dims 1 64 strides 16 "), std::string::npos) << log;
}

TEST_F(CudaCall, DrawsOnceAndDropsOptionalResults) {
  void *u = onGpu(400);
  options.seed = 3;
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {100}}}, {}), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("upload 400"), std::string::npos);
  EXPECT_NE(log.find("launch add grid 1 100 1 block 256 1 1 shared 0 stream 0 cluster 1 2 1 with " + hex(u, 4)),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(" 0 64\n"), std::string::npos); // the dropped result, L
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {100}}}, {}), "");
  EXPECT_EQ(takeLog().find("upload"), std::string::npos);
}

TEST_F(CudaCall, AResultOverAnArgumentIsCopied) {
  void *u = onGpu(400), *s = onGpu(400);
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {100}}, {"s", s, SSM_F32, {100}}}, {{"s", s, SSM_F32, {100}}}), "");
  std::string log = takeLog();
  EXPECT_EQ(log.find(hex(s) + " " + hex(s)), std::string::npos) << log;
  EXPECT_NE(log.find("copy 400 stream 0"), std::string::npos) << log;
}

TEST_F(CudaCall, AbsentArgumentsAndClearedResults) {
  void *u = onGpu(64), *out = onGpu(64);
  sizes = {{"K", 16}};
  EXPECT_EQ(call("vectors", {{"u", u, SSM_F32, {16}}}, {{"out", out, SSM_F32, {16}}}), "");
  std::string log = takeLog();
  EXPECT_NE(log.find("clear 64 stream 0\nlaunch add"), std::string::npos) << log;
  EXPECT_NE(log.find("with " + hex(u) + " 0 " + hex(out) + " 10\n"), std::string::npos) << log;
}

TEST_F(CudaCall, TheCpuRunsWhatLiesThere) {
  float u[3] = {1, 2, 3}, s[3] = {10, 20, 30}, out[3] = {};
  EXPECT_EQ(call("step", {{"u", u, SSM_F32, {3}}, {"s", s, SSM_F32, {3}}}, {{"s", out, SSM_F32, {3}}}), "");
  EXPECT_EQ(out[2], 33);
  EXPECT_TRUE(takeLines("launch").empty());
}

TEST_F(CudaCall, TargetsAreListed) {
  ssm_entry_info info;
  ASSERT_EQ(ssm_entry(artifact, 1, &info, &error), SSM_OK);
  EXPECT_STREQ(info.targets, "cpu, sm_90a");
}

TEST_F(CudaCall, CopiesBothWays) {
  float from[4] = {1, 2, 3, 4}, back[4] = {};
  ASSERT_EQ(ssm_gpu_copy(x, from, sizeof from, &error), SSM_OK) << error.message;
  ASSERT_EQ(ssm_gpu_copy(y, x, sizeof from, &error), SSM_OK);
  ASSERT_EQ(ssm_gpu_copy(back, y, sizeof from, &error), SSM_OK);
  EXPECT_EQ(back[3], 4);
  EXPECT_EQ(takeLog(), "upload 16\ncopy 16 stream 0\ndownload 16\n");
  ssm_gpu_info info;
  ASSERT_EQ(ssm_gpu(&info, &error), SSM_OK);
  EXPECT_STREQ(info.name, "Fake");
  EXPECT_EQ(info.multiprocessors, 132);
}

TEST_F(CudaCall, ClosingFreesAndUnloads) {
  EXPECT_EQ(forward(), "");
  long before = fake<long()>("fake_allocations")();
  ssm_close(artifact);
  artifact = nullptr;
  EXPECT_EQ(fake<long()>("fake_allocations")(), before - 2);
  EXPECT_EQ(takeLines("unload").size(), 1u);
}
