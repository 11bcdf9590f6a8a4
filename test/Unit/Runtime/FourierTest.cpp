// The Fourier service against the sum that defines it, in long double: all kinds, lengths with small and
// large prime factors, fewer modes than there are, lengths 0 and 1, both precisions.
#include "Fixture.h"

#include <cmath>
#include <complex>
#include <numbers>

using namespace ssm::test;
using Wide = std::complex<long double>;

namespace {

/// sum_j x[j] exp(sign 2 pi i j k / n); j k mod n in whole numbers.
std::vector<Wide> naive(const std::vector<Wide> &x, int sign) {
  auto n = static_cast<int64_t>(x.size());
  std::vector<Wide> y(x.size()), root(x.size());
  for (int64_t m = 0; m < n; ++m)
    root[m] = std::polar(1.0L, sign * 2 * std::numbers::pi_v<long double> * static_cast<long double>(m) /
                                   static_cast<long double>(n));
  for (int64_t k = 0; k < n; ++k)
    for (int64_t j = 0; j < n; ++j)
      y[k] += x[j] * root[j * k % n];
  return y;
}

int64_t frequency(int64_t j, int64_t modes, int64_t n) { return j < (modes + 1) / 2 ? j : n - (modes - j); }

template <typename Real> class FourierOf : public Runtime {
protected:
  std::string run(int64_t kind, int64_t batch, int64_t n, int64_t modes, std::vector<Real> &in, std::vector<Real> &out) {
    int64_t spec[4] = {kind, batch, n, modes};
    ssm_dtype dtype = sizeof(Real) == 8 ? SSM_F64 : SSM_F32;
    auto inSize = static_cast<int64_t>(in.size()), outSize = static_cast<int64_t>(out.size());
    sizes = {{"O", outSize}};
    return call(sizeof(Real) == 8 ? "fourier" : "fourier32", {{"spec", spec, SSM_I64, {4}}, {"a", in.data(), dtype, {inSize}}},
                {{"out", out.data(), dtype, {outSize}}});
  }

  static std::vector<Real> noise(int64_t count) {
    std::vector<Real> values(static_cast<size_t>(count));
    uint32_t state = 12345;
    for (Real &v : values)
      v = static_cast<Real>(static_cast<int32_t>(state = state * 1664525u + 1013904223u) / 2147483648.0);
    return values;
  }

  void check(const std::vector<Real> &out, const std::vector<Wide> &expected, int64_t components, int64_t n, int64_t kind) {
    long double worst = 0, scale = 1e-30L;
    for (size_t i = 0; i < expected.size(); ++i) {
      Wide got = components == 2 ? Wide(out[2 * i], out[2 * i + 1]) : Wide(out[i], 0);
      worst = std::max(worst, std::abs(got - expected[i]));
      scale = std::max(scale, std::abs(expected[i]));
    }
    long double limit = sizeof(Real) == 8 ? 2e-14L : 1e-7L;
    EXPECT_LE(worst, limit * scale) << "kind " << kind << ", n " << n;
  }

  void sweep(int64_t n, int64_t modes, int64_t batch) {
    bool half = modes <= n / 2 + 1;
    std::vector<Wide> expected;
    if (half) {
      auto in = noise(batch * n);
      std::vector<Real> out(static_cast<size_t>(2 * batch * modes));
      for (int64_t b = 0; b < batch; ++b) {
        auto full = naive(std::vector<Wide>(in.begin() + b * n, in.begin() + (b + 1) * n), -1);
        expected.insert(expected.end(), full.begin(), full.begin() + modes);
      }
      ASSERT_EQ(run(0, batch, n, modes, in, out), "");
      check(out, expected, 2, n, 0);

      in = noise(2 * batch * modes);
      out.assign(static_cast<size_t>(batch * n), 0);
      expected.clear();
      for (int64_t b = 0; b < batch; ++b) {
        std::vector<Wide> full(static_cast<size_t>(n));
        for (int64_t k = 0; k < modes; ++k) {
          Wide v(in[2 * (b * modes + k)], in[2 * (b * modes + k) + 1]);
          if (k == 0 || 2 * k == n) {
            full[k] = v.real();
          } else {
            full[k] = v;
            full[n - k] = std::conj(v);
          }
        }
        for (Wide v : naive(full, 1))
          expected.push_back(v.real() / static_cast<long double>(n));
      }
      ASSERT_EQ(run(1, batch, n, modes, in, out), "");
      check(out, expected, 1, n, 1);
    }
    auto in = noise(2 * batch * n);
    std::vector<Real> out(static_cast<size_t>(2 * batch * modes));
    expected.clear();
    for (int64_t b = 0; b < batch; ++b) {
      std::vector<Wide> x;
      for (int64_t i = b * n; i < (b + 1) * n; ++i)
        x.push_back({in[2 * i], in[2 * i + 1]});
      auto full = naive(x, -1);
      for (int64_t j = 0; j < modes; ++j)
        expected.push_back(full[frequency(j, modes, n)]);
    }
    ASSERT_EQ(run(2, batch, n, modes, in, out), "");
    check(out, expected, 2, n, 2);

    in = noise(2 * batch * modes);
    out.assign(static_cast<size_t>(2 * batch * n), 0);
    expected.clear();
    for (int64_t b = 0; b < batch; ++b) {
      std::vector<Wide> full(static_cast<size_t>(n));
      for (int64_t j = 0; j < modes; ++j)
        full[frequency(j, modes, n)] = {in[2 * (b * modes + j)], in[2 * (b * modes + j) + 1]};
      for (Wide v : naive(full, 1))
        expected.push_back(v / static_cast<long double>(n));
    }
    ASSERT_EQ(run(3, batch, n, modes, in, out), "");
    check(out, expected, 2, n, 3);
  }
};
using Fourier = FourierOf<double>;
using Fourier32 = FourierOf<float>;

} // namespace

