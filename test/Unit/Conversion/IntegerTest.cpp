//===- IntegerTest.cpp - functions of i64 and i1 ----------------------------===//
#include "Functions.h"

#include "gtest/gtest.h"

#include <limits>
#include <random>

namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();

/// Arithmetic is that of 128 bits, wrapped to 64.
using Wide = __int128;
int64_t wrap(Wide x) { return static_cast<int64_t>(x); }

int64_t floorDiv(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  Wide quotient = Wide(a) / b, rest = Wide(a) % b;
  return wrap(quotient - (rest != 0 && (rest < 0) != (b < 0)));
}
int64_t floorMod(int64_t a, int64_t b) { return b == 0 ? 0 : wrap(a - Wide(b) * floorDiv(a, b)); }

int64_t power(int64_t a, int64_t b) {
  uint64_t base = a, result = 1;
  for (uint64_t left = b < 0 ? 0 : b; left; left >>= 1, base *= base)
    result *= left & 1 ? base : 1;
  return static_cast<int64_t>(result);
}

struct Pairs {
  std::vector<int64_t> x, y;
  Pairs() {
    std::vector<int64_t> all = {0, 1, -1, 2, -2, 3, -3, 7, -7, 10, -10, 63, 64, kLeast, kLeast + 1, kMost, kMost - 1};
    std::mt19937_64 random(1);
    for (int i = 0; i < 40; ++i)
      all.push_back(static_cast<int64_t>(random()) >> (i % 60));
    for (int64_t a : all)
      for (int64_t b : all) {
        x.push_back(a);
        y.push_back(b);
      }
  }
};

TEST(Integer, Binary) {
  struct {
    const char *name;
    int64_t (*reference)(int64_t, int64_t);
  } fns[] = {{"add", [](int64_t a, int64_t b) { return wrap(Wide(a) + b); }},
             {"sub", [](int64_t a, int64_t b) { return wrap(Wide(a) - b); }},
             {"mul", [](int64_t a, int64_t b) { return wrap(Wide(a) * b); }},
             {"min", [](int64_t a, int64_t b) { return std::min(a, b); }},
             {"max", [](int64_t a, int64_t b) { return std::max(a, b); }},
             {"floordiv", floorDiv},
             {"mod", floorMod},
             {"pow", power}};
  Pairs p;
  for (auto &fn : fns) {
    std::vector<int64_t> z = apply<int64_t>(fn.name, p.x, p.y);
    for (size_t i = 0; i < z.size(); ++i)
      ASSERT_EQ(z[i], fn.reference(p.x[i], p.y[i])) << fn.name << "(" << p.x[i] << ", " << p.y[i] << ")";
  }
}

TEST(Integer, FloorSemantics) {
  std::vector<int64_t> a = {7, -7, 7, -7, 7, kLeast, kLeast}, b = {2, 2, -2, -2, 0, -1, 0};
  EXPECT_EQ(apply<int64_t>("floordiv", a, b), (std::vector<int64_t>{3, -4, -4, 3, 0, kLeast, 0}));
  EXPECT_EQ(apply<int64_t>("mod", a, b), (std::vector<int64_t>{1, 1, -1, -1, 0, 0, 0}));
}

TEST(Integer, Unary) {
  std::vector<int64_t> x = {0, 5, -5, kMost, kLeast};
  EXPECT_EQ(apply<int64_t>("neg", x), (std::vector<int64_t>{0, -5, 5, -kMost, kLeast}));
  EXPECT_EQ(apply<int64_t>("abs", x), (std::vector<int64_t>{0, 5, 5, kMost, kLeast}));
  EXPECT_EQ(apply<int64_t>("sign", x), (std::vector<int64_t>{0, 1, -1, 1, -1}));
  EXPECT_EQ(apply<int64_t>("relu", x), (std::vector<int64_t>{0, 5, 0, kMost, 0}));
}

TEST(Integer, Comparisons) {
  Pairs p;
  struct {
    const char *name;
    bool (*reference)(int64_t, int64_t);
  } fns[] = {{"lt", [](int64_t a, int64_t b) { return a < b; }},  {"le", [](int64_t a, int64_t b) { return a <= b; }},
             {"gt", [](int64_t a, int64_t b) { return a > b; }},  {"ge", [](int64_t a, int64_t b) { return a >= b; }},
             {"eq", [](int64_t a, int64_t b) { return a == b; }}, {"ne", [](int64_t a, int64_t b) { return a != b; }}};
  for (auto &fn : fns) {
    std::vector<uint8_t> z = apply<uint8_t>(fn.name, p.x, p.y);
    for (size_t i = 0; i < z.size(); ++i)
      ASSERT_EQ(z[i], fn.reference(p.x[i], p.y[i])) << p.x[i] << " " << fn.name << " " << p.y[i];
  }
}

TEST(Bool, Tables) {
  std::vector<uint8_t> x = {0, 0, 1, 1}, y = {0, 1, 0, 1};
  EXPECT_EQ(apply<uint8_t>("and", x, y), (std::vector<uint8_t>{0, 0, 0, 1}));
  EXPECT_EQ(apply<uint8_t>("or", x, y), (std::vector<uint8_t>{0, 1, 1, 1}));
  EXPECT_EQ(apply<uint8_t>("not", x), (std::vector<uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(apply<uint8_t>("eq", x, y), (std::vector<uint8_t>{1, 0, 0, 1}));
  EXPECT_EQ(apply<uint8_t>("ne", x, y), (std::vector<uint8_t>{0, 1, 1, 0}));
}

TEST(Bool, AnyByteButZeroIsTrue) {
  std::vector<uint8_t> x = {0, 1, 2, 128, 255};
  EXPECT_EQ(apply<uint8_t>("not", x), (std::vector<uint8_t>{1, 0, 0, 0, 0}));
}

TEST(Bool, Select) {
  using C = std::complex<double>;
  std::vector<uint8_t> c = {1, 0};
  EXPECT_EQ(apply<int64_t>("select", c, std::vector<int64_t>{1, 2}, std::vector<int64_t>{3, 4}),
            (std::vector<int64_t>{1, 4}));
  EXPECT_EQ(apply<float>("select", c, std::vector<float>{1, 2}, std::vector<float>{3, 4}), (std::vector<float>{1, 4}));
  EXPECT_EQ(apply<uint8_t>("select", c, std::vector<uint8_t>{0, 0}, std::vector<uint8_t>{1, 1}),
            (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(apply<C>("select", c, std::vector<C>{{1, 2}, {0, 0}}, std::vector<C>{{0, 0}, {3, 4}}),
            (std::vector<C>{{1, 2}, {3, 4}}));
}

} // namespace
