//===- Arithmetic.cpp - approximations, conversions, shuffles, pins ------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

Value Ptx::exp2(Value x) { return intrinsic("llvm.nvvm.ex2.approx.ftz.f32", x, x.getType()); }
Value Ptx::log2(Value x) { return intrinsic("llvm.nvvm.lg2.approx.ftz.f", x, x.getType()); }
Value Ptx::reciprocal(Value x) { return intrinsic("llvm.nvvm.rcp.approx.ftz.f", x, x.getType()); }
Value Ptx::divide(Value x, Value y) { return intrinsic("llvm.nvvm.div.full", {x, y}, x.getType()); }
Value Ptx::reciprocalSqrt(Value x) { return intrinsic("llvm.nvvm.rsqrt.approx.ftz.f", x, x.getType()); }
Value Ptx::squareRoot(Value x) { return intrinsic("llvm.nvvm.sqrt.approx.ftz.f", x, x.getType()); }
Value Ptx::sine(Value x) { return intrinsic("llvm.nvvm.sin.approx.ftz.f", x, x.getType()); }
Value Ptx::cosine(Value x) { return intrinsic("llvm.nvvm.cos.approx.ftz.f", x, x.getType()); }
Value Ptx::tanh(Value x) {
  return assemble("tanh.approx.f32 $0, $1;", "=f,f", x, x.getType(), /*effects=*/false).front();
}

Value Ptx::pack(Value low, Value high, Type element) {
  // The first source of the conversion lands in the upper half.
  Value pair = intrinsic(element.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn", {high, low},
                         VectorType::get(2, element));
  return LLVM::BitcastOp::create(b, b.getI32Type(), pair);
}
Value Ptx::packOne(Value low, Type element) {
  Value zero = LLVM::ConstantOp::create(b, b.getF32FloatAttr(0));
  return pack(low, zero, element);
}
Value Ptx::unpack(Value pair, bool high, Type element) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  if (element.isBF16()) {
    Value bits = high ? LLVM::AndOp::create(b, pair, LLVM::ConstantOp::create(b, i32, int64_t(0xFFFF0000))).getResult()
                      : LLVM::ShlOp::create(b, pair, LLVM::ConstantOp::create(b, i32, 16)).getResult();
    return LLVM::BitcastOp::create(b, f32, bits);
  }
  return assemble(high ? "{ .reg .b16 l, h; mov.b32 {l, h}, $1; cvt.f32.f16 $0, h; }"
                       : "{ .reg .b16 l, h; mov.b32 {l, h}, $1; cvt.f32.f16 $0, l; }",
                  "=f,r", pair, f32, /*effects=*/false)
      .front();
}

Value Ptx::shuffle(StringRef kind, Value x, Value lane, int64_t clamp) {
  Type i32 = b.getI32Type();
  Value all = LLVM::ConstantOp::create(b, i32, -1), limit = LLVM::ConstantOp::create(b, i32, clamp);
  return intrinsic(("llvm.nvvm.shfl.sync." + kind + (x.getType().isF32() ? ".f32" : ".i32")).str(), {all, x, lane, limit},
                   x.getType());
}
/// Lanes outside the segment of `width` lanes keep their own value. The upper bits of
/// the clamp say which lane bits must not change.
static int64_t clampOf(int64_t width, bool up) { return ((32 - width) << 8) | (up ? 0 : 31); }

Value Ptx::shuffleXor(Value x, int64_t mask) {
  return shuffle("bfly", x, LLVM::ConstantOp::create(b, b.getI32Type(), mask), 31);
}
Value Ptx::shuffleUp(Value x, int64_t delta, int64_t width) {
  return shuffle("up", x, LLVM::ConstantOp::create(b, b.getI32Type(), delta), clampOf(width, true));
}
Value Ptx::shuffleDown(Value x, int64_t delta, int64_t width) {
  return shuffle("down", x, LLVM::ConstantOp::create(b, b.getI32Type(), delta), clampOf(width, false));
}
Value Ptx::shuffleIndex(Value x, Value lane, int64_t width) { return shuffle("idx", x, lane, clampOf(width, false)); }

Value Ptx::voteAny(Value x) {
  Value all = LLVM::ConstantOp::create(b, b.getI32Type(), -1);
  return intrinsic("llvm.nvvm.vote.any.sync", {all, x}, b.getI1Type());
}
Value Ptx::electOne() {
  Type pair = LLVM::LLVMStructType::getLiteral(b.getContext(), {b.getI32Type(), b.getI1Type()});
  Value elected = intrinsic("llvm.nvvm.elect.sync", LLVM::ConstantOp::create(b, b.getI32Type(), -1).getResult(), pair);
  return LLVM::ExtractValueOp::create(b, elected, 1);
}

Ptx::Values Ptx::pinForLlvm(ValueRange values) {
  SmallVector<Type> types(values.getTypes());
  return assemble("", Constraints().results(types).tied(0, values.size()).str(/*memory=*/false), values, types);
}

void Ptx::pinForPtxas(ValueRange values, Address scratch) {
  // A trap in the store's place would lose the uniform registers.
  std::string text = "{ .reg .pred p; .reg .f32 s, t; ", conditions;
  bool any = false;
  for (auto [i, value] : llvm::enumerate(values)) {
    if (value.getType().isInteger(1))
      conditions += formatv("and.pred p, p, ${0}; ", i);
    else
      text += formatv(any ? "mov.b32 t, ${0}; min.f32 s, s, t; " : "mov.b32 s, ${0}; ", i);
    any |= !value.getType().isInteger(1);
  }
  text += formatv("{0}{1}@p st.shared.b32 {2}, {3}; }", any ? "setp.eq.f32 p, s, 0fFF800000; " : "setp.ne.b32 p, 0, 0; ",
                  conditions, address(values.size(), scratch.offset), any ? "s" : "0");
  SmallVector<Value> operands = concat(values, scratch.base);
  assemble(text, Constraints().operands(operands).str(), operands);
}

} // namespace ssm::tile::gpu
