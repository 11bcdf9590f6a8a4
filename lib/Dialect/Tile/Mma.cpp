//===- Mma.cpp - products ---------------------------------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

using namespace mlir;

namespace ssm::tile {

/// The element type, rows and columns of a product's operand, in shared memory or registers.
static std::tuple<Type, int64_t, int64_t> matrixOf(Type type) {
  if (auto smem = dyn_cast<SmemType>(type))
    return {smem.getElementType(), smem.getRows(), smem.getColumns()};
  auto tile = cast<RankedTensorType>(type);
  return {tile.getElementType(), tile.getDimSize(0), tile.getDimSize(1)};
}

int64_t MmaOp::getK() {
  auto [element, rows, columns] = matrixOf(getA().getType());
  return getTa() ? rows : columns;
}

int64_t MmaOp::getKStep() { return 256 / getB().getType().getElementBits(); }

LogicalResult MmaOp::verify() {
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() != RoleKind::Group)
    return emitOpError() << "is a warpgroup's product; role @" << role.getName() << " is a "
                         << stringifyRoleKind(role.getKind());
  SmemType b = getB().getType();
  auto smemA = dyn_cast<SmemType>(getA().getType());
  auto tileA = dyn_cast<RankedTensorType>(getA().getType());
  if (tileA && (tileA.getRank() != 2 || !isa<AccAttr>(tileA.getEncoding()) || tileA.getElementTypeBitWidth() != 16))
    return emitOpError() << "takes A from shared memory or as a 16-bit #tile.acc tile of two dimensions, not " << tileA
                         << (tileA.getElementType().isF32() ? ": tf32 takes A from shared memory" : "");
  if ((smemA && smemA.getRank() != 2) || b.getRank() != 2)
    return emitOpError() << "multiplies matrices: take one with tile.sub";
  auto [elementA, rowsA, columnsA] = matrixOf(getA().getType());
  auto [elementB, rowsB, columnsB] = matrixOf(b);
  if (elementA != elementB || !(elementA.isBF16() || elementA.isF16() || elementA.isF32()))
    return emitOpError() << "multiplies bf16, f16 or f32 (as tf32) by the same, not " << elementA << " by " << elementB;
  if (elementA.isF32() != getTf32())
    return emitOpError() << (getTf32() ? "tf32 is for f32 operands" : "multiplies f32 as tf32 only, and says so");
  if (getTa() && !smemA)
    return emitOpError() << "takes a transposed A from shared memory only";
  if (getTf32() && (getTa() || !getTb()))
    return emitOpError() << "tf32 operands are contiguous along the depth: A is M x K, B is N x K (tb)";
  for (SmemType operand : {smemA, b})
    if (operand && !operand.getSwizzle())
      return emitOpError() << "reads swizzled buffers; " << operand << " has no swizzle";
  int64_t m = getTa() ? columnsA : rowsA, k = getTa() ? rowsA : columnsA;
  int64_t n = getTb() ? rowsB : columnsB, kB = getTb() ? columnsB : rowsB;
  if (k != kB)
    return emitOpError() << "A has depth " << k << ", B has " << kB;
  if (m % 64)
    return emitOpError() << "A has a multiple of 64 rows, not " << m << " (mma_sync is for fewer)";
  if (n % 8 || n > 256)
    return emitOpError() << "B has a multiple of 8 columns up to 256, not " << n;
  if (k % getKStep())
    return emitOpError() << "the depth is a multiple of " << getKStep() << " of " << elementA << ", not " << k;
  // An operand that is contiguous along M or N advances by whole panels.
  auto alongPanels = [](SmemType operand, int64_t size) { return size % operand.getPanelColumns() == 0; };
  if (smemA && getTa() && !alongPanels(smemA, m))
    return emitOpError() << "A lies as K x M, so M is a multiple of the panel's " << smemA.getPanelColumns() << " columns";
  if (!getTb() && !alongPanels(b, n))
    return emitOpError() << "B lies as K x N, so N is a multiple of the panel's " << b.getPanelColumns() << " columns";
  RankedTensorType result = getResult().getType().getTile();
  if (result.getDimSize(0) != m || result.getDimSize(1) != n)
    return emitOpError() << "gives " << m << " x " << n << ", not " << result;
  if (getAcc()) {
    Type acc = getAcc().getType();
    if (auto flight = dyn_cast<FlightType>(acc))
      acc = flight.getTile();
    if (acc != result)
      return emitOpError() << "adds to " << acc << ", the product is " << result;
  }
  if (getUnless() && !getAcc())
    return emitOpError() << "has no accumulator to leave out";
  return success();
}

LogicalResult LandOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
                                       OpaqueProperties, RegionRange, SmallVectorImpl<Type> &types) {
  for (Value flight : operands) {
    auto type = dyn_cast<FlightType>(flight.getType());
    if (!type)
      return failure();
    types.push_back(type.getTile());
  }
  return success();
}

LogicalResult LandOp::verify() {
  return getFlights().empty() ? emitOpError() << "lands nothing: tile.retire only waits" : success();
}

LogicalResult MmaSyncOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType()), b = cast<RankedTensorType>(getB().getType()),
       c = cast<RankedTensorType>(getAcc().getType());
  if (!isa<AccAttr>(a.getEncoding()) || !isa<OpbAttr>(b.getEncoding()) || !isa<AccAttr>(c.getEncoding()))
    return emitOpError() << "takes A and C with layout #tile.acc, B with #tile.opb";
  if (a.getRank() != 2 || b.getRank() != 2 || c.getRank() != 2 || a.getElementType() != b.getElementType() ||
      !c.getElementType().isF32() || a.getElementTypeBitWidth() != 16)
    return emitOpError() << "multiplies bf16 or f16 matrices into f32";
  if (a.getDimSize(1) != b.getDimSize(0) || a.getDimSize(0) != c.getDimSize(0) || b.getDimSize(1) != c.getDimSize(1))
    return emitOpError() << "the sizes " << a.getDimSize(0) << " x " << a.getDimSize(1) << ", " << b.getDimSize(0) << " x "
                         << b.getDimSize(1) << " and " << c.getDimSize(0) << " x " << c.getDimSize(1) << " do not fit";
  if (a.getDimSize(1) % 16)
    return emitOpError() << "the depth is a multiple of 16, not " << a.getDimSize(1);
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && (role.getKind() == RoleKind::Thread ||
               (role.getKind() == RoleKind::Group && !(*this)->getParentOfType<PerWarpOp>())))
    return emitOpError() << "is a warp's product: in a warp role or tile.per_warp";
  return success();
}

LogicalResult PinOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
                                      OpaqueProperties, RegionRange, SmallVectorImpl<Type> &types) {
  llvm::append_range(types, operands.getTypes());
  return success();
}

} // namespace ssm::tile
