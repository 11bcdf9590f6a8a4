//===- Functions.h - compiled pointwise functions, to call ------------------===//
//
// Every function of `ssm.map` on every element type that it takes, compiled by ssmc
// to one artifact:
//
//   std::vector<float> y = apply<float>("exp", x);                   // f32
//   std::vector<uint8_t> z = apply<uint8_t>("lt", x, y);             // bools take a byte
//   std::vector<Bf16> r = apply<Bf16>("cast", x);
//
//===----------------------------------------------------------------------===//
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

struct Bf16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

template <typename T> constexpr const char *nameOf();
template <> constexpr const char *nameOf<uint8_t>() { return "i1"; }
template <> constexpr const char *nameOf<int32_t>() { return "i32"; }
template <> constexpr const char *nameOf<int64_t>() { return "i64"; }
template <> constexpr const char *nameOf<Bf16>() { return "bf16"; }
template <> constexpr const char *nameOf<F16>() { return "f16"; }
template <> constexpr const char *nameOf<float>() { return "f32"; }
template <> constexpr const char *nameOf<double>() { return "f64"; }
template <> constexpr const char *nameOf<std::complex<float>>() { return "complex<f32>"; }
template <> constexpr const char *nameOf<std::complex<double>>() { return "complex<f64>"; }

/// "cast.f64.bf16", "lt.f32.f32.i1": a function, its operands' types, its result's.
using Kernel = int32_t (*)(void *const *buffers, const int64_t *sizes);
Kernel find(const std::string &name);

template <typename R, typename... A>
std::vector<R> apply(const std::string &fn, const std::vector<A> &...operands) {
  std::string name = fn;
  ((name += std::string(".") + nameOf<A>()), ...);
  int64_t size = 0;
  ((size = operands.size()), ...);
  std::vector<R> result(size);
  void *buffers[] = {const_cast<A *>(operands.data())..., result.data()};
  if (Kernel kernel = find(name + "." + nameOf<R>()))
    kernel(buffers, &size);
  return result;
}
