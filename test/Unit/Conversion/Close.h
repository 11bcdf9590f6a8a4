//===- Close.h - comparison in units of the last place ----------------------===//
#pragma once

#include "gtest/gtest.h"

#include <cmath>
#include <complex>
#include <limits>
#include <random>
#include <vector>

/// |got - want| in units of the last place of `want` as a T; 0 where both are NaN,
/// or the same infinity.
template <typename T> long double ulps(T got, long double want) {
  constexpr long double infinity = std::numeric_limits<long double>::infinity();
  if (std::isnan(got) || std::isnan(want))
    return std::isnan(got) && std::isnan(want) ? 0 : infinity;
  int exponent = want == 0 ? -100000 : std::ilogb(want);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent - 1);
  long double unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1);
  // What overflows counts as the next power of two.
  const long double top = std::ldexp(1.0L, std::numeric_limits<T>::max_exponent);
  auto finite = [&](long double x) { return std::abs(x) > top ? std::copysign(top, x) : x; };
  return std::abs(finite(got) - finite(want)) / std::min(unit, std::ldexp(top, -std::numeric_limits<T>::digits));
}

/// Zeros, infinities, NaN, the smallest and the largest, and numbers of every size.
template <typename T> std::vector<T> grid() {
  using limits = std::numeric_limits<T>;
  std::vector<T> positive = {0, limits::denorm_min(), 3 * limits::denorm_min(), limits::min(), limits::epsilon(),
                             T(0.1), T(0.5), 1, 1 + limits::epsilon(), 1 - limits::epsilon() / 2, T(1.5), 2, 3,
                             T(3.14159265358979323846), 10, T(20.5), T(87.5), T(88.7), T(103.9), T(708.5), T(745),
                             T(1e6), limits::max() / 4, limits::max(), limits::infinity()};
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-37, 37), small(0, 30);
  for (int i = 0; i < 300; ++i) {
    positive.push_back(T(std::pow(10, exponent(random) * (i % 2 ? 1 : 0.1))));
    positive.push_back(T(small(random)));
  }
  std::vector<T> all = {limits::quiet_NaN()};
  for (T x : positive) {
    all.push_back(x);
    all.push_back(-x);
  }
  return all;
}
