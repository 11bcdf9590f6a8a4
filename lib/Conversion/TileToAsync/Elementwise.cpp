//===- Elementwise.cpp - arith and math on register tiles -------------------===//
//
// The same operation on the tiles that stand for its operands. Whole numbers have 32
// bits: positions and sizes are below 2^31. What has no dimensions is a scalar while
// all it comes from is.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

#include <limits>

using namespace mlir;

namespace ssm::tile {

/// A constant's value in 32 bits: what lies beyond is the last that there is.
static Attribute narrowed(Attribute value, Type element) {
  auto number = dyn_cast<IntegerAttr>(value);
  if (!number || element.isInteger(1) || element.isIndex())
    return value;
  int64_t x = std::clamp<int64_t>(number.getValue().getSExtValue(), std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int32_t>::max());
  return IntegerAttr::get(IntegerType::get(value.getContext(), 32), x);
}

static LogicalResult emitConstant(KernelEmitter &e, arith::ConstantOp op) {
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue())) {
    if (!dense.isSplat())
      return e.refuse(op) << "a table of constants";
    Attribute value = dense.getSplatValue<Attribute>();
    auto sync = cast<RankedTensorType>(op.getType());
    Type element = sync.getElementType();
    if (getDims(sync).empty() && !element.isBF16() && !element.isF16()) {
      e.bind(op, arith::ConstantOp::create(e.b, cast<TypedAttr>(narrowed(value, element))));
      return success();
    }
    RankedTensorType type = e.frame.typeOf(sync);
    if (auto number = dyn_cast<FloatAttr>(value); number && number.getType() != type.getElementType())
      value = FloatAttr::get(type.getElementType(), number.getValueAsDouble());
    e.bind(op, e.splat(type, narrowed(value, element)));
    return success();
  }
  e.bind(op, arith::ConstantOp::create(e.b, cast<TypedAttr>(narrowed(op.getValue(), op.getType()))));
  return success();
}

static bool isHalf(Type type) {
  Type element = getElementTypeOrSelf(type);
  return element.isBF16() || element.isF16();
}

/// Why a value of this type has no place in registers, or "".
static StringRef lacking(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (element.isF64())
    return "f64 is not computed with in kernels; cast to f32";
  if (element.isInteger(8) || element.isInteger(16))
    return "whole numbers of 8 and 16 bits are not computed with in kernels";
  return "";
}

/// Of numbers alone: those of f64 are computed as they are.
static bool isScalar(KernelEmitter &e, Operation *op) {
  auto isNumber = [](Type type) { return !isa<RankedTensorType>(type) || getDims(type).empty(); };
  return llvm::all_of(op->getResultTypes(), isNumber) && llvm::all_of(op->getOperands(), [&](Value operand) {
           Value made = e.of(operand);
           return isNumber(operand.getType()) && made && !isRegisterTile(made.getType());
         });
}

LogicalResult emitElementwise(KernelEmitter &e, Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return emitConstant(e, constant);
  bool known = isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()) && op->getNumResults() == 1 &&
               op->getNumRegions() == 0;
  if (!known)
    return e.refuse(op) << "'" << op->getName().getStringRef() << "' has no rule yet";
  for (Type type : llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (StringRef why = lacking(type); !why.empty() && !(getElementTypeOrSelf(type).isF64() && isScalar(e, op)))
      return e.refuse(op) << why;

  Type result = op->getResult(0).getType();
  SmallVector<Value> operands;
  bool tiles = isa<RankedTensorType>(result) && !getDims(result).empty();
  for (Value operand : op->getOperands()) {
    Value made = e.of(operand);
    if (!made)
      return failure();
    tiles |= isRegisterTile(made.getType());
    operands.push_back(made);
  }
  Type type;
  if (tiles) {
    for (auto [made, operand] : llvm::zip(operands, op->getOperands()))
      made = e.tileOf(operand);
    type = e.frame.typeOf(result);
  } else {
    Type element = getElementTypeOrSelf(result);
    type = element.isInteger(64) ? Type(e.b.getI32Type()) : isHalf(element) ? Type(e.b.getF32Type()) : element;
    for (auto [made, operand] : llvm::zip(operands, op->getOperands()))
      if (made.getType().isIndex() && isa<RankedTensorType>(operand.getType()))
        made = arith::IndexCastOp::create(e.b, e.b.getI32Type(), made);
  }
  // What changes widths that registers do not have.
  if (isa<arith::ExtFOp, arith::TruncFOp>(op) && operands[0].getType() == type) {
    if (isa<arith::TruncFOp>(op) && llvm::any_of(op->getUsers(), [](Operation *user) { return !isa<WriteOp>(user); }))
      return e.refuse(op) << "a value that is the same along '" << (e.frame.lane ? e.frame.lane.getValue() : "the threads")
                          << "' is rounded to 16 bits, and computed with afterwards";
    e.bind(op->getResult(0), operands[0]); // rounded as it is written
    return success();
  }
  if (isa<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(op) && operands[0].getType() == type) {
    e.bind(op->getResult(0), operands[0]);
    return success();
  }
  // A row divides by one reciprocal.
  if (auto spread = operands.back().getDefiningOp<BroadcastOp>();
      e.coarse && isa<arith::DivFOp>(op) && spread && isRegisterTile(spread.getSource().getType())) {
    auto row = cast<RankedTensorType>(spread.getSource().getType());
    Value inverse = arith::DivFOp::create(e.b, e.splat(row, 1), spread.getSource());
    e.bind(op->getResult(0), arith::MulFOp::create(e.b, operands[0], BroadcastOp::create(e.b, type, inverse)));
    return success();
  }
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(type);
  state.addAttributes(op->getAttrs());
  if (e.coarse && isa<math::ExpOp, math::ErfcOp, arith::DivFOp>(op) && getElementTypeOrSelf(result).isF32())
    state.attributes.set("fastmath", arith::FastMathFlagsAttr::get(op->getContext(), arith::FastMathFlags::afn));
  e.bind(op->getResult(0), e.b.create(state)->getResult(0));
  return success();
}

} // namespace ssm::tile
