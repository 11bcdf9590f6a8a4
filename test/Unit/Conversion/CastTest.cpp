//===- CastTest.cpp - conversions between element types ---------------------===//
//
// bf16 and f16 against a search: the nearest of all their values, the even one of
// two. Those that overflow go to infinity from the middle to what would be next.
//
//===----------------------------------------------------------------------===//
#include "Close.h"
#include "Functions.h"

#include <algorithm>

namespace {

/// A format of 16 bits, of so many bits of exponent.
struct Format {
  int exponentBits;

  int mantissaBits() const { return 15 - exponentBits; }
  uint16_t infinity() const { return uint16_t(((1 << exponentBits) - 1) << mantissaBits()); }

  /// Of a pattern without its sign; what infinity has is what would be next to the largest.
  double magnitude(uint16_t bits) const {
    int bias = (1 << (exponentBits - 1)) - 1, exponent = bits >> mantissaBits();
    int mantissa = bits & ((1 << mantissaBits()) - 1);
    if (exponent == 0)
      return std::ldexp(mantissa, 1 - bias - mantissaBits());
    return std::ldexp(mantissa + (1 << mantissaBits()), exponent - bias - mantissaBits());
  }

  uint16_t round(double x) const {
    const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
    const double size = std::abs(x);
    if (size >= magnitude(infinity()))
      return sign | infinity();
    uint16_t low = 0, high = infinity(); // magnitude(low) <= size < magnitude(high)
    while (high - low > 1) {
      uint16_t middle = (low + high) / 2;
      (magnitude(middle) <= size ? low : high) = middle;
    }
    double below = size - magnitude(low), above = magnitude(high) - size;
    bool up = above < below || (above == below && low % 2);
    return sign | (up ? high : low);
  }
};

constexpr Format kBf16{8}, kF16{5};

template <typename R> constexpr Format formatOf() {
  return std::is_same_v<R, Bf16> ? kBf16 : kF16;
}

/// Numbers of every size, and the format's values, its middles and their neighbours.
template <typename R, typename T> std::vector<T> inputs() {
  std::vector<T> all = grid<T>();
  constexpr Format format = formatOf<R>();
  for (uint16_t bits = 0; bits < format.infinity(); bits += 7) {
    double value = format.magnitude(bits), middle = (value + format.magnitude(bits + 1)) / 2;
    for (T x : {T(value), T(middle)})
      for (T near : {x, std::nextafter(x, T(0)), std::nextafter(x, std::numeric_limits<T>::infinity())}) {
        all.push_back(near);
        all.push_back(-near);
      }
  }
  return all;
}

template <typename R, typename T> void testRounding() {
  std::vector<T> xs = inputs<R, T>();
  std::vector<R> ys = apply<R>("cast", xs);
  for (size_t i = 0; i < xs.size(); ++i) {
    if (std::isnan(xs[i]))
      ASSERT_GT(ys[i].bits & 0x7fff, formatOf<R>().infinity()) << "NaN stays NaN";
    else
      ASSERT_EQ(ys[i].bits, formatOf<R>().round(xs[i])) << nameOf<T>() << " " << xs[i] << " to " << nameOf<R>();
  }
}

TEST(Cast, F32ToBf16) { testRounding<Bf16, float>(); }
TEST(Cast, F64ToBf16) { testRounding<Bf16, double>(); }
TEST(Cast, F32ToF16) { testRounding<F16, float>(); }
TEST(Cast, F64ToF16) { testRounding<F16, double>(); }

template <typename S, typename T> void testWidening() {
  constexpr Format format = formatOf<S>();
  std::vector<S> xs;
  for (unsigned bits = 0; bits < 0x10000; ++bits)
    xs.push_back({uint16_t(bits)});
  std::vector<T> ys = apply<T>("cast", xs);
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const unsigned size = bits & 0x7fff;
    const T y = ys[bits];
    ASSERT_EQ(std::signbit(y), bits >> 15) << bits;
    if (size > format.infinity())
      ASSERT_TRUE(std::isnan(y)) << bits;
    else if (size == format.infinity())
      ASSERT_TRUE(std::isinf(y)) << bits;
    else
      ASSERT_EQ(std::abs(y), format.magnitude(size)) << bits;
  }
}

TEST(Cast, EveryBf16) {
  testWidening<Bf16, float>();
  testWidening<Bf16, double>();
}
TEST(Cast, EveryF16) {
  testWidening<F16, float>();
  testWidening<F16, double>();
}

TEST(Cast, BetweenSmall) {
  std::vector<Bf16> ones = {{0x3f80}, {0x7f7f}, {0xff80}, {0x8000}};
  std::vector<F16> halves = apply<F16>("cast", ones);
  const uint16_t want[] = {0x3c00, 0x7c00, 0xfc00, 0x8000};
  for (size_t i = 0; i < halves.size(); ++i)
    EXPECT_EQ(halves[i].bits, want[i]);
  EXPECT_EQ(apply<Bf16>("cast", std::vector<F16>{{0x0001}})[0].bits, 0x3380); // 2^-24
}

TEST(Cast, F64ToF32) {
  std::vector<double> xs = grid<double>();
  std::vector<float> ys = apply<float>("cast", xs);
  for (size_t i = 0; i < xs.size(); ++i)
    ASSERT_EQ(ulps(ys[i], static_cast<float>(xs[i])), 0) << xs[i];
}

