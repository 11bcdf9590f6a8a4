// Every misuse of a call is a code and a sentence that names the entry, the argument, what was expected
// and what was found.
#include "Fixture.h"

using namespace ssm::test;

namespace {

class Misuse : public Runtime {
protected:
  void expect(int32_t expectedCode, const std::string &sentence, const std::vector<Buffer> &arguments,
              const std::vector<Buffer> &results = {}, const char *entry = "forward") {
    EXPECT_EQ(call(entry, arguments, results), sentence);
    EXPECT_EQ(code, expectedCode);
  }
  float u[8] = {}, w[8] = {}, x[32] = {}, out[8] = {};
  Buffer U{"u", u, SSM_F32, {2, 3}}, W{"w", w, SSM_F32, {3}}, X{"x", x, SSM_C64, {2, 4}};
};

} // namespace

TEST_F(Misuse, NamesOfEntries) {
  expect(SSM_ERROR_ENTRY, "layer 't' has no entry 'step'; it has forward, halves, widen, refuse, spread, fourier, "
         "fourier32, convolve, convolve32, draw, pass (a layer without states cannot be stepped)", {}, {}, "step");
  EXPECT_EQ(ssm_call(artifact, nullptr, nullptr, 0, nullptr, 0, nullptr, &error), SSM_ERROR_USE);
  EXPECT_EQ(ssm_call(nullptr, "forward", nullptr, 0, nullptr, 0, nullptr, &error), SSM_ERROR_USE);
  EXPECT_STREQ(error.message, "the artifact is a null handle");
}

TEST_F(Misuse, MissingUnknownAndTwice) {
  expect(SSM_ERROR_ARGUMENT, "forward: argument 'u' (f32[B, L]) is missing", {W, X});
  expect(SSM_ERROR_ARGUMENT, "forward: param 'w' (f32[L]) is missing; give it, or a seed to draw it from", {U});
  expect(SSM_ERROR_ARGUMENT, "forward: there is no argument 'v'; it has u, w, x", {U, W, {"v", u, SSM_F32, {1}}});
  expect(SSM_ERROR_ARGUMENT, "forward: argument 'w' is given twice", {U, W, W});
  expect(SSM_ERROR_ARGUMENT, "forward: there is no result 'y'; it has out, x", {U, W}, {{"y", out, SSM_F32, {2, 3}}});
}

TEST_F(Misuse, Types) {
  expect(SSM_ERROR_DTYPE, "forward: argument 'u' is f64, expected f32", {{"u", u, SSM_F64, {2, 3}}, W});
  expect(SSM_ERROR_DTYPE, "forward: argument 'u' is of an unknown type, expected f32",
         {{"u", u, 99, {2, 3}}, W});
  expect(SSM_ERROR_DTYPE, "forward: result 'out' is f16, expected f32", {U, W}, {{"out", out, SSM_F16, {2, 3}}});
}

TEST_F(Misuse, Shapes) {
  expect(SSM_ERROR_SHAPE, "forward: argument 'u' has 3 dimensions (1, 2, 3), expected 2: [B, L]",
         {{"u", u, SSM_F32, {1, 2, 3}}, W});
  expect(SSM_ERROR_SHAPE, "forward: argument 'w' has 2 along L (dimension 0 of its shape (2)), but argument 'u' fixed L at 3",
         {{"w", w, SSM_F32, {2}}, U});
  expect(SSM_ERROR_SHAPE, "forward: argument 'x' has 5 along N (dimension 1 of its shape (2, 5)), but N is the constant 4 "
         "in this artifact", {U, W, {"x", x, SSM_C64, {2, 5}}});
  expect(SSM_ERROR_SHAPE, "forward: argument 'u' has -1 along L (dimension 1 of its shape (2, -1)), a negative size",
         {{"u", u, SSM_F32, {2, -1}}, W});
  int64_t large = int64_t(1) << 62;
  expect(SSM_ERROR_SHAPE, "forward: input 'u' is too large: its shape is (4611686018427387904, 3)",
         {{"u", u, SSM_F32, {large, 3}, {0, 0}}, W});
  expect(SSM_ERROR_SHAPE, "forward: the buffer of result 'out' has the shape (3, 2), expected (2, 3): [B, L]", {U, W},
         {{"out", out, SSM_F32, {3, 2}}});
  ssm_buffer negative = {"u", u, SSM_F32, -1, nullptr, nullptr};
  EXPECT_EQ(ssm_call(artifact, "forward", &negative, 1, nullptr, 0, nullptr, &error), SSM_ERROR_SHAPE);
  ssm_buffer unshaped = {"u", u, SSM_F32, 2, nullptr, nullptr};
  EXPECT_EQ(ssm_call(artifact, "forward", &unshaped, 1, nullptr, 0, nullptr, &error), SSM_ERROR_SHAPE);
  EXPECT_STREQ(error.message, "forward: argument 'u' has no shape");
}

