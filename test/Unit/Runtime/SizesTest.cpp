// Shapes and costs asked for before a call, and the arithmetic of sizes.
#include "Fixture.h"

#include "core/Description.h"
#include "core/Error.h"
#include "core/Solve.h"

#include <nlohmann/json.hpp>

using namespace ssm::test;
using namespace ssm::rt;

TEST_F(Runtime, ResultShape) {
  Buffer u("u", nullptr, SSM_F32, {2, 3}), w("w", nullptr, SSM_F32, {3});
  ssm_buffer in[2] = {u.get(), w.get()};
  ssm_shape shape;
  ASSERT_EQ(ssm_result_shape(artifact, "forward", in, 2, nullptr, "x", &shape, &error), SSM_OK) << error.message;
  EXPECT_EQ(shape.dtype, SSM_C64);
  ASSERT_EQ(shape.rank, 2);
  EXPECT_EQ(shape.sizes[0], 2);
  EXPECT_EQ(shape.sizes[1], 4);
  EXPECT_EQ(ssm_result_shape(artifact, "forward", in, 1, nullptr, "x", &shape, &error), SSM_ERROR_ARGUMENT);
  EXPECT_EQ(ssm_result_shape(artifact, "forward", in, 2, nullptr, "y", &shape, &error), SSM_ERROR_ARGUMENT);
  EXPECT_EQ(ssm_result_shape(artifact, "forward", in, 2, nullptr, "x", nullptr, &error), SSM_ERROR_USE);
}

TEST_F(Runtime, ArgumentShapeFromWhatIsKnown) {
  ssm_size size = {"L", 9};
  ssm_options options = {};
  options.sizes = &size;
  options.size_count = 1;
  ssm_shape shape;
  ASSERT_EQ(ssm_argument_shape(artifact, "forward", nullptr, 0, &options, "w", &shape, &error), SSM_OK);
  EXPECT_EQ(shape.sizes[0], 9);
  EXPECT_EQ(ssm_argument_shape(artifact, "forward", nullptr, 0, &options, "x", &shape, &error), SSM_ERROR_SIZE);
  EXPECT_STREQ(error.message, "forward: the size of dimension B, which state 'x' has, is not known: no argument that is "
                              "given has it; give it by name (dims B=...)");
}

TEST_F(Runtime, Cost) {
  Buffer u("u", nullptr, SSM_F32, {2, 3}), w("w", nullptr, SSM_F32, {3});
  ssm_buffer in[2] = {u.get(), w.get()};
  ssm_cost cost;
  ASSERT_EQ(ssm_call_cost(artifact, "forward", in, 2, nullptr, &cost, &error), SSM_OK);
  EXPECT_EQ(cost.bytes, 24 + 12 + 64 + 24 + 64);
  EXPECT_EQ(cost.flops, 12);
}

TEST(Types, NamesAndSizes) {
  EXPECT_STREQ(ssm_dtype_name(SSM_BF16), "bf16");
  EXPECT_EQ(ssm_dtype_name(9), nullptr);
  EXPECT_EQ(ssm_dtype_size(SSM_C128), 16);
  EXPECT_EQ(ssm_dtype_size(-1), 0);
  EXPECT_STREQ(ssm_role_name(SSM_PARAM), "param");
}

/// The runtime's own sources, to test what the C API shows only through artifacts.
static std::string value(const char *json, int64_t a = 6, int64_t b = 4) {
  std::vector<Dim> dims(2);
  dims[0].name = "A";
  dims[1].name = "B";
  try {
    auto e = parseExpression(nlohmann::json::parse(json), dims);
    int64_t exact = evaluate(e, dims, [&](int32_t i) { return i ? b : a; });
    double near = evaluateApproximately(e, [&](int32_t i) { return static_cast<double>(i ? b : a); });
    EXPECT_EQ(static_cast<double>(exact), near) << json;
    return toText(e, dims) + ": " + std::to_string(exact);
  } catch (const Error &error) {
    return error.message;
  }
}

