//===- ComplexTest.cpp - functions of c64 and c128 against long double ------===//
//
// Errors are those of the whole number: |got - want| in units of the last place of
// |want|. Special values follow C's Annex G where the language says nothing else.
//
//===----------------------------------------------------------------------===//
#include "Close.h"
#include "Functions.h"

namespace {

using Wide = std::complex<long double>;

Wide expm1Of(Wide z) {
  long double half = std::sin(z.imag() / 2);
  return {std::expm1(z.real()) * std::cos(z.imag()) - 2 * half * half, std::exp(z.real()) * std::sin(z.imag())};
}
Wide log1pOf(Wide z) {
  long double square = z.real() * (2 + z.real()) + z.imag() * z.imag();
  if (std::abs(square) > 0.5)
    return std::log(Wide(1 + z.real(), z.imag()));
  return {std::log1p(square) / 2, std::atan2(z.imag(), 1 + z.real())};
}
Wide sigmoidOf(Wide z) {
  return z.real() < 0 ? std::exp(z) / (Wide(1) + std::exp(z)) : Wide(1) / (Wide(1) + std::exp(-z));
}

/// How much the poles of the sigmoid magnify.
long double nearPole(Wide z) { return 1 / std::abs(Wide(1) + std::exp(z.real() < 0 ? z : -z)); }

struct Unary {
  const char *name;
  Wide (*reference)(Wide);
  long double (*limit)(Wide);
};

const Unary kUnary[] = {
    {"neg", [](Wide z) { return -z; }, [](Wide) { return 0.0L; }},
    {"conj", [](Wide z) { return std::conj(z); }, [](Wide) { return 0.0L; }},
    {"exp", [](Wide z) { return std::exp(z); }, [](Wide) { return 3.0L; }},
    {"expm1", expm1Of, [](Wide) { return 4.0L; }},
    {"log", [](Wide z) { return std::log(z); }, [](Wide) { return 3.0L; }},
    {"log1p", log1pOf, [](Wide) { return 4.0L; }},
    {"sqrt", [](Wide z) { return std::sqrt(z); }, [](Wide) { return 4.0L; }},
    {"rsqrt", [](Wide z) { return Wide(1) / std::sqrt(z); }, [](Wide) { return 8.0L; }},
    {"sin", [](Wide z) { return std::sin(z); }, [](Wide) { return 4.0L; }},
    {"cos", [](Wide z) { return std::cos(z); }, [](Wide) { return 4.0L; }},
    {"tanh", [](Wide z) { return std::tanh(z); }, [](Wide) { return 8.0L; }},
    {"sigmoid", sigmoidOf, [](Wide z) { return 8 + 4 * nearPole(z); }},
    {"silu", [](Wide z) { return z * sigmoidOf(z); }, [](Wide z) { return 10 + 4 * nearPole(z); }},
};

long double error(Wide got, Wide want, int digits, int least) {
  int exponent = std::max(want == Wide(0) ? least : std::ilogb(std::abs(want)), least);
  return std::abs(got - want) / std::ldexp(1.0L, exponent - digits + 1);
}

template <typename T> std::vector<std::complex<T>> numbers() {
  std::vector<T> parts = {0, T(1e-30), T(1e-9), T(0.1), T(0.5), 1, T(1.5), T(3.1), T(10), T(19.9), T(20.1), T(60)};
  std::mt19937 random(2);
  std::normal_distribution<double> part;
  std::vector<std::complex<T>> all;
  for (T re : parts)
    for (T im : parts)
      for (int sign = 0; sign < 4; ++sign)
        all.emplace_back(sign & 1 ? -re : re, sign & 2 ? -im : im);
  for (int i = 0; i < 1000; ++i) {
    double size = std::pow(10.0, -i % 7);
    all.emplace_back(T(part(random) * size), T(part(random) * size));
  }
  // Near the circle, where logarithms cancel.
  for (int i = 0; i < 200; ++i)
    all.push_back(std::polar(T(1), T(part(random))));
  return all;
}

template <typename T> void testUnary() {
  using Limits = std::numeric_limits<T>;
  std::vector<std::complex<T>> xs = numbers<T>();
  for (const Unary &fn : kUnary) {
    std::vector<std::complex<T>> ys = apply<std::complex<T>>(fn.name, xs);
    for (size_t i = 0; i < xs.size(); ++i) {
      Wide x = xs[i], want = fn.reference(x);
      if (!(std::abs(want) < Limits::max()))
        continue; // a pole
      ASSERT_LE(error(ys[i], want, Limits::digits, Limits::min_exponent - 1), fn.limit(x))
          << fn.name << x << " = " << ys[i] << ", not " << want;
    }
  }
}

TEST(Complex, UnaryC64) { testUnary<float>(); }
TEST(Complex, UnaryC128) { testUnary<double>(); }

struct Binary {
  const char *name;
  Wide (*reference)(Wide, Wide);
  long double (*limit)(Wide, Wide);
};

const Binary kBinary[] = {
    {"add", [](Wide a, Wide b) { return a + b; }, [](Wide, Wide) { return 1.0L; }},
    {"sub", [](Wide a, Wide b) { return a - b; }, [](Wide, Wide) { return 1.0L; }},
    {"mul", [](Wide a, Wide b) { return a * b; }, [](Wide, Wide) { return 3.0L; }},
    {"div", [](Wide a, Wide b) { return a / b; }, [](Wide, Wide) { return 6.0L; }},
    {"pow", [](Wide a, Wide b) { return std::exp(b * std::log(a)); },
     [](Wide a, Wide b) { return 6 + 6 * std::abs(b * std::log(a)); }},
};

template <typename T> void testBinary() {
  using Limits = std::numeric_limits<T>;
  std::vector<std::complex<T>> all = numbers<T>(), xs, ys;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i % 31; j < all.size(); j += 31) {
      xs.push_back(all[i]);
      ys.push_back(all[j]);
    }
  for (const Binary &fn : kBinary) {
    std::vector<std::complex<T>> zs = apply<std::complex<T>>(fn.name, xs, ys);
    for (size_t i = 0; i < xs.size(); ++i) {
      Wide x = xs[i], y = ys[i], want = fn.reference(x, y);
      if (x == Wide(0) || y == Wide(0) || !(std::abs(want) < Limits::max()))
        continue;
      ASSERT_LE(error(zs[i], want, Limits::digits, Limits::min_exponent - 1), fn.limit(x, y))
          << fn.name << "(" << x << ", " << y << ") = " << zs[i] << ", not " << want;
    }
  }
}

