//===- PointwiseFold.cpp - folders and canonical forms of maps --------------===//
//
// Only what is exact: no rule changes a rounding, a NaN or the sign of a zero.
//
//===----------------------------------------------------------------------===//
#include "Reorder.h"

using namespace mlir;

namespace ssm {

/// The value of a constant with one value in all places, as a double; nullopt for other values.
static std::optional<double> splatOf(Attribute constant) {
  auto elements = llvm::dyn_cast_if_present<DenseElementsAttr>(constant);
  if (!elements || !elements.isSplat())
    return std::nullopt;
  if (llvm::isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().convertToDouble();
  if (elements.getElementType().isInteger(1))
    return elements.getSplatValue<bool>();
  if (elements.getElementType().isInteger(64))
    return static_cast<double>(elements.getSplatValue<int64_t>());
  return std::nullopt;
}

/// Bits of the exponent and of the mantissa that a real type has; nullopt for others.
static std::optional<std::pair<unsigned, unsigned>> realBits(Type type) {
  if (type.isF16())
    return {{5, 10}};
  if (type.isBF16())
    return {{8, 7}};
  if (type.isF32())
    return {{8, 23}};
  if (type.isF64())
    return {{11, 52}};
  return std::nullopt;
}

/// Whether `wide` holds every value of `narrow`.
static bool holds(Type wide, Type narrow) {
  if (wide == narrow)
    return true;
  if (auto complex = llvm::dyn_cast<ComplexType>(wide)) {
    auto other = llvm::dyn_cast<ComplexType>(narrow);
    return holds(complex.getElementType(), other ? other.getElementType() : narrow);
  }
  auto w = realBits(wide), n = realBits(narrow);
  if (w && n)
    return w->first >= n->first && w->second >= n->second;
  if (!narrow.isInteger() || narrow.isInteger(64))
    return false;
  if (narrow.isInteger(1))
    return wide.isInteger() || w;
  return wide.isInteger(64) || wide.isF64();
}

/// f(f(x)) = x.
static bool isInvolution(MapFn fn) { return fn == MapFn::Neg || fn == MapFn::Not || fn == MapFn::Conj; }

/// f(f(x)) = f(x).
static bool isIdempotent(MapFn fn) {
  return fn == MapFn::Abs || fn == MapFn::Sign || fn == MapFn::Floor || fn == MapFn::Ceil || fn == MapFn::Relu;
}

/// What a function of two gives when one operand has this value: the other operand.
static bool isNeutral(MapFn fn, unsigned place, double value, bool isInteger) {
  switch (fn) {
  case MapFn::Mul:
    return value == 1;
  case MapFn::Div:
  case MapFn::Pow:
  case MapFn::FloorDiv:
    return place == 1 && value == 1 && (fn != MapFn::FloorDiv || isInteger);
  case MapFn::Sub: // x - 0 keeps the sign of a zero, x + 0 does not
    return place == 1 && value == 0 && (isInteger || !std::signbit(value));
  case MapFn::Add:
    return value == 0 && (isInteger || std::signbit(value));
  case MapFn::And:
    return value == 1;
  case MapFn::Or:
    return value == 0;
  default:
    return false;
  }
}

static OpFoldResult foldUnary(MapOp op) {
  auto inner = op.getOperands()[0].getDefiningOp<MapOp>();
  if (!inner)
    return {};
  MapFn fn = op.getFn();
  if (fn == inner.getFn() && isInvolution(fn))
    return inner.getOperands()[0];
  if (fn == inner.getFn() && isIdempotent(fn))
    return inner.getResult();
  if (inner.getFn() == MapFn::Complex && (fn == MapFn::Re || fn == MapFn::Im))
    return inner.getOperands()[fn == MapFn::Im];
  if (fn == MapFn::Cast && inner.getFn() == MapFn::Cast &&
      holds(getElement(inner.getResult()), getElement(inner.getOperands()[0])))
    return inner.getOperands()[0];
  return {};
}

static OpFoldResult foldSelect(MapOp op, ArrayRef<Attribute> constants) {
  if (op.getOperands()[1] == op.getOperands()[2])
    return op.getOperands()[1];
  if (std::optional<double> condition = splatOf(constants[0]))
    return op.getOperands()[*condition ? 1 : 2];
  return {};
}

static OpFoldResult foldNeutral(MapOp op, ArrayRef<Attribute> constants) {
  bool isInteger = getElement(op.getResult()).isInteger();
  for (unsigned place : {0u, 1u})
    if (std::optional<double> value = splatOf(constants[place]))
      if (isNeutral(op.getFn(), place, *value, isInteger))
        return op.getOperands()[1 - place];
  return {};
}

OpFoldResult MapOp::fold(FoldAdaptor adaptor) {
  if (getFn() == MapFn::Cast && getOperands()[0].getType() == getType())
    return getOperands()[0];
  OpFoldResult result;
  if (getOperands().size() == 1)
    result = foldUnary(*this);
  else if (getFn() == MapFn::Select)
    result = foldSelect(*this, adaptor.getOperands());
  else if (getOperands().size() == 2)
    result = foldNeutral(*this, adaptor.getOperands());
  // Where the other operand brings dimensions in, the value is broadcast: no fold.
  auto value = llvm::dyn_cast_if_present<Value>(result);
  return value && value.getType() == getType() ? result : OpFoldResult();
}

namespace {

/// cast(cast x) is one cast where the first loses nothing.
struct CastOnce : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getFn() == MapFn::Cast ? op.getOperands()[0].getDefiningOp<MapOp>() : MapOp();
    if (!inner || inner.getFn() != MapFn::Cast)
      return rewriter.notifyMatchFailure(op, "no cast of a cast");
    Value origin = inner.getOperands()[0];
    if (!holds(getElement(inner.getResult()), getElement(origin)))
      return rewriter.notifyMatchFailure(op, "the first cast rounds");
    if (llvm::isa<ComplexType>(getElement(inner.getResult())) && !llvm::isa<ComplexType>(getElement(origin)))
      return rewriter.notifyMatchFailure(op, "the first cast makes a complex value");
    rewriter.modifyOpInPlace(op, [&] { op->setOperand(0, origin); });
    return success();
  }
};

} // namespace

void MapOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<CastOnce, IgnoreOrder<MapOp>>(context);
}

} // namespace ssm
