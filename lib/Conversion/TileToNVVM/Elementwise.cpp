//===- Elementwise.cpp - arithmetic on tiles, register by register ----------===//
//
// One rule for every elementwise operation of arith and math: its registers are
// combined one by one by the same operation on scalars. The exceptions are what the
// hardware has an instruction for that the scalar operation may not use unless
// fast-math allows it, and conversions to and from pairs of 16 bits.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

bool allows(Operation *op, arith::FastMathFlags flag) {
  auto fast = dyn_cast<arith::ArithFastMathInterface>(op);
  return fast && arith::bitEnumContainsAll(fast.getFastMathFlagsAttr().getValue(), flag);
}

/// erfc(z) = r 2^(p(r) - z^2 log2 e) with r = 1 / (1 + z / 2), and 2 - erfc(-z) below 0. p is fitted to
/// log2 of erfc(z) e^(z^2) / r for z >= 0: 3e-5 of the result at most.
Value complementaryError(Value x, Lowering &l) {
  constexpr double p[] = {0.3004916310310364,  -0.9385002255439758, 0.5938903093338013,
                          0.4118538796901703,  1.4586751461029053,  -1.826440453529358};
  auto fma = [&](Value a, Value c, Value d) { return math::FmaOp::create(l.b, a, c, d).getResult(); };
  Value z = math::AbsFOp::create(l.b, x), one = l.constant(1.0);
  Value r = l.ptx.reciprocal(fma(z, l.constant(0.5), one));
  Value power = l.constant(p[0]);
  for (double coefficient : ArrayRef(p).drop_front())
    power = fma(power, r, l.constant(coefficient));
  Value square = arith::MulFOp::create(l.b, z, l.constant(-1.4426950408889634));
  Value far = arith::MulFOp::create(l.b, r, l.ptx.exp2(fma(square, z, power)));
  Value negative = arith::CmpFOp::create(l.b, arith::CmpFPredicate::OLT, x, l.constant(0.0));
  return l.select(negative, arith::SubFOp::create(l.b, l.constant(2.0), far), far);
}

} // namespace

Value approximate(Operation *op, ValueRange x, Lowering &l) {
  if (!x.front().getType().isF32())
    return {};
  if (isa<arith::DivFOp>(op) && allows(op, arith::FastMathFlags::arcp))
    return arith::MulFOp::create(l.b, x[0], l.ptx.reciprocal(x[1]));
  if (!allows(op, arith::FastMathFlags::afn))
    return {};
  if (isa<arith::DivFOp>(op))
    return l.ptx.divide(x[0], x[1]);
  FloatAttr known; // masked scores are: -inf
  if (isa<math::Exp2Op>(op) && matchPattern(x[0], m_Constant(&known)))
    return l.constant(std::exp2(known.getValueAsDouble()));
  constexpr double log2e = 1.4426950408889634, ln2 = 0.6931471805599453, log10of2 = 0.3010299956639812;
  auto times = [&](Value value, double factor) {
    return arith::MulFOp::create(l.b, value, l.constant(factor)).getResult();
  };
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](math::Exp2Op) { return l.ptx.exp2(x[0]); })
      .Case([&](math::ExpOp) { return l.ptx.exp2(times(x[0], log2e)); })
      .Case([&](math::ErfcOp) { return complementaryError(x[0], l); })
      .Case([&](math::Log2Op) { return l.ptx.log2(x[0]); })
      .Case([&](math::LogOp) { return times(l.ptx.log2(x[0]), ln2); })
      .Case([&](math::Log10Op) { return times(l.ptx.log2(x[0]), log10of2); })
      .Case([&](math::RsqrtOp) { return l.ptx.reciprocalSqrt(x[0]); })
      .Case([&](math::SqrtOp) { return l.ptx.squareRoot(x[0]); })
      .Case([&](math::TanhOp) { return l.ptx.tanh(x[0]); })
      .Case([&](math::SinOp) { return l.ptx.sine(x[0]); })
      .Case([&](math::CosOp) { return l.ptx.cosine(x[0]); })
      .Default(Value());
}