TEST_F(Fourier, AllLengths) {
  for (int64_t n : {1, 2, 3, 4, 5, 6, 7, 8, 12, 31, 32, 33, 53, 59, 106, 127, 128, 236, 243, 360, 509, 1000})
    for (int64_t modes : {n, n / 2 + 1, n / 2, std::min<int64_t>(n, 3), int64_t(0)})
      sweep(n, modes, n < 50 ? 3 : 1);
}

TEST_F(Fourier32, Lengths) {
  for (int64_t n : {1, 2, 7, 32, 127, 1000})
    sweep(n, n / 2 + 1, 2);
}

TEST_F(Fourier, LengthZero) {
  std::vector<double> none, out(4, 7);
  EXPECT_EQ(run(0, 2, 0, 1, none, out), ""); // a sum over nothing
  EXPECT_EQ(out, std::vector<double>(4, 0));
  EXPECT_EQ(run(1, 2, 0, 1, out, none), "");
  EXPECT_EQ(run(2, 2, 0, 0, none, none), "");
  EXPECT_EQ(run(3, 2, 0, 0, none, none), "");
}

TEST_F(Fourier, ManyRowsOnThreads) {
  auto in = noise(300 * 127);
  std::vector<double> out(300 * 64 * 2), alone(64 * 2);
  ASSERT_EQ(run(0, 300, 127, 64, in, out), "");
  for (int64_t row : {0, 150, 299}) {
    std::vector<double> one(in.begin() + row * 127, in.begin() + (row + 1) * 127);
    ASSERT_EQ(run(0, 1, 127, 64, one, alone), "");
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), out.begin() + row * 128));
  }
}

TEST_F(Fourier, LargePrimeKeepsItsAccuracy) {
  int64_t n = 10007;
  auto in = noise(n);
  std::vector<double> out(static_cast<size_t>(2 * (n / 2 + 1))), back(static_cast<size_t>(n));
  ASSERT_EQ(run(0, 1, n, n / 2 + 1, in, out), "");
  ASSERT_EQ(run(1, 1, n, n / 2 + 1, out, back), "");
  for (int64_t i = 0; i < n; ++i)
    ASSERT_NEAR(in[i], back[i], 1e-14);
}

TEST_F(Fourier, Refuses) {
  std::vector<double> a(32), out(32);
  EXPECT_EQ(run(0, 1, 8, 6, a, out), "fourier: a real Fourier transform of length 8 has fewer than 6 modes");
  EXPECT_EQ(run(3, 1, 8, 9, a, out), "fourier: a Fourier transform of length 8 has fewer than 9 modes");
  EXPECT_EQ(run(4, 1, 8, 5, a, out), "fourier: there is no Fourier transform of kind 4");
}
