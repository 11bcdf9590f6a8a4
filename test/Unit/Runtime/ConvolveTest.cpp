// The convolution service against the sum that defines it: all modes, rows shared in every way, lengths about
// each level's edge, kernels shorter and longer than the row, both precisions; causality to the last bit.
#include "Fixture.h"

#include <cmath>

using namespace ssm::test;

namespace {

struct Sizes {
  int64_t outer, shared, inner, length, taps;
};

template <typename Real> class ConvolveOf : public Runtime {
protected:
  std::string run(int64_t mode, const Sizes &s, std::vector<Real> &a, std::vector<Real> &k, std::vector<Real> &out) {
    int64_t spec[6] = {mode, s.outer, s.shared, s.inner, s.length, s.taps};
    ssm_dtype dtype = sizeof(Real) == 8 ? SSM_F64 : SSM_F32;
    auto count = [](const std::vector<Real> &v) { return static_cast<int64_t>(v.size()); };
    sizes = {{"O", count(out)}};
    return call(sizeof(Real) == 8 ? "convolve" : "convolve32",
                {{"spec", spec, SSM_I64, {6}}, {"a", a.data(), dtype, {count(a)}}, {"k", k.data(), dtype, {count(k)}}},
                {{"out", out.data(), dtype, {count(out)}}});
  }

  static std::vector<Real> noise(int64_t count, uint32_t state) {
    std::vector<Real> values(static_cast<size_t>(count));
    for (Real &v : values)
      v = static_cast<Real>(static_cast<int32_t>(state = state * 1664525u + 1013904223u) / 2147483648.0);
    return values;
  }

  /// The input's place, or -1 for a zero.
  static int64_t place(int64_t mode, const Sizes &s, int64_t l, int64_t j) {
    int64_t i = mode == 0 ? l - j : mode == 1 ? l + j : mode == 2 ? ((l - j) % s.length + s.length) % s.length : l + (s.taps - 1) / 2 - j;
    return i < s.length ? std::max<int64_t>(i, -1) : -1;
  }

  void check(int64_t mode, const Sizes &s) {
    auto a = noise(s.outer * s.shared * s.length, 1), k = noise(s.shared * s.inner * s.taps, 2);
    std::vector<Real> out(static_cast<size_t>(s.outer * s.shared * s.inner * s.length), Real(7));
    ASSERT_EQ(run(mode, s, a, k, out), "");
    double worst = 0;
    for (int64_t row = 0; row < s.outer * s.shared * s.inner; ++row)
      for (int64_t l = 0; l < s.length; ++l) {
        double sum = 0;
        for (int64_t j = 0; j < s.taps; ++j)
          if (int64_t i = place(mode, s, l, j); i >= 0)
            sum += static_cast<double>(k[row % (s.shared * s.inner) * s.taps + j]) * static_cast<double>(a[row / s.inner * s.length + i]);
        worst = std::max(worst, std::abs(sum - static_cast<double>(out[row * s.length + l])));
      }
    EXPECT_LE(worst, sizeof(Real) == 8 ? 1e-12 : 1e-6) << "mode " << mode << ", " << s.outer << " " << s.shared << " " << s.inner << ", "
                                                       << s.length << " with " << s.taps;
  }
};

using Single = ConvolveOf<float>;
using Double = ConvolveOf<double>;

TEST_F(Double, IsTheSumInEveryMode) {
  for (int64_t mode = 0; mode < 4; ++mode)
    for (auto [length, taps] : {std::pair<int64_t, int64_t>{1, 1}, {1, 5}, {31, 31}, {32, 32}, {33, 33}, {65, 64}, {200, 3}, {64, 300},
                                {257, 129}, {600, 33}, {513, 513}})
      check(mode, {1, 2, 1, length, taps});
}

TEST_F(Double, RowsAreSharedAsTheSizesSay) {
  for (Sizes s : {Sizes{1, 1, 1, 70, 40}, {5, 1, 1, 70, 40}, {19, 1, 1, 70, 70}, {1, 19, 1, 70, 70}, {2, 3, 4, 70, 5}, {1, 1, 9, 70, 70},
                  {3, 9, 1, 40, 70}})
    check(0, s);
}

TEST_F(Single, IsRoundedOnce) {
  check(0, {2, 3, 1, 1000, 1000});
  check(1, {1, 8, 1, 300, 64});
}

TEST_F(Double, NothingIsZeroAndNoRowsAreNone) {
  std::vector<double> a(4, 1), k, out(4, 7);
  EXPECT_EQ(run(0, {1, 1, 1, 4, 0}, a, k, out), "");
  EXPECT_EQ(out, std::vector<double>(4, 0));
  std::vector<double> none;
  EXPECT_EQ(run(0, {0, 1, 1, 4, 0}, none, k, none), "");
}

TEST_F(Single, OutputsBeforeAChangeKeepTheirBits) {
  Sizes s{1, 3, 1, 300, 300};
  auto a = noise(3 * 300, 1), k = noise(3 * 300, 2);
  std::vector<float> before(a.size()), after(a.size());
  ASSERT_EQ(run(0, s, a, k, before), "");
  for (int64_t t : {1, 31, 32, 33, 63, 64, 100, 255, 256, 257, 299}) {
    auto changed = a;
    for (int row = 0; row < 3; ++row)
      changed[row * 300 + t] += 1000;
    ASSERT_EQ(run(0, s, changed, k, after), "");
    for (int row = 0; row < 3; ++row) {
      for (int64_t l = 0; l < t; ++l)
        ASSERT_EQ(after[row * 300 + l], before[row * 300 + l]) << "changed at " << t << ", differs at " << l;
      EXPECT_NE(after[row * 300 + t], before[row * 300 + t]);
    }
  }
}

TEST_F(Double, AnUnknownModeFails) {
  std::vector<double> a(4, 1), k(4, 1), out(4);
  EXPECT_EQ(run(9, {1, 1, 1, 4, 4}, a, k, out), "convolve: there is no convolution of mode 9");
}

} // namespace
