// Random numbers: the generator's published vectors, what an element depends on, and moments. And the
// stub of an artifact that nothing is attached to.
#include "Fixture.h"

#include <array>
#include <cmath>

extern "C" {
void test_philox(uint32_t counter[4], uint32_t k0, uint32_t k1);
void ssm_rt_enter(void);
void ssm_rt_parallel_for(int64_t count, int64_t cost, void (*body)(void *, int64_t, int64_t), void *context);
void ssm_rt_fft(int32_t, int32_t, int64_t, int64_t, int64_t, const void *, void *);
void ssm_rt_convolve(int32_t, int32_t, int64_t, int64_t, int64_t, int64_t, int64_t, const void *, const void *, void *);
void ssm_rt_fail(const char *message, int64_t a, int64_t b);
int32_t ssm_rt_failed(void);
void ssm_rt_random(int32_t kind, int64_t seed, int64_t stream, int64_t count, double *out);
}

using namespace ssm::test;

static std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, uint32_t k0, uint32_t k1) {
  test_philox(counter.data(), k0, k1);
  return counter;
}

// The known answers for philox4x32-10 that its authors publish with Random123.
TEST(Philox, KnownAnswers) {
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, 0, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, ones, ones), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

class Random : public Runtime {
protected:
  std::vector<double> draw(int64_t kind, int64_t seed, int64_t stream, int64_t count) {
    std::vector<double> out(static_cast<size_t>(count), -9);
    int64_t spec[3] = {kind, seed, stream};
    sizes = {{"L", count}};
    EXPECT_EQ(call("draw", {{"spec", spec, SSM_I64, {3}}}, {{"out", out.data(), SSM_F64, {count}}}), "");
    return out;
  }
};

TEST_F(Random, AnElementDependsOnItsPlaceAlone) {
  for (int64_t kind : {0, 1}) {
    auto many = draw(kind, 5, 3, 1001);
    for (int64_t count : {0, 1, 2, 7, 1000}) {
      auto few = draw(kind, 5, 3, count);
      EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
    }
    options.threads = 3;
    EXPECT_EQ(draw(kind, 5, 3, 1001), many);
    std::vector<double> alone(1001);
    ssm_rt_random(static_cast<int32_t>(kind), 5, 3, 1001, alone.data());
    EXPECT_EQ(alone, many);
    EXPECT_NE(draw(kind, 6, 3, 4), draw(kind, 5, 3, 4));
    EXPECT_NE(draw(kind, 5, 4, 4), draw(kind, 5, 3, 4));
    EXPECT_NE(draw(kind, 5 + (int64_t(1) << 32), 3, 4), draw(kind, 5, 3, 4));
  }
}

TEST_F(Random, Moments) {
  int64_t n = 200000;
  for (int64_t kind : {0, 1}) {
    auto x = draw(kind, 42, 0, n);
    double mean = 0, square = 0, product = 0, least = 9, most = -9;
    for (int64_t i = 0; i < n; ++i) {
      mean += x[i] / static_cast<double>(n);
      square += x[i] * x[i] / static_cast<double>(n);
      if (i)
        product += x[i] * x[i - 1] / static_cast<double>(n);
      least = std::min(least, x[i]);
      most = std::max(most, x[i]);
    }
    double middle = kind ? 0 : 0.5, variance = kind ? 1 : 1.0 / 12;
    EXPECT_NEAR(mean, middle, 5 * std::sqrt(variance / static_cast<double>(n)));
    EXPECT_NEAR(square - mean * mean, variance, 0.02 * variance);
    EXPECT_NEAR(product, middle * middle, 0.01);
    if (kind == 0) {
      EXPECT_GE(least, 0);
      EXPECT_LT(most, 1);
    } else {
      EXPECT_GT(most, 3.5);
      EXPECT_LT(most, 7);
    }
  }
}

TEST(StubAlone, RunsOnTheCallingThread) {
  int64_t sum = 0;
  ssm_rt_parallel_for(10, 1000000, [](void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      *static_cast<int64_t *>(context) += i;
  }, &sum);
  EXPECT_EQ(sum, 45);
  ssm_rt_enter();
  EXPECT_EQ(ssm_rt_failed(), 0);
  double data[4] = {};
  ssm_rt_fft(0, 1, 1, 2, 2, data, data);
  EXPECT_NE(ssm_rt_failed(), 0);
  ssm_rt_enter();
  EXPECT_EQ(ssm_rt_failed(), 0);
  ssm_rt_convolve(0, 1, 1, 1, 1, 2, 2, data, data, data);
  EXPECT_NE(ssm_rt_failed(), 0);
  ssm_rt_enter();
}
