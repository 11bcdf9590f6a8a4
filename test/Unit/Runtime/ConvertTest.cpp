// Conversion of what files hold to what artifacts take: rounded once, to nearest even; what does not fit
// is refused.
#include "Files.h"

#include <cmath>
#include <complex>
#include <limits>

using namespace ssm;
using namespace ssm::test;
using io::Element;

template <typename To, typename From> static std::vector<To> converted(Element element, std::vector<From> in, ssm_dtype to) {
  io::Array array{element, {static_cast<int64_t>(in.size())}, {}};
  array.data.resize(in.size() * sizeof(From));
  std::memcpy(array.data.data(), in.data(), array.data.size());
  std::vector<char> out = io::convert(array, to, "a.npy");
  std::vector<To> result(out.size() / sizeof(To));
  std::memcpy(result.data(), out.data(), out.size());
  return result;
}

template <typename From> static std::string refused(Element element, std::vector<From> in, ssm_dtype to) {
  try {
    converted<char>(element, in, to);
  } catch (const io::FileError &error) {
    return error.what();
  }
  return "";
}

TEST(Convert, Floats) {
  EXPECT_EQ((converted<float, double>(Element::F64, {0.1, 1e300, -0.0}, SSM_F32)), (std::vector<float>{0.1f, HUGE_VALF, -0.0f}));
  EXPECT_EQ((converted<double, uint16_t>(Element::F16, {0x3c00, 0x0001, 0xfc00, 0x7bff}, SSM_F64)),
            (std::vector<double>{1, 0x1p-24, -HUGE_VAL, 65504}));
  EXPECT_EQ((converted<float, uint16_t>(Element::BF16, {0x3fc0, 0x0001}, SSM_F32)), (std::vector<float>{1.5f, 0x1p-133f}));
}

TEST(Convert, BF16RoundsOnce) {
  // 1 + 2^-8 is half way between 1 and 1 + 2^-7: to even. A little above it must go up, even where float
  // would first round the little away.
  EXPECT_EQ((converted<uint16_t, double>(Element::F64, {1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-40, 1 + 3 * 0x1p-8, 3.4e38, -3.5e38, 0x1p-134, 0x1.8p-133}, SSM_BF16)),
            (std::vector<uint16_t>{0x3f80, 0x3f81, 0x3f82, 0x7f80, 0xff80, 0x0000, 0x0002}));
  EXPECT_EQ((converted<uint16_t, double>(Element::F64, {std::nan(""), HUGE_VAL, -0.0}, SSM_BF16)),
            (std::vector<uint16_t>{0x7fc0, 0x7f80, 0x8000}));
  // 2^62 + 2^54 + 1: above half way by the last bit of 63.
  EXPECT_EQ((converted<uint16_t, int64_t>(Element::I64, {(int64_t(1) << 62) + (int64_t(1) << 54), (int64_t(1) << 62) + (int64_t(1) << 54) + 1}, SSM_BF16)),
            (std::vector<uint16_t>{0x5e80, 0x5e81}));
}

TEST(Convert, F16RoundsOnce) {
  EXPECT_EQ((converted<uint16_t, double>(Element::F64, {1, 1 + 0x1p-11, 1 + 0x1p-11 + 0x1p-50, 65504, 65519.99, 65520, -0.0, 0x1p-24, 0x1p-25, 0x1.8p-24, 0x1p-14, 0x1.ffcp-15, 0.333251953125}, SSM_F16)),
            (std::vector<uint16_t>{0x3c00, 0x3c00, 0x3c01, 0x7bff, 0x7bff, 0x7c00, 0x8000, 0x0001, 0x0000, 0x0002, 0x0400, 0x0400, 0x3555}));
}

TEST(Convert, Every16BitPatternSurvives) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    auto pattern = static_cast<uint16_t>(bits);
    double half = converted<double, uint16_t>(Element::F16, {pattern}, SSM_F64)[0];
    if (!std::isnan(half))
      ASSERT_EQ((converted<uint16_t, double>(Element::F64, {half}, SSM_F16)[0]), pattern);
    double brain = converted<double, uint16_t>(Element::BF16, {pattern}, SSM_F64)[0];
    if (!std::isnan(brain))
      ASSERT_EQ((converted<uint16_t, double>(Element::F64, {brain}, SSM_BF16)[0]), pattern);
  }
}

TEST(Convert, WholeNumbers) {
  EXPECT_EQ((converted<int32_t, int64_t>(Element::I64, {-5, INT32_MAX}, SSM_I32)), (std::vector<int32_t>{-5, INT32_MAX}));
  EXPECT_EQ((converted<int64_t, uint8_t>(Element::U8, {200}, SSM_I64)), (std::vector<int64_t>{200}));
  EXPECT_EQ((converted<float, int64_t>(Element::I64, {16777217}, SSM_F32)), (std::vector<float>{16777216}));
  EXPECT_EQ((converted<double, uint64_t>(Element::U64, {~0ull}, SSM_F64)), (std::vector<double>{0x1p64}));
  EXPECT_EQ((converted<uint8_t, uint8_t>(Element::Bool, {0, 1, 255}, SSM_BOOL)), (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ((converted<uint8_t, int64_t>(Element::I64, {0, 1}, SSM_BOOL)), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(refused<int64_t>(Element::I64, {1, 3000000000}, SSM_I32), "a.npy: the value 3000000000 does not fit i32");
  EXPECT_EQ(refused<uint64_t>(Element::U64, {~0ull}, SSM_I64), "a.npy: the value 18446744073709551615 does not fit i64");
  EXPECT_EQ(refused<int32_t>(Element::I32, {2}, SSM_BOOL), "a.npy: the value 2 is neither 0 nor 1 (bool)");
  EXPECT_EQ(refused<float>(Element::F32, {2}, SSM_I64), "a.npy: it holds f32, expected whole numbers (i64)");
}

TEST(Convert, Complex) {
  EXPECT_EQ((converted<float, double>(Element::C128, {1, 2, 3, 4}, SSM_C64)), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ((converted<double, float>(Element::F32, {1, 2}, SSM_C128)), (std::vector<double>{1, 0, 2, 0}));
  EXPECT_EQ((converted<float, int32_t>(Element::I32, {3}, SSM_C64)), (std::vector<float>{3, 0}));
  EXPECT_EQ(refused<float>(Element::C64, {1, 2}, SSM_F32), "a.npy: it holds complex numbers (c64), expected f32");
}
