// Calls that succeed: dense and strided buffers, shared memory, what is drawn, what is left out.
#include "Fixture.h"

#include <thread>

using namespace ssm::test;

TEST_F(Runtime, DenseCall) {
  float u[6] = {1, 2, 3, 4, 5, 6}, w[3] = {1, 10, 100}, x[16] = {0.5f}, out[6], last[16];
  ASSERT_EQ(call("forward", {{"u", u, SSM_F32, {2, 3}}, {"w", w, SSM_F32, {3}}, {"x", x, SSM_C64, {2, 4}}},
                 {{"out", out, SSM_F32, {2, 3}}, {"x", last, SSM_C64, {2, 4}}}), "");
  EXPECT_EQ(out[1], 20.5f);
  EXPECT_EQ(out[5], 600);
  EXPECT_EQ(last[0], 1.5f);
  EXPECT_EQ(last[1], 2);
}

TEST_F(Runtime, StridedBuffersInAndOut) {
  float u[6] = {1, 4, 2, 5, 3, 6}; // transposed
  float w[5] = {100, 0, 10, 0, 1}; // backwards, every second
  float out[12] = {};              // transposed, with gaps
  ASSERT_EQ(call("forward", {{"u", u, SSM_F32, {2, 3}, {4, 8}}, {"w", w + 4, SSM_F32, {3}, {-8}}},
                 {{"out", out, SSM_F32, {2, 3}, {8, 16}}}), "");
  float expected[12] = {1, 0, 4, 0, 20, 0, 50, 0, 300, 0, 600, 0};
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(out[i], expected[i]) << i;
}

TEST_F(Runtime, BroadcastArgument) {
  float u = 3, w[2] = {1, 2}, out[4];
  ASSERT_EQ(call("forward", {{"u", &u, SSM_F32, {2, 2}, {0, 0}}, {"w", w, SSM_F32, {2}}}, {{"out", out, SSM_F32, {2, 2}}}), "");
  EXPECT_EQ(out[3], 6);
}

TEST_F(Runtime, ResultMayLieInAnArgument) {
  int32_t a[6] = {1, 2, 0, 0, 0, 0}; // the result begins where the argument lies
  sizes = {{"O", 3}};
  ASSERT_EQ(call("widen", {{"a", a, SSM_I32, {2}}}, {{"out", a, SSM_I32, {3, 2}}}), "");
  int32_t expected[6] = {1, 2, 2, 3, 3, 4};
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(a[i], expected[i]);
  float u[1] = {0}, w[1] = {0}, x[8] = {};
  for (int step = 1; step <= 3; ++step)
    ASSERT_EQ((sizes = {}, call("forward", {{"u", u, SSM_F32, {1, 1}}, {"w", w, SSM_F32, {1}}, {"x", x, SSM_C64, {1, 4}}},
                                {{"x", x, SSM_C64, {1, 4}}})), "");
  EXPECT_EQ(x[6], 3);
  EXPECT_EQ(x[7], 6);
}

TEST_F(Runtime, ResultsMayBeLeftOut) {
  float u = 2, w = 5;
  EXPECT_EQ(call("forward", {{"u", &u, SSM_F32, {1, 1}}, {"w", &w, SSM_F32, {1}}}, {}), "");
}

TEST_F(Runtime, DrawsFromTheSeed) {
  float u[2] = {1, 1}, out[2];
  options.draw = 1;
  options.seed = 7;
  ASSERT_EQ(call("forward", {{"u", u, SSM_F32, {1, 2}}}, {{"out", out, SSM_F32, {1, 2}}}), "");
  EXPECT_EQ(out[0], 700);
  EXPECT_EQ(out[1], 701);
  float w[6] = {};
  Buffer alone("w", w, SSM_F32, {3}, {8});
  ssm_buffer buffer = alone.get();
  ASSERT_EQ(ssm_init(artifact, "forward", &buffer, &options, &error), SSM_OK) << error.message;
  EXPECT_EQ(w[4], 702);
  EXPECT_EQ(w[1], 0);
  Buffer input("u", u, SSM_F32, {1, 2});
  buffer = input.get();
  EXPECT_EQ(ssm_init(artifact, "forward", &buffer, &options, &error), SSM_ERROR_ARGUMENT);
  EXPECT_STREQ(error.message, "forward: argument 'u' has no initialiser");
}

TEST_F(Runtime, ZeroSizesAreLegal) {
  float x[8] = {}, last[8] = {};
  EXPECT_EQ(call("forward", {{"u", nullptr, SSM_F32, {1, 0}}, {"w", nullptr, SSM_F32, {0}}, {"x", x, SSM_C64, {1, 4}}},
                 {{"out", nullptr, SSM_F32, {1, 0}}, {"x", last, SSM_C64, {1, 4}}}), "");
  EXPECT_EQ(last[7], 2);
}

TEST_F(Runtime, EveryTypePassesThrough) {
  uint16_t a[3] = {1, 2, 3}, b[3] = {4, 5, 6}, out0[3], out1[3];
  double c[6] = {1, 2, 3, 4, 5, 6}, out2[6];
  ASSERT_EQ(call("pass", {{"c", c, SSM_C128, {3}}, {"a", a, SSM_BF16, {3}}, {"b", b, SSM_F16, {3}}},
                 {{"out2", out2, SSM_C128, {3}, {16}}, {"out0", out0, SSM_BF16, {3}}, {"out1", out1, SSM_F16, {3}}}), "");
  EXPECT_EQ(out0[2], 3);
  EXPECT_EQ(out1[2], 6);
  EXPECT_EQ(out2[5], 6);
}

TEST_F(Runtime, SeveralThreadsMayCall) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        float u = static_cast<float>(t), w = static_cast<float>(i), out = -1;
        int64_t one[2] = {1, 1};
        ssm_buffer in[2] = {{"u", &u, SSM_F32, 2, one, nullptr}, {"w", &w, SSM_F32, 1, one, nullptr}};
        ssm_buffer result = {"out", &out, SSM_F32, 2, one, nullptr};
        ssm_error e;
        bool ok = ssm_call(artifact, "forward", in, 2, &result, 1, nullptr, &e) == SSM_OK && out == u * w;
        // A failure belongs to its own call.
        int64_t none[1] = {0};
        ssm_buffer empty = {"a", nullptr, SSM_BOOL, 1, none, nullptr};
        ok = ok && ssm_call(artifact, "refuse", &empty, 1, nullptr, 0, nullptr, &e) == SSM_ERROR_RUN;
        wrong += !ok;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}
