// Conversion of arrays. See Array.h.
//
// Every real value goes through a double. Where it then goes to 16 bits it is rounded to odd on the way,
// which keeps what the last rounding has to know, so that the whole rounds once.
#include "io/Array.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace ssm::io {
namespace {

struct ElementInfo {
  const char *name;
  int64_t size;
};
constexpr ElementInfo infos[] = {{"bool", 1}, {"i8", 1},  {"i16", 2},  {"i32", 4}, {"i64", 8},
                                 {"u8", 1},   {"u16", 2}, {"u32", 4},  {"u64", 8}, {"f16", 2},
                                 {"bf16", 2}, {"f32", 4}, {"f64", 8},  {"c64", 8}, {"c128", 16}};

/// The nearest double below in magnitude, its last bit set if anything was lost.
template <typename Whole> double toOdd(Whole value) {
  auto near = static_cast<double>(value);
  if constexpr (sizeof(Whole) < 8) {
    return near;
  } else {
    // 2^63 and 2^64 themselves cannot be cast back.
    long double difference = static_cast<long double>(near) - static_cast<long double>(value);
    if (difference == 0)
      return near;
    auto bits = std::bit_cast<uint64_t>(near);
    if ((difference > 0) == (near > 0))
      --bits; // towards zero
    return std::bit_cast<double>(bits | 1);
  }
}

/// `value` with only `digits` bits of its significand at exponents from `least` on, to nearest, ties to even.
double roundTo(double value, int digits, int least) {
  if (value == 0 || !std::isfinite(value))
    return value;
  int exponent;
  std::frexp(value, &exponent);
  int unit = std::max(exponent, least) - digits;
  return std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit); // the default mode: to nearest even
}

uint16_t toBF16(double value) {
  if (std::isnan(value))
    return 0x7fc0;
  auto rounded = static_cast<float>(roundTo(value, 8, -125)); // exact, or infinite
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(rounded) >> 16);
}

uint16_t toF16(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value))
    return 0x7e00;
  double rounded = std::abs(roundTo(value, 11, -13));
  if (rounded >= 65536)
    return sign | 0x7c00;
  if (rounded < 0x1p-14)
    return sign | static_cast<uint16_t>(std::ldexp(rounded, 24));
  int exponent;
  double fraction = std::frexp(rounded, &exponent); // [0.5, 1)
  return static_cast<uint16_t>(sign | ((exponent + 14) << 10) | static_cast<int>((fraction * 2 - 1) * 1024));
}

double fromF16(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 0    ? std::ldexp(fraction, -24)
                 : exponent == 31 ? (fraction ? std::numeric_limits<double>::quiet_NaN() : HUGE_VAL)
                                  : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

template <typename T> T load(const char *data, int64_t i) {
  T value;
  std::memcpy(&value, data + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

/// Calls f(i, value) with each element in its own C++ type; 16-bit floats as double, complex apart.
template <typename F> void eachReal(const Array &a, int64_t count, F f) {
  const char *d = a.data.data();
  auto loop = [&](auto read) {
    for (int64_t i = 0; i < count; ++i)
      f(i, read(i));
  };
  switch (a.element) {
  case Element::Bool: return loop([&](int64_t i) { return static_cast<uint8_t>(load<uint8_t>(d, i) != 0); });
  case Element::I8: return loop([&](int64_t i) { return load<int8_t>(d, i); });
  case Element::I16: return loop([&](int64_t i) { return load<int16_t>(d, i); });
  case Element::I32: return loop([&](int64_t i) { return load<int32_t>(d, i); });
  case Element::I64: return loop([&](int64_t i) { return load<int64_t>(d, i); });
  case Element::U8: return loop([&](int64_t i) { return load<uint8_t>(d, i); });
  case Element::U16: return loop([&](int64_t i) { return load<uint16_t>(d, i); });
  case Element::U32: return loop([&](int64_t i) { return load<uint32_t>(d, i); });
  case Element::U64: return loop([&](int64_t i) { return load<uint64_t>(d, i); });
  case Element::F16: return loop([&](int64_t i) { return fromF16(load<uint16_t>(d, i)); });
  case Element::BF16: return loop([&](int64_t i) { return double(fromBF16(load<uint16_t>(d, i))); });
  case Element::F32: case Element::C64: return loop([&](int64_t i) { return double(load<float>(d, i)); });
  case Element::F64: case Element::C128: return loop([&](int64_t i) { return load<double>(d, i); });
  }
}

template <typename T> void store(std::vector<char> &out, int64_t i, T value) {
  std::memcpy(out.data() + i * static_cast<int64_t>(sizeof(T)), &value, sizeof(T));
}

template <typename T, typename V> T whole(V value, const std::string &what, const char *to) {
  if constexpr (std::is_integral_v<V>) {
    if (std::in_range<T>(value))
      return static_cast<T>(value);
    throw FileError(what + ": the value " + std::to_string(value) + " does not fit " + to);
  } else {
    return 0; // refused before
  }
}

} // namespace

int64_t elementSize(Element element) { return infos[static_cast<int>(element)].size; }
const char *elementName(Element element) { return infos[static_cast<int>(element)].name; }

float fromBF16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

bool byteCount(const std::vector<int64_t> &shape, int64_t elementBytes, int64_t &bytes) {
  bytes = elementBytes;
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return false;
    if (size == 0)
      empty = true;
    else if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > (int64_t(1) << 62))
      return false;
  }
  if (empty)
    bytes = 0;
  return true;
}

void swapBytes(char *data, int64_t count, int64_t numberBytes) {
  if (numberBytes > 1)
    for (int64_t i = 0; i < count; ++i)
      std::reverse(data + i * numberBytes, data + (i + 1) * numberBytes);
}

std::vector<char> convert(const Array &array, ssm_dtype to, const std::string &what) {
  bool complex = array.element == Element::C64 || array.element == Element::C128;
  bool floating = array.element >= Element::F16;
  const char *target = ssm_dtype_name(to);
  if (complex && to != SSM_C64 && to != SSM_C128)
    throw FileError(what + ": it holds complex numbers (" + elementName(array.element) + "), expected " + target);
  if (floating && (to == SSM_I32 || to == SSM_I64 || to == SSM_BOOL))
    throw FileError(what + ": it holds " + elementName(array.element) + ", expected whole numbers (" + target + ")");

  int64_t count = static_cast<int64_t>(array.data.size()) / elementSize(array.element);
  std::vector<char> out(static_cast<size_t>(count * ssm_dtype_size(to)));
  int64_t reals = complex ? 2 * count : count, step = complex || (to != SSM_C64 && to != SSM_C128) ? 1 : 2;
  eachReal(array, reals, [&](int64_t i, auto value) {
    double wide = 0;
    if constexpr (std::is_integral_v<decltype(value)>)
      wide = toOdd(value);
    else
      wide = value;
    switch (to) {
    case SSM_F64: case SSM_C128: return store(out, i * step, static_cast<double>(value));
    case SSM_F32: case SSM_C64: return store(out, i * step, static_cast<float>(value));
    case SSM_BF16: return store(out, i, toBF16(wide));
    case SSM_F16: return store(out, i, toF16(wide));
    case SSM_I32: return store(out, i, whole<int32_t>(value, what, target));
    case SSM_I64: return store(out, i, whole<int64_t>(value, what, target));
    case SSM_BOOL:
      if (value != 0 && value != 1)
        throw FileError(what + ": the value " + std::to_string(value) + " is neither 0 nor 1 (bool)");
      return store(out, i, static_cast<uint8_t>(value != 0));
    }
  });
  return out;
}

} // namespace ssm::io