TEST(Complex, BinaryC64) { testBinary<float>(); }
TEST(Complex, BinaryC128) { testBinary<double>(); }

template <typename T> void testModulus() {
  std::vector<std::complex<T>> xs = numbers<T>();
  for (T x : grid<T>())
    for (T y : {T(0), T(1), x, std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()})
      xs.emplace_back(x, y);
  std::vector<T> ys = apply<T>("abs", xs);
  for (size_t i = 0; i < xs.size(); ++i) {
    long double want = std::hypot(static_cast<long double>(xs[i].real()), static_cast<long double>(xs[i].imag()));
    ASSERT_LE(ulps(ys[i], want), 2) << "abs" << xs[i];
  }
}

TEST(Complex, Modulus) {
  testModulus<float>();
  testModulus<double>();
}

TEST(Complex, Parts) {
  using C = std::complex<float>;
  std::vector<float> re = {1, -0.0f}, im = {2, 3};
  std::vector<C> z = apply<C>("complex", re, im);
  EXPECT_EQ(apply<float>("re", z), re);
  EXPECT_EQ(apply<float>("im", z), im);
  EXPECT_TRUE(std::signbit(z[1].real()));
}

TEST(Complex, Comparisons) {
  using C = std::complex<double>;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<C> x = {{1, 2}, {1, 2}, {1, 2}, {nan, 0}}, y = {{1, 2}, {1, 3}, {0, 2}, {nan, 0}};
  EXPECT_EQ(apply<uint8_t>("eq", x, y), (std::vector<uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ(apply<uint8_t>("ne", x, y), (std::vector<uint8_t>{0, 1, 1, 1}));
}

/// One value of a function of c128.
std::complex<double> at(const char *fn, std::complex<double> z) {
  return apply<std::complex<double>>(fn, std::vector<std::complex<double>>{z})[0];
}
std::complex<double> at(const char *fn, std::complex<double> z, std::complex<double> w) {
  std::vector<std::complex<double>> zs = {z}, ws = {w};
  return apply<std::complex<double>>(fn, zs, ws)[0];
}

TEST(Complex, BranchCuts) {
  using C = std::complex<double>;
  EXPECT_EQ(at("sqrt", C(-4, 0.0)), C(0, 2));
  EXPECT_EQ(at("sqrt", C(-4, -0.0)), C(0, -2));
  EXPECT_EQ(at("log", C(-1, 0.0)), C(0, M_PI));
  EXPECT_EQ(at("log", C(-1, -0.0)), C(0, -M_PI));
  EXPECT_EQ(at("log1p", C(-2, -0.0)), C(0, -M_PI));
  EXPECT_EQ(at("sqrt", C(0, 0)), C(0, 0));
}

TEST(Complex, FarFromZero) {
  using C = std::complex<double>;
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(at("exp", C(-infinity, infinity)), C(0, 0));
  EXPECT_EQ(at("exp", C(infinity, 0)), C(infinity, 0));
  EXPECT_EQ(at("expm1", C(-infinity, 1)), C(-1, 0));
  EXPECT_EQ(at("log", C(0, 0)).real(), -infinity);
  EXPECT_EQ(at("log1p", C(-1, 0)).real(), -infinity);
  EXPECT_EQ(at("tanh", C(1000, 1)), C(1, 0));
  EXPECT_EQ(at("tanh", C(-1e300, 1)), C(-1, 0));
  EXPECT_EQ(at("sigmoid", C(1000, 1)), C(1, 0));
  EXPECT_EQ(at("sigmoid", C(-1000, 1)), C(0, 0));
  EXPECT_EQ(at("silu", C(-1000, 1)), C(0, 0));
  EXPECT_EQ(at("silu", C(1000, 0)), C(1000, 0));
  EXPECT_EQ(at("sqrt", C(1e300, 0)), C(1e150, 0));
  EXPECT_EQ(at("div", C(1e300, 1e300), C(1e300, 1e300)), C(1, 0));
  EXPECT_EQ(at("div", C(1, 0), C(infinity, 0)), C(0, 0));
}

TEST(Complex, PowersOfZero) {
  using C = std::complex<double>;
  EXPECT_EQ(at("pow", C(0, 0), C(0, 0)), C(1, 0));
  EXPECT_EQ(at("pow", C(0, 0), C(2, 1)), C(0, 0));
  EXPECT_TRUE(std::isnan(at("pow", C(0, 0), C(-1, 0)).real()));
}

TEST(Complex, NanStaysNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const char *fn : {"exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "sin", "cos", "tanh", "sigmoid", "silu"})
    EXPECT_TRUE(std::isnan(at(fn, {nan, 1}).real()) || std::isnan(at(fn, {nan, 1}).imag())) << fn;
}

} // namespace