/// Truncated, saturated; NaN gives 0.
template <typename R, typename T> void testTruncation() {
  using limits = std::numeric_limits<R>;
  std::vector<T> xs = grid<T>();
  const double edge = std::ldexp(1.0, limits::digits);
  for (double x : {edge, edge - 1, edge - 0.5, edge + 1, 2 * edge, 0.9, 1.9, 2.5})
    for (T near : {T(x), std::nextafter(T(x), T(0))}) {
      xs.push_back(near);
      xs.push_back(-near);
    }
  xs.push_back(T(-edge - 0.5));
  std::vector<R> ys = apply<R>("cast", xs);
  for (size_t i = 0; i < xs.size(); ++i) {
    long double x = std::trunc(static_cast<long double>(xs[i]));
    R want = std::isnan(x) ? 0 : x >= edge ? limits::max() : x < -edge ? limits::min() : static_cast<R>(x);
    ASSERT_EQ(ys[i], want) << nameOf<T>() << " " << xs[i] << " to " << nameOf<R>();
  }
}

TEST(Cast, RealToInteger) {
  testTruncation<int32_t, float>();
  testTruncation<int32_t, double>();
  testTruncation<int64_t, float>();
  testTruncation<int64_t, double>();
  EXPECT_EQ(apply<int64_t>("cast", std::vector<F16>{{0x7c00}, {0xc100}, {0x7e00}}),
            (std::vector<int64_t>{std::numeric_limits<int64_t>::max(), -2, 0}));
}

TEST(Cast, IntegerToReal) {
  std::vector<int64_t> xs = {0, 1, -1, 16777217, 16777219, -9007199254740993, 65519, 65520, -65520, 257, 259,
                             std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  std::vector<float> singles = apply<float>("cast", xs);
  std::vector<double> doubles = apply<double>("cast", xs);
  std::vector<Bf16> brains = apply<Bf16>("cast", xs);
  std::vector<F16> halves = apply<F16>("cast", xs);
  for (size_t i = 0; i < xs.size(); ++i) {
    EXPECT_EQ(singles[i], static_cast<float>(xs[i])) << xs[i];
    EXPECT_EQ(doubles[i], static_cast<double>(xs[i])) << xs[i];
    EXPECT_EQ(brains[i].bits, kBf16.round(static_cast<double>(xs[i]))) << xs[i];
    EXPECT_EQ(halves[i].bits, kF16.round(static_cast<double>(xs[i]))) << xs[i];
  }
}

/// 2^8 + 1 and 2^-53 of it: halfway in bf16 but for a bit that f64 does not hold.
TEST(Cast, WideIntegerToBf16RoundsOnce) {
  std::vector<int64_t> xs = {(int64_t(257) << 54) + 1, (int64_t(257) << 54) - 1, int64_t(257) << 54};
  std::vector<Bf16> ys = apply<Bf16>("cast", xs);
  EXPECT_EQ(ys[0].bits, kBf16.round(std::ldexp(258, 54)));
  EXPECT_EQ(ys[1].bits, kBf16.round(std::ldexp(256, 54)));
  EXPECT_EQ(ys[2].bits, kBf16.round(std::ldexp(256, 54)));
}

TEST(Cast, BetweenIntegers) {
  EXPECT_EQ(apply<int32_t>("cast", std::vector<int64_t>{1, -1, (int64_t(1) << 32) + 5}),
            (std::vector<int32_t>{1, -1, 5}));
  EXPECT_EQ(apply<int64_t>("cast", std::vector<int32_t>{1, -1}), (std::vector<int64_t>{1, -1}));
  EXPECT_EQ(apply<int64_t>("cast", std::vector<uint8_t>{0, 1}), (std::vector<int64_t>{0, 1}));
}

TEST(Cast, ToAndFromBool) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(apply<uint8_t>("cast", std::vector<double>{0, -0.0, 0.5, tiny, nan}),
            (std::vector<uint8_t>{0, 0, 1, 1, 1}));
  EXPECT_EQ(apply<uint8_t>("cast", std::vector<int64_t>{0, 2, -1}), (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ(apply<uint8_t>("cast", std::vector<Bf16>{{0x8000}, {0x0001}}), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(apply<uint8_t>("cast", std::vector<std::complex<float>>{{0, 0}, {0, 1}, {1, 0}}),
            (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ(apply<float>("cast", std::vector<uint8_t>{0, 1}), (std::vector<float>{0, 1}));
  EXPECT_EQ(apply<Bf16>("cast", std::vector<uint8_t>{1})[0].bits, 0x3f80);
}

TEST(Cast, ToComplex) {
  using C = std::complex<double>;
  EXPECT_EQ(apply<C>("cast", std::vector<int64_t>{-3}), (std::vector<C>{{-3, 0}}));
  EXPECT_EQ(apply<C>("cast", std::vector<F16>{{0x3c00}}), (std::vector<C>{{1, 0}}));
  EXPECT_EQ(apply<C>("cast", std::vector<std::complex<float>>{{1, -2}}), (std::vector<C>{{1, -2}}));
  EXPECT_EQ(apply<std::complex<float>>("cast", std::vector<C>{{1e300, 0.1}}),
            (std::vector<std::complex<float>>{{std::numeric_limits<float>::infinity(), 0.1f}}));
}

} // namespace
