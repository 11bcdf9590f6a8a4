//===- RealTest.cpp - functions of f32 and f64 against long double ----------===//
#include "Close.h"
#include "Functions.h"

#include <numbers>

namespace {

using Wide = long double;

Wide sigmoid(Wide x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
Wide cubic(Wide x) { return std::sqrt(2 / std::numbers::pi_v<Wide>) * (x + 0.044715L * x * x * x); }

struct Unary {
  const char *name;
  Wide (*reference)(Wide);
  Wide (*limit)(Wide x);
};

const Unary kUnary[] = {
    {"neg", [](Wide x) { return -x; }, [](Wide) -> Wide { return 0; }},
    {"abs", [](Wide x) { return std::abs(x); }, [](Wide) -> Wide { return 0; }},
    {"sign", [](Wide x) { return x > 0 ? 1 : x < 0 ? -1 : x; }, [](Wide) -> Wide { return 0; }},
    {"floor", [](Wide x) { return std::floor(x); }, [](Wide) -> Wide { return 0; }},
    {"ceil", [](Wide x) { return std::ceil(x); }, [](Wide) -> Wide { return 0; }},
    {"relu", [](Wide x) { return x > 0 ? x : std::isnan(x) ? x : 0; }, [](Wide) -> Wide { return 0; }},
    {"exp", [](Wide x) { return std::exp(x); }, [](Wide) -> Wide { return 1; }},
    {"expm1", [](Wide x) { return std::expm1(x); }, [](Wide) -> Wide { return 1.5; }},
    {"log", [](Wide x) { return std::log(x); }, [](Wide) -> Wide { return 1; }},
    {"log1p", [](Wide x) { return std::log1p(x); }, [](Wide) -> Wide { return 1.5; }},
    {"sqrt", [](Wide x) { return std::sqrt(x); }, [](Wide) -> Wide { return 0.5; }},
    {"rsqrt", [](Wide x) { return 1 / std::sqrt(x); }, [](Wide) -> Wide { return 1.5; }},
    {"sin", [](Wide x) { return std::sin(x); }, [](Wide) -> Wide { return 1; }},
    {"cos", [](Wide x) { return std::cos(x); }, [](Wide) -> Wide { return 1; }},
    {"tanh", [](Wide x) { return std::tanh(x); }, [](Wide) -> Wide { return 2.5; }},
    {"sigmoid", sigmoid, [](Wide) -> Wide { return 4; }},
    {"softplus", [](Wide x) { return std::max(x, 0.0L) + (x != x ? x : std::log1p(std::exp(-std::abs(x)))); },
     [](Wide) -> Wide { return 4; }},
    {"elu", [](Wide x) { return x > 0 ? x : std::expm1(x); }, [](Wide) -> Wide { return 1.5; }},
    // The error of a subnormal sigmoid counts x times.
    {"silu", [](Wide x) { return x * sigmoid(x); }, [](Wide x) -> Wide { return x < -87 && x > -800 ? 5 - x / 2 : 5; }},
    // An error in the argument of erfc counts x^2 times.
    {"gelu", [](Wide x) { return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<Wide>); },
     [](Wide x) -> Wide { return x < 0 && x > -40 ? 6 + 2 * x * x : 6; }},
    {"gelu_tanh", [](Wide x) { return x * sigmoid(2 * cubic(x)); },
     [](Wide x) -> Wide { return x < 0 && x > -30 ? 6 + 8 * std::abs(cubic(x)) : 6; }},
};

template <typename T> void testUnary() {
  std::vector<T> xs = grid<T>();
  for (const Unary &fn : kUnary) {
    std::vector<T> ys = apply<T>(fn.name, xs);
    for (size_t i = 0; i < xs.size(); ++i) {
      Wide x = xs[i], want = fn.reference(x);
      ASSERT_LE(ulps(ys[i], want), fn.limit(x)) << fn.name << "(" << x << ") = " << ys[i] << ", not " << want;
    }
  }
}

TEST(Real, UnaryF32) { testUnary<float>(); }
TEST(Real, UnaryF64) { testUnary<double>(); }

TEST(Real, SignsOfZero) {
  std::vector<double> zero = {-0.0};
  for (const char *odd : {"floor", "ceil", "expm1", "log1p", "sqrt", "sin", "tanh", "elu", "silu", "gelu", "gelu_tanh"})
    EXPECT_TRUE(std::signbit(apply<double>(odd, zero)[0])) << odd;
  EXPECT_FALSE(std::signbit(apply<double>("neg", zero)[0]));
  EXPECT_FALSE(std::signbit(apply<double>("abs", zero)[0]));
}

struct Binary {
  const char *name;
  Wide (*reference)(Wide, Wide);
  Wide limit;
};

const Binary kBinary[] = {
    {"add", [](Wide x, Wide y) { return x + y; }, 0.5001},
    {"sub", [](Wide x, Wide y) { return x - y; }, 0.5001},
    {"mul", [](Wide x, Wide y) { return x * y; }, 0.5001},
    {"div", [](Wide x, Wide y) { return x / y; }, 0.5001},
    {"pow", [](Wide x, Wide y) { return std::pow(x, y); }, 1},
    {"min", [](Wide x, Wide y) { return x != x || y != y ? x + y : std::min(x, y); }, 0},
    {"max", [](Wide x, Wide y) { return x != x || y != y ? x + y : std::max(x, y); }, 0},
};

template <typename T> std::pair<std::vector<T>, std::vector<T>> pairs() {
  std::pair<std::vector<T>, std::vector<T>> result;
  std::vector<T> all = grid<T>();
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i % 7; j < all.size(); j += i < 51 ? 1 : 7) {
      result.first.push_back(all[i]);
      result.second.push_back(all[j]);
    }
  return result;
}