namespace {

Value scalar(Operation *op, ValueRange operands, Type result, Lowering &l) {
  if (Value fast = approximate(op, operands, l))
    return fast;
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(result);
  state.addAttributes(op->getAttrs());
  return l.b.create(state)->getResult(0);
}

} // namespace

Value selectPair(Value low, Value high, Value a, Value c, Lowering &l) {
  if (low == high)
    return l.select(low, a, c);
  Value all = l.constant(int64_t(0xFFFF)), none = l.constant(int64_t(0));
  Value mask = arith::OrIOp::create(
      l.b, l.select(low, all, none), l.select(high, l.constant(int64_t(int32_t(0xFFFF0000))), none));
  Value kept = arith::AndIOp::create(l.b, a, mask);
  Value other = arith::AndIOp::create(l.b, c, arith::XOrIOp::create(l.b, mask, l.constant(int64_t(-1))));
  return arith::OrIOp::create(l.b, kept, other);
}

namespace {

/// Of tiles, and of other values of several registers too.
LogicalResult lowerSelect(arith::SelectOp op, Lowering &l) {
  Values condition = l.of(op.getCondition()), a = l.of(op.getTrueValue()), c = l.of(op.getFalseValue()), results;
  bool whole = !isRegisterTile(op.getCondition().getType());
  bool half = isHalf(getElementTypeOrSelf(op.getType()));
  for (unsigned i = 0; i < a.size(); ++i) {
    if (whole)
      results.push_back(l.select(condition[0], a[i], c[i]));
    else if (!half)
      results.push_back(l.select(condition[i], a[i], c[i]));
    else {
      Value high = condition[std::min<size_t>(2 * i + 1, condition.size() - 1)];
      results.push_back(selectPair(condition[2 * i], high, a[i], c[i], l));
    }
  }
  l.bind(op.getResult(), results);
  return success();
}

} // namespace

bool isElementwise(Operation *op) { return OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() == 1; }

void addElementwiseLowerings(LoweringTable &table) { table.add<arith::SelectOp, lowerSelect>(); }

LogicalResult lowerElementwise(Operation *op, Lowering &l) {
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  Type to = result.getElementType(), from = getElementTypeOrSelf(op->getOperand(0));
  if (isa<arith::BitcastOp>(op)) {
    Values registers;
    bool plain = isHalf(from) == isHalf(to);
    if (!plain)
      return op->emitOpError("between 16 and 32 bits changes the registers' number; not done on tiles");
    for (auto [value, type] : llvm::zip(l.of(op->getOperand(0)), l.types(result)))
      registers.push_back(value.getType() == type ? value : arith::BitcastOp::create(l.b, type, value).getResult());
    l.bind(op->getResult(0), registers);
    return success();
  }
  if (isa<arith::TruncFOp>(op) && from.isF32() && isHalf(to)) {
    l.bind(op->getResult(0), l.packed(l.of(op->getOperand(0)), to));
    return success();
  }
  if (isa<arith::ExtFOp>(op) && isHalf(from) && to.isF32()) {
    Values elements = l.unpacked(l.of(op->getOperand(0)), from);
    elements.resize(l.elementsPerThread(result));
    l.bind(op->getResult(0), elements);
    return success();
  }
  for (Type type : llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (isHalf(getElementTypeOrSelf(type)))
      return op->emitOpError("computes on tiles of 16-bit elements; extend them to f32 first");

  Values registers;
  SmallVector<Values> operands;
  for (Value operand : op->getOperands())
    operands.push_back(l.of(operand));
  for (unsigned i = 0, count = l.elementsPerThread(result); i < count; ++i) {
    Values row;
    for (auto [operand, value] : llvm::zip(op->getOperands(), operands))
      row.push_back(isRegisterTile(operand.getType()) ? value[i] : value[0]);
    registers.push_back(scalar(op, row, to, l));
  }
  l.bind(op->getResult(0), registers);
  return success();
}

} // namespace ssm::tile::gpu
