//===- Datum.cpp - values, precision, affine expressions --------------------===//
#include "Datum.h"
#include "Machine.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace ssm::emulator {

TileValue TileValue::of(RankedTensorType type) {
  TileValue tile;
  tile.shape.assign(type.getShape().begin(), type.getShape().end());
  tile.isFloat = isa<FloatType>(type.getElementType());
  if (tile.isFloat)
    tile.floats.resize(type.getNumElements());
  else
    tile.integers.resize(type.getNumElements());
  return tile;
}

Datum Datum::ofScalar(int64_t value) {
  Datum datum;
  datum.kind = Kind::Scalar;
  datum.scalar = value;
  return datum;
}

Datum Datum::ofFloat(float value) {
  Datum datum;
  datum.kind = Kind::Float;
  datum.real = value;
  return datum;
}

Datum Datum::ofTile(TileValue value) {
  Datum datum;
  datum.kind = Kind::Tile;
  datum.tile = std::make_shared<TileValue>(std::move(value));
  return datum;
}

/// A NaN that no arithmetic makes: its payload survives additions and products.
static constexpr uint32_t poisonBits = 0x7fe5a5a5;
float poison() { return llvm::bit_cast<float>(poisonBits); }
bool isPoison(float value) { return (llvm::bit_cast<uint32_t>(value) & 0x7fffffff) == poisonBits; }

float roundTo(Type element, float value) {
  if (element.isF32() || isPoison(value))
    return value;
  llvm::APFloat exact(value);
  bool lost;
  exact.convert(cast<FloatType>(element).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
  exact.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return exact.convertToFloat();
}

int64_t evaluate(AffineExpr expr, ArrayRef<int64_t> dims, ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t a = evaluate(binary.getLHS(), dims, symbols), b = evaluate(binary.getRHS(), dims, symbols);
  auto floorDiv = [](int64_t x, int64_t y) { return x / y - (x % y != 0 && (x < 0) != (y < 0)); };
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return a + b;
  case AffineExprKind::Mul:
    return a * b;
  case AffineExprKind::Mod:
    return a - b * floorDiv(a, b);
  case AffineExprKind::FloorDiv:
    return floorDiv(a, b);
  case AffineExprKind::CeilDiv:
    return -floorDiv(-a, b);
  default:
    return 0;
  }
}

} // namespace ssm::emulator