TEST(Sizes, Arithmetic) {
  EXPECT_EQ(value("7"), "7: 7");
  EXPECT_EQ(value(R"(["add", "A", ["mul", 2, "B"], 1])"), "A + 2 * B + 1: 15");
  EXPECT_EQ(value(R"(["mul", ["sub", "A", 1], ["sub", "B", 1]])"), "(A - 1) * (B - 1): 15");
  EXPECT_EQ(value(R"(["sub", "A", ["sub", "B", 1]])"), "A - (B - 1): 3");
  EXPECT_EQ(value(R"(["floordiv", -7, 2])"), "div(-7, 2): -4");
  EXPECT_EQ(value(R"(["ceildiv", "A", "B"])"), "ceildiv(A, B): 2");
  EXPECT_EQ(value(R"(["mod", -7, 4])"), "mod(-7, 4): 1");
  EXPECT_EQ(value(R"(["min", "A", "B", 5])"), "min(A, B, 5): 4");
  EXPECT_EQ(value(R"(["max", "A", "B", 5])"), "max(A, B, 5): 6");
  EXPECT_EQ(value(R"(["div", "A", 3])"), "A / 3: 2");
  EXPECT_EQ(value(R"(["log2", 32])"), "log2(32): 5");
  EXPECT_EQ(value(R"(["log2ceil", 33])"), "log2ceil(33): 6");
  EXPECT_EQ(value(R"(["log2ceil", 0])"), "log2ceil(0): 0");
  EXPECT_EQ(value(R"(["pow2", "B"])"), "2 ** B: 16");
  EXPECT_EQ(value(R"(["pow2part", 48])"), "pow2part(48): 16");
  EXPECT_EQ(value(R"(["pow2part", 0])"), "pow2part(0): 1");
  EXPECT_EQ(value(R"(["gcd", "A", "B"])"), "gcd(A, B): 2");
}

TEST(Sizes, WhatDoesNotWorkOut) {
  EXPECT_EQ(value(R"(["div", "A", "B"])"), "A = 6 is not a multiple of B = 4");
  EXPECT_EQ(value(R"(["div", ["add", "A", 1], 3])"), "A + 1 = 7 is not a multiple of 3");
  EXPECT_EQ(value(R"(["log2", "A"])"), "A = 6 is not a power of two");
  EXPECT_EQ(value(R"(["mod", "A", 0])"), "mod(A, 0) divides by zero");
  EXPECT_EQ(value(R"(["mul", "A", "B"])", INT64_MAX), "the size A * B is too large");
  EXPECT_EQ(value(R"(["add", "A", 1])", INT64_MAX), "the size A + 1 is too large");
  EXPECT_EQ(value(R"(["pow2", 63])"), "the size 2 ** 63 is too large");
  EXPECT_EQ(value(R"(["div", ["add", "A", 1]])"), "'div' has 1 operands");
  EXPECT_EQ(value(R"(["add", "Q", 1])"), "an expression names 'Q', which is no dimension");
  EXPECT_EQ(value("1.5"), "an expression is neither a number, a name nor a list");
}

/// What A must be, B being known, for each expression in turn to come to its value; -1 where that is not said.
static int64_t solved(std::vector<std::pair<const char *, int64_t>> given, int64_t b) {
  std::vector<Dim> dims(2);
  dims[0].name = "A";
  dims[1].name = "B";
  Solver solver(dims, [&](int32_t i) { return i ? std::optional(b) : std::nullopt; });
  for (auto [json, value] : given)
    if (auto found = solver.solve(parseExpression(nlohmann::json::parse(json), dims), value)) {
      EXPECT_EQ(found->first, 0) << json;
      return found->second;
    }
  return -1;
}

TEST(Sizes, TurnedRound) {
  EXPECT_EQ(solved({{R"(["div", ["mul", "A", 4], "B"])", 8}}, 12), 24);
  EXPECT_EQ(solved({{R"(["sub", ["add", "A", "B"], 1])", 8}}, 3), 6);
  EXPECT_EQ(solved({{R"(["sub", "B", "A"])", 2}}, 7), 5);
  EXPECT_EQ(solved({{R"(["div", "B", "A"])", 3}}, 12), 4);
  EXPECT_EQ(solved({{R"(["log2", "A"])", 5}}, 0), 32);
  EXPECT_EQ(solved({{R"(["pow2", "A"])", 8}}, 0), 3);
  // Neither says it alone: the one what the divisor is, the other what it divides.
  const char *divisor = R"(["gcd", "A", "B"])", *quotient = R"(["div", "A", ["gcd", "A", "B"]])";
  EXPECT_EQ(solved({{divisor, 4}, {quotient, 3}}, 8), 12);
}

TEST(Sizes, NotTurnedRound) {
  EXPECT_EQ(solved({{R"(["mul", "A", 3])", 8}}, 0), -1);                    // no multiple
  EXPECT_EQ(solved({{R"(["mul", "A", "B"])", 0}}, 0), -1);                  // any would do
  EXPECT_EQ(solved({{R"(["floordiv", "A", 2])", 3}}, 0), -1);               // 6 or 7
  EXPECT_EQ(solved({{R"(["mul", "A", "A"])", 9}}, 0), -1);
  EXPECT_EQ(solved({{R"(["pow2", "A"])", 6}}, 0), -1);
  EXPECT_EQ(solved({{R"(["log2", "A"])", 63}}, 0), -1);
  EXPECT_EQ(solved({{R"(["div", "A", "B"])", INT64_MAX}}, 2), -1);          // too large
  EXPECT_EQ(solved({{"4", 4}, {R"(["add", "B", 1])", 9}}, 8), -1);          // nothing open in it
}