template <typename T> void testBinary() {
  auto [xs, ys] = pairs<T>();
  for (const Binary &fn : kBinary) {
    std::vector<T> zs = apply<T>(fn.name, xs, ys);
    for (size_t i = 0; i < xs.size(); ++i) {
      Wide want = fn.reference(xs[i], ys[i]);
      ASSERT_LE(ulps(zs[i], want), fn.limit)
          << fn.name << "(" << xs[i] << ", " << ys[i] << ") = " << zs[i] << ", not " << want;
    }
  }
  // These are what they are written as, rounded at every step.
  std::vector<T> quotients = apply<T>("floordiv", xs, ys), rests = apply<T>("mod", xs, ys);
  for (size_t i = 0; i < xs.size(); ++i) {
    volatile T quotient = std::floor(xs[i] / ys[i]), product = ys[i] * quotient, rest = xs[i] - product;
    ASSERT_EQ(ulps<T>(quotients[i], quotient), 0) << "floordiv(" << xs[i] << ", " << ys[i] << ")";
    ASSERT_EQ(ulps<T>(rests[i], rest), 0) << "mod(" << xs[i] << ", " << ys[i] << ")";
  }
}

TEST(Real, BinaryF32) { testBinary<float>(); }
TEST(Real, BinaryF64) { testBinary<double>(); }

template <typename T> void testComparisons() {
  auto [xs, ys] = pairs<T>();
  struct {
    const char *name;
    bool (*reference)(T, T);
  } fns[] = {{"lt", [](T x, T y) { return x < y; }},  {"le", [](T x, T y) { return x <= y; }},
             {"gt", [](T x, T y) { return x > y; }},  {"ge", [](T x, T y) { return x >= y; }},
             {"eq", [](T x, T y) { return x == y; }}, {"ne", [](T x, T y) { return x != y; }}};
  for (auto &fn : fns) {
    std::vector<uint8_t> zs = apply<uint8_t>(fn.name, xs, ys);
    for (size_t i = 0; i < xs.size(); ++i)
      ASSERT_EQ(zs[i], fn.reference(xs[i], ys[i])) << xs[i] << " " << fn.name << " " << ys[i];
  }
}

TEST(Real, Comparisons) {
  testComparisons<float>();
  testComparisons<double>();
}

} // namespace
