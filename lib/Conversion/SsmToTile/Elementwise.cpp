//===- Elementwise.cpp - maps, positions, constants, names of tiles ---------===//
#include "../SsmToLinalg/FunctionTable.h"
#include "Emitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace ssm {

static Type inShape(RankedTensorType type, Type element) { return type.clone(element); }

/// A cast of a tile that may be complex.
static Tile castTile(Emitter &e, const Tile &tile, RankedTensorType type, Type to) {
  auto cast = [&](Value part, Type element) {
    return e.cast(part, inShape(type, element));
  };
  if (auto complex = llvm::dyn_cast<ComplexType>(to)) {
    Type part = complex.getElementType();
    Value im = tile.size() == 2 ? cast(tile[1], part)
                                : e.splat(e.b.getFloatAttr(part, 0.0), type.clone(part));
    return {cast(tile[0], part), im};
  }
  if (tile.size() == 2) // to i1
    return {arith::OrIOp::create(e.b, cast(tile[0], to), cast(tile[1], to))};
  return {cast(tile[0], to)};
}

FailureOr<Tile> emit(Emitter &e, MapOp op, const Coords &at) {
  Type element = getElement(op.getResult());
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), element, at);
  if (failed(type))
    return failure();
  SmallVector<Tile> operands;
  SmallVector<Value> parts;
  bool isComplex = false;
  for (Value operand : op.getOperands()) {
    FailureOr<Tile> tile = e.demand(operand, at);
    if (failed(tile))
      return failure();
    operands.push_back(e.spread(*tile, *type));
    isComplex |= operands.back().size() == 2;
    parts.append(operands.back().begin(), operands.back().end());
  }
  MapFn fn = op.getFn();
  if (fn == MapFn::Cast)
    return castTile(e, operands[0], *type, element);
  if (fn == MapFn::Complex)
    return Tile{operands[0][0], operands[1][0]};
  if (fn == MapFn::Select) {
    Tile result;
    for (auto [yes, no] : llvm::zip(operands[1], operands[2]))
      result.push_back(arith::SelectOp::create(e.b, operands[0][0], yes, no));
    return result;
  }
  if (fn == MapFn::Pow && element.isInteger()) {
    DenseIntElementsAttr base;
    if (!matchPattern(parts[0], m_Constant(&base)) || !base.isSplat() || base.getSplatValue<APInt>() != 2)
      return FailureOr<Tile>(e.refuse("powers of whole numbers other than 2 have no tile form"));
    // A negative exponent counts as 0; from 64 on all bits are gone.
    auto number = [&](int64_t x) { return e.splat(e.b.getI64IntegerAttr(x), *type); };
    Value exponent = arith::MaxSIOp::create(e.b, parts[1], number(0));
    Value held = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, exponent, number(64));
    Value power = arith::ShLIOp::create(e.b, number(1), arith::MinSIOp::create(e.b, exponent, number(63)));
    return Tile{arith::SelectOp::create(e.b, held, power, number(0))};
  }
  if (isComplex) {
    Place place{e.b, e.b.getLoc(), /*single=*/e.options.hardware};
    return Tile(emitComplexParts(place, fn, parts));
  }
  if (fn == MapFn::Gelu && e.options.hardware && element.isF32()) {
    // In f32: what its argument's rounding costs is below what the result's storage does.
    auto number = [&](double x) { return e.splat(e.b.getF32FloatAttr(x), *type); };
    Value there = arith::MulFOp::create(e.b, parts[0], number(-0.70710678118654752440));
    Value half = arith::MulFOp::create(e.b, parts[0], number(0.5));
    return Tile{arith::MulFOp::create(e.b, half, math::ErfcOp::create(e.b, there))};
  }
  return Tile{emitMap(e.b, e.b.getLoc(), fn, parts, inShape(*type, element))};
}

Value Emitter::cast(Value value, Type type) {
  Type from = getElementTypeOrSelf(value.getType()), to = getElementTypeOrSelf(type);
  if (!options.hardware || from == to)
    return emitCast(b, b.getLoc(), value, to);
  auto shaped = [&](Type element) { return llvm::cast<RankedTensorType>(value.getType()).clone(element); };
  auto isHalf = [](Type element) { return element.isBF16() || element.isF16(); };
  if (isHalf(from)) {
    Value wide = arith::ExtFOp::create(b, shaped(b.getF32Type()), value);
    return to.isF32() ? wide : cast(wide, to);
  }
  if (isHalf(to)) {
    Value single = from.isF32() ? value : cast(value, b.getF32Type());
    return arith::TruncFOp::create(b, shaped(to), single);
  }
  if (from.isF32() && (to.isInteger(32) || to.isInteger(64))) // saturates, and NaN gives 0
    return arith::FPToSIOp::create(b, shaped(to), value);
  return emitCast(b, b.getLoc(), value, to);
}

FailureOr<Tile> emit(Emitter &e, PosOp op, const Coords &at) {
  auto located = e.locate(op.getResult(), at);
  if (failed(located))
    return failure();
  return Tile{e.positions(located->front().first, located->front().second)};
}

FailureOr<Tile> emit(Emitter &e, SizeOfOp op, const Coords &) {
  return Tile{tile::SpreadOp::create(e.b, RankedTensorType::get({}, e.b.getI64Type()), e.size(op.getDim()))};
}

FailureOr<Tile> emit(Emitter &e, arith::ConstantOp op, const Coords &at) {
  auto value = llvm::dyn_cast<DenseElementsAttr>(op.getValue());
  if (!value || !value.isSplat())
    return FailureOr<Tile>(e.refuse("a table of constants has no tile form"));
  FailureOr<RankedTensorType> type = e.tileType(getDims(op.getResult()), getElement(op.getResult()), at);
  if (failed(type))
    return failure();
  if (auto complex = llvm::dyn_cast<ComplexType>(value.getElementType())) {
    auto number = value.getSplatValue<std::complex<APFloat>>();
    return Tile{e.splat(e.b.getFloatAttr(complex.getElementType(), number.real()), *type),
                e.splat(e.b.getFloatAttr(complex.getElementType(), number.imag()), *type)};
  }
  return Tile{e.splat(llvm::cast<TypedAttr>(value.getSplatValue<Attribute>()), *type)};
}

FailureOr<Tile> emit(Emitter &e, AlignOp op, const Coords &at) { return e.demand(op.getOperand(), at); }

} // namespace ssm
