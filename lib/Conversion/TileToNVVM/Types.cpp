//===- Types.cpp - how many registers a value is, and what they hold --------===//
#include "Lowering.h"

using namespace mlir;

namespace ssm::tile::gpu {

FailureOr<layout::Registers> Lowering::registersOf(RankedTensorType tile, Operation *op) {
  std::string why;
  std::optional<layout::Registers> registers = layout::Registers::make(tile, scope.warps(), why);
  if (!registers)
    return op->emitOpError("has a tile of ") << tile << " that its threads cannot hold: " << why, failure();
  return *registers;
}

FailureOr<Placement> Lowering::placement(RankedTensorType tile, Operation *op) {
  FailureOr<layout::Registers> registers = registersOf(tile, op);
  if (failed(registers))
    return failure();
  Placement at;
  at.vector = registers->vector();
  // What the registers of thread 0 hold are the constants; other threads add to them.
  int64_t rank = tile.getRank(), spread = std::min<int64_t>(layoutRank(layoutOf(tile)), rank);
  for (int64_t i = 0; i < registers->count(); ++i) {
    SmallVector<int64_t, 4> index = registers->element(0, i);
    Spot spot{0, spread == 2 ? index[rank - 2] : 0, index[rank - 1]};
    for (int64_t dim = 0; dim < rank - spread; ++dim)
      spot.block = spot.block * tile.getDimSize(dim) + index[dim];
    at.spots.push_back(spot);
  }
  auto accRow = [&] { return add(mul(scope.warp, 16), scope.group); };
  auto laneRow = [&](LanesAttr lanes, int64_t rows) {
    bool several = rows > 1 && scope.threads > lanes.getWidth();
    return several ? divide(scope.thread, lanes.getWidth()) : Value();
  };
  Attribute layout = layoutOf(tile);
  if (isa<AccAttr>(layout)) {
    at.row = accRow();
    at.column = mul(scope.quad, 2);
  } else if (isa<QuadAttr>(layout)) {
    at.row = accRow();
    at.column = mul(scope.quad, 8);
  } else if (isa<PartAttr>(layout)) {
    at.row = accRow();
    at.column = scope.quad;
  } else if (isa<ColAttr>(layout)) {
    at.column = mul(scope.quad, 2);
  } else if (isa<OpbAttr>(layout)) {
    at.row = mul(scope.quad, 2);
    at.column = scope.group;
  } else if (auto row = dyn_cast<RowAttr>(layout)) {
    auto lanes = dyn_cast<LanesAttr>(parentOf(row));
    at.column = lanes ? laneRow(lanes, tile.getShape().back()) : accRow();
  } else {
    auto lanes = cast<LanesAttr>(layout);
    if (spread == 2)
      at.row = laneRow(lanes, tile.getDimSize(rank - 2));
    at.column = mul(modulo(scope.thread, lanes.getWidth()), lanes.getVector());
  }
  return at;
}

int64_t Lowering::elementsPerThread(RankedTensorType tile) {
  std::string why;
  std::optional<layout::Registers> registers = layout::Registers::make(tile, scope.warps(), why);
  return registers ? registers->count() : 0; // whoever makes the tile reports it
}

SmallVector<Type> Lowering::types(Type type) {
  Type i32 = b.getI32Type();
  if (auto flight = dyn_cast<FlightType>(type))
    type = flight.getTile();
  if (auto warps = dyn_cast<WarpsType>(type)) { // what one warp has of it
    Scope whole = std::exchange(scope, Scope());
    scope.threads = 32;
    SmallVector<Type> one = types(warps.getValue());
    scope = whole;
    return one;
  }
  if (isRegisterTile(type)) {
    auto tile = cast<RankedTensorType>(type);
    int64_t count = elementsPerThread(tile);
    Type element = tile.getElementType();
    if (isHalf(element))
      return SmallVector<Type>((count + 1) / 2, i32);
    return SmallVector<Type>(count, element);
  }
  if (type.isIndex() || isa<SmemType>(type))
    return {i32};
  if (auto cursor = dyn_cast<CursorType>(type))
    return SmallVector<Type>(llvm::isPowerOf2_64(cursor.getSlots()) ? 1 : 2, i32);
  if (isa<RingType, TurnsType>(type))
    return {};
  if (isa<MapType>(type))
    return {LLVM::LLVMPointerType::get(b.getContext())};
  if (auto global = dyn_cast<GlobalType>(type)) {
    SmallVector<Type> all{b.getI64Type()};
    all.append(global.getRank(), i32);
    all.append(global.getRank(), b.getI64Type());
    return all;
  }
  return {type};
}

SmallVector<Type> Lowering::types(TypeRange range) {
  SmallVector<Type> all;
  for (Type type : range)
    llvm::append_range(all, types(type));
  return all;
}

} // namespace ssm::tile::gpu