TEST_F(Misuse, Pointers) {
  expect(SSM_ERROR_POINTER, "forward: the data of argument 'u' is a null pointer", {{"u", nullptr, SSM_F32, {2, 3}}, W});
  expect(SSM_ERROR_POINTER, "forward: the data of result 'out' is a null pointer", {U, W}, {{"out", nullptr, SSM_F32, {2, 3}}});
  expect(SSM_ERROR_POINTER, "forward: the data of argument 'w' is not aligned to 4 bytes, as f32 must be",
         {U, {"w", reinterpret_cast<char *>(w) + 1, SSM_F32, {3}}});
  expect(SSM_ERROR_POINTER, "forward: the buffers of the results 'out' and 'x' overlap", {U, W},
         {{"out", x, SSM_F32, {2, 3}}, {"x", x + 4, SSM_C64, {2, 4}}});
  expect(SSM_ERROR_POINTER, "forward: the elements of the buffer of result 'out' overlap", {U, W},
         {{"out", out, SSM_F32, {2, 3}, {0, 4}}});
}

TEST_F(Misuse, Strides) {
  int64_t far = INT64_MAX / 2;
  for (int64_t stride : {far, -far})
    expect(SSM_ERROR_POINTER, "forward: the strides of argument 'u' reach out of the address space",
           {{"u", u, SSM_F32, {2, 9}, {4, stride}}, {"w", w, SSM_F32, {9}}});
  expect(SSM_ERROR_POINTER, "forward: the strides of result 'out' reach out of the address space", {U, W},
         {{"out", out, SSM_F32, {2, 3}, {4, INT64_MAX}}});
  expect(SSM_ERROR_POINTER, "forward: the elements of the buffer of result 'out' overlap", {U, W},
         {{"out", out, SSM_F32, {2, 3}, {-8, 4}}});
  // Of one element no stride is used.
  expect(SSM_OK, "", {{"u", u, SSM_F32, {1, 1}, {far, -far}}, {"w", w, SSM_F32, {1}}});
}

TEST_F(Misuse, Memory) {
  int64_t large = int64_t(1) << 58;
  expect(SSM_ERROR_MEMORY, "forward: the dense copy of argument 'u' needs 1152921504606846976 bytes, and there is not enough "
         "memory", {{"u", u, SSM_F32, {1, large}, {0, 0}}, {"w", w, SSM_F32, {large}, {0}}});
  Buffer drawn("w", w, SSM_F32, {large});
  ssm_buffer buffer = drawn.get();
  EXPECT_EQ(ssm_init(artifact, "forward", &buffer, nullptr, &error), SSM_ERROR_MEMORY) << error.message;
}

TEST_F(Misuse, SizesGivenWithTheCall) {
  sizes = {{"N", 5}};
  expect(SSM_ERROR_SIZE, "forward: dimension N is the constant 4 in this artifact, it cannot be 5; compile the layer "
         "with N=5 for that", {U, W});
  sizes = {{"Q", 5}};
  expect(SSM_ERROR_SIZE, "forward: there is no dimension 'Q'; it has B, L, N", {U, W});
  sizes = {{"L", -5}};
  expect(SSM_ERROR_SIZE, "forward: the size given for dimension L is negative: -5", {U, W});
  sizes = {{"L", 5}};
  expect(SSM_ERROR_SHAPE, "forward: argument 'u' has 3 along L (dimension 1 of its shape (2, 3)), but the sizes given "
         "with the call fixed L at 5", {U, W});
  sizes = {{"L", 5}, {"L", 6}};
  expect(SSM_ERROR_SIZE, "forward: dimension L is given twice, as 5 and as 6", {U, W});
  sizes = {{"N", 4}, {"L", 3}};
  expect(SSM_OK, "", {U, W});
}

TEST_F(Misuse, OpenAndComputedSizes) {
  int32_t a[2] = {};
  expect(SSM_ERROR_SIZE, "widen: the size of dimension O, which result 'out' has, is not known: no argument that is given "
         "has it; give it by name (dims O=...)", {{"a", a, SSM_I32, {2}}}, {}, "widen");
  double v[6] = {};
  Buffer V("v", v, SSM_F64, {6});
  expect(SSM_ERROR_SHAPE, "halves: argument 's' has 2 along K (dimension 0 of its shape (2)), but K = L / 2 is 3 here",
         {V, {"s", v, SSM_F64, {2}}}, {}, "halves");
  expect(SSM_ERROR_SIZE, "halves: dimension K is L / 2, but L = 5 is not a multiple of 2",
         {{"v", v, SSM_F64, {5}}, {"s", v, SSM_F64, {2}}}, {}, "halves");
  sizes = {{"K", 2}};
  expect(SSM_ERROR_SIZE, "halves: the size given for K is 2, but K = L / 2 is 3 here", {V, {"s", v, SSM_F64, {3}}}, {}, "halves");
}

TEST_F(Misuse, Options) {
  options.threads = -1;
  expect(SSM_ERROR_USE, "the number of threads is negative: -1", {U, W});
  EXPECT_EQ(ssm_call(artifact, "forward", nullptr, 1, nullptr, 0, nullptr, &error), SSM_ERROR_USE);
  ssm_options null = {};
  null.size_count = 2;
  EXPECT_EQ(ssm_call(artifact, "forward", nullptr, 0, nullptr, 0, &null, &error), SSM_ERROR_USE);
}

TEST_F(Misuse, TheCodeRefuses) {
  bool a[3] = {};
  expect(SSM_ERROR_RUN, "refuse: index -7 is outside of 0 to 3 (100%)", {{"a", a, SSM_BOOL, {3}}}, {}, "refuse");
  EXPECT_EQ(call("refuse", {{"a", nullptr, SSM_BOOL, {0}}}, {}), "refuse: index -7 is outside of 0 to 0 (100%)");
}
