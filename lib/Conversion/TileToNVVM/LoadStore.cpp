//===- LoadStore.cpp - tiles and scalars between memory and registers -------===//
//
// Vectors as wide as the layout, the memory and 16 bytes allow; matrices of 8 x 8 for
// 16-bit accumulators and operands in shared memory. What several threads hold alike
// is stored by one of them.
//
//===----------------------------------------------------------------------===//
#include "Memory.h"
#include "Ring.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

/// A tile of one element, for the addresses of a scalar.
RankedTensorType scalarTile(Type element, MLIRContext *context) {
  return RankedTensorType::get({1}, element, ColAttr::get(context));
}
Placement scalarPlacement() {
  Placement at;
  at.spots.push_back({});
  return at;
}

template <typename Tile, typename Op>
FailureOr<Tile> scalarAddress(Op op, Value memory, Type element, unsigned rank, Lowering &l) {
  SmallVector<int64_t> ones(std::max(1u, rank), 1);
  return Tile::make(memory, op.getMixedOffsets(), ones, scalarTile(element, l.b.getContext()), scalarPlacement(), false, op, l);
}

Value fromWord(Value word, Type element, Type result, Lowering &l) {
  if (isHalf(element))
    return l.ptx.unpack(word, false, element);
  if (result.isInteger(1))
    return l.compare(arith::CmpIPredicate::ne, word, l.constant(int64_t(0)));
  return word;
}

Type wordType(Type element, Lowering &l) { return element.isF32() ? Type(l.b.getF32Type()) : Type(l.b.getI32Type()); }

LogicalResult loadScalar(LoadOp op, Lowering &l) {
  Type result = op.getResult().getType();
  Value word;
  if (auto smem = dyn_cast<SmemType>(op.getSource().getType())) {
    Type element = smem.getElementType();
    FailureOr<SharedTile> tile = scalarAddress<SharedTile>(op, op.getSource(), element, smem.getRank(), l);
    if (failed(tile))
      return failure();
    Address from = tile->at({});
    word = isHalf(element)     ? l.ptx.loadSharedHalf(from)
           : op.getRelaxed()   ? l.ptx.loadSharedRelaxed(from, wordType(element, l))
                               : l.ptx.loadShared(from, 1, wordType(element, l)).front();
    l.bind(op.getResult(), {fromWord(word, element, result, l)});
    return success();
  }
  auto global = cast<GlobalType>(op.getSource().getType());
  Type element = global.getElementType();
  Address from{l.of(op.getSource()).front()};
  Value inside;
  if (global.getRank()) {
    FailureOr<GlobalTile> tile = scalarAddress<GlobalTile>(op, op.getSource(), element, global.getRank(), l);
    if (failed(tile))
      return failure();
    from = tile->at({});
    inside = tile->inside({});
  }
  word = isHalf(element)   ? l.ptx.loadGlobalHalf(from, inside)
         : op.getRelaxed() ? l.ptx.loadGlobalRelaxed(from)
                           : l.ptx.loadGlobal(from, 1, wordType(element, l), inside).front();
  l.bind(op.getResult(), {fromWord(word, element, result, l)});
  return success();
}

Value toWord(Value value, Type element, Lowering &l) {
  if (isHalf(element))
    return l.ptx.packOne(value, element);
  if (value.getType().isInteger(1))
    return arith::ExtUIOp::create(l.b, l.b.getI32Type(), value);
  return value;
}

LogicalResult storeScalar(StoreOp op, Lowering &l) {
  Value value = l.single(op.getValue());
  if (auto smem = dyn_cast<SmemType>(op.getTarget().getType())) {
    Type element = smem.getElementType();
    FailureOr<SharedTile> tile = scalarAddress<SharedTile>(op, op.getTarget(), element, smem.getRank(), l);
    if (failed(tile))
      return failure();
    if (isHalf(element))
      return op.emitOpError("stores a 16-bit scalar in shared memory; keep it as f32");
    l.ptx.storeShared(tile->at({}), toWord(value, element, l), l.scope.isThread0);
    return success();
  }
  auto global = cast<GlobalType>(op.getTarget().getType());
  Type element = global.getElementType();
  Address to{l.of(op.getTarget()).front()};
  Value inside = l.scope.isThread0;
  if (global.getRank()) {
    FailureOr<GlobalTile> tile = scalarAddress<GlobalTile>(op, op.getTarget(), element, global.getRank(), l);
    if (failed(tile))
      return failure();
    to = tile->at({});
    inside = l.both(inside, tile->inside({}));
  }
  if (isHalf(element))
    l.ptx.storeGlobalHalf(to, toWord(value, element, l), inside);
  else
    l.ptx.storeGlobal(to, toWord(value, element, l), inside);
  return success();
}

//===----------------------------------------------------------------------===//
// Matrices in shared memory
//===----------------------------------------------------------------------===//

/// One x4 or x2: `pairs` registers from `first` on, and where its rows start.
struct MatrixAccess {
  unsigned first, count;
  Spot spot;
};

/// 16-bit accumulators and B operands whose rows and columns are the buffer's last two
/// dimensions move as matrices.
bool movesAsMatrices(RankedTensorType tile, SmemType memory, ArrayRef<int64_t> extents) {
  if (!isHalf(tile.getElementType()) || !isa<AccAttr, OpbAttr>(layoutOf(tile)) || memory.getRank() < 2)
    return false;
  return extents.back() > 1 && extents[extents.size() - 2] > 1 && memory.getColumns() * 2 % 16 == 0;
}

SmallVector<MatrixAccess> matrixAccesses(RankedTensorType tile, const Placement &at) {
  SmallVector<MatrixAccess> all;
  // Registers come as pairs of matrices, (rows 0 to 7, rows 8 to 15) of eight columns; two
  // neighbouring pairs make an x4.
  unsigned pairs = at.spots.size() / 2;
  for (unsigned i = 0; i < pairs;) {
    const Spot &here = at.spots[2 * i];
    bool two = i + 2 < pairs && at.spots[2 * (i + 2)].row == here.row && at.spots[2 * (i + 2)].block == here.block &&
               at.spots[2 * (i + 2)].column == here.column + 8;
    all.push_back({i, two ? 4u : 2u, here});
    i += all.back().count;
  }
  return all;
}

/// The rows that lanes point at: lane l the row l % 8 of matrix l / 8.
Placement matrixRows(RankedTensorType tile, bool swapped, Lowering &l) {
  Placement rows;
  bool acc = isa<AccAttr>(layoutOf(tile));
  Value warp = acc && l.scope.warps() > 1 ? l.mul(l.scope.warp, 16) : Value();
  Value upper = l.mul(l.divide(l.scope.lane, 16), 8);
  // In the tile's own orientation; `swapped` memory has its columns as rows, and each
  // matrix there is read along them.
  if (!swapped) {
    rows.row = l.add(warp, l.modulo(l.scope.lane, 16));
    rows.column = upper;
  } else {
    Value half = l.mul(l.modulo(l.divide(l.scope.lane, 8), 2), 8);
    rows.row = l.add(warp, half);
    rows.column = l.add(upper, l.modulo(l.scope.lane, 8));
  }
  return rows;
}

LogicalResult loadMatrices(LoadOp op, RankedTensorType tile, const Placement &at, Lowering &l) {
  bool transpose = op.getTranspose(), operandB = isa<OpbAttr>(layoutOf(tile));
  FailureOr<SharedTile> from = SharedTile::make(op.getSource(), op.getMixedOffsets(), op.getExtents(), tile,
                                                matrixRows(tile, transpose, l), transpose, op, l);
  if (failed(from))
    return failure();
  Values registers;
  for (const MatrixAccess &access : matrixAccesses(tile, at))
    llvm::append_range(registers, l.ptx.loadMatrix(from->at(access.spot), access.count, transpose != operandB));
  l.bind(op.getResult(), registers);
  return success();
}

LogicalResult storeMatrices(StoreOp op, RankedTensorType tile, const Placement &at, Lowering &l) {
  bool transpose = op.getTranspose();
  FailureOr<SharedTile> to = SharedTile::make(op.getTarget(), op.getMixedOffsets(), op.getExtents(), tile,
                                              matrixRows(tile, transpose, l), transpose, op, l);
  if (failed(to))
    return failure();
  Values registers = l.of(op.getValue());
  for (const MatrixAccess &access : matrixAccesses(tile, at))
    l.ptx.storeMatrix(to->at(access.spot), ValueRange(registers).slice(access.first, access.count), transpose);
  return success();
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Elements of one access.
int64_t accessWidth(const Placement &at, int64_t bits, bool contiguous, int64_t limit) {
  if (!contiguous)
    return 1;
  int64_t width = std::min<int64_t>({at.vector, 128 / bits, limit});
  return int64_t(llvm::bit_floor(uint64_t(width)));
}

/// Of threads that hold the same element, one: null where no two do.
Value owner(RankedTensorType tile, Lowering &l) {
  Value zero = l.constant(int64_t(0));
  auto isZero = [&](Value value) { return value ? l.compare(arith::CmpIPredicate::eq, value, zero) : Value(); };
  Attribute layout = layoutOf(tile);
  if (isa<ColAttr>(layout))
    return l.both(isZero(l.scope.group), isZero(l.scope.warp));
  if (auto row = dyn_cast<RowAttr>(layout)) {
    if (auto lanes = dyn_cast<LanesAttr>(parentOf(row)))
      return isZero(l.modulo(l.scope.thread, lanes.getWidth()));
    return isZero(l.scope.quad);
  }
  if (auto lanes = dyn_cast<LanesAttr>(layout); lanes && tile.getRank() == 1 && lanes.getWidth() < l.scope.threads)
    return isZero(l.divide(l.scope.thread, lanes.getWidth()));
  return {};
}

/// Calls `access` for each run of elements that one instruction moves, with the
/// index of its first one.
template <typename Access>
void forAccesses(const Placement &at, int64_t width, Access access) {
  for (unsigned i = 0; i < at.spots.size(); i += width)
    access(i);
}

/// Two 16-bit elements in one register.
Value joinHalves(Value low, Value high, Lowering &l) {
  return arith::OrIOp::create(l.b, low, l.mul(high, 1 << 16));
}

template <typename Tile, typename LoadHalf, typename LoadWords>
Values loadElements(Tile &memory, const Placement &at, Type element, int64_t width, Lowering &l, LoadHalf loadHalf,
                    LoadWords loadWords) {
  Values registers;
  int64_t bits = element.getIntOrFloatBitWidth();
  if (width * bits < 32) {
    for (unsigned i = 0; i < at.spots.size(); i += 2) {
      Value low = loadHalf(at.spots[i]);
      registers.push_back(i + 1 < at.spots.size() ? joinHalves(low, loadHalf(at.spots[i + 1]), l) : low);
    }
    return registers;
  }
  forAccesses(at, width, [&](unsigned i) { llvm::append_range(registers, loadWords(at.spots[i], width * bits / 32)); });
  return registers;
}

template <typename StoreHalf, typename StoreWords>
void storeElements(ValueRange registers, const Placement &at, Type element, int64_t width, Lowering &l, StoreHalf storeHalf,
                   StoreWords storeWords) {
  int64_t bits = element.getIntOrFloatBitWidth();
  if (width * bits < 32) {
    for (unsigned i = 0; i < at.spots.size(); ++i) {
      Value pair = registers[i / 2];
      storeHalf(at.spots[i], i % 2 ? arith::ShRUIOp::create(l.b, pair, l.constant(int64_t(16))).getResult() : pair);
    }
    return;
  }
  unsigned words = width * bits / 32;
  forAccesses(at, width, [&](unsigned i) { storeWords(at.spots[i], registers.slice(i / width * words, words)); });
}

/// Address of a thread's registers in their own order: vectors of four, thread after thread.
int64_t imageStride(Lowering &l) { return 16 * l.scope.threads; }

FailureOr<Address> imageBase(Operation *op, Value memory, ArrayRef<OpFoldResult> offsets, Lowering &l) {
  Value thread = l.mul(l.scope.thread, 16);
  if (auto smem = dyn_cast<SmemType>(memory.getType())) {
    FailureOr<SharedTile> tile = SharedTile::make(memory, offsets, SmallVector<int64_t>(smem.getRank(), 1),
                                                  scalarTile(smem.getElementType(), l.b.getContext()), scalarPlacement(),
                                                  false, op, l);
    if (failed(tile))
      return failure();
    Address at = tile->at({});
    return Address{l.add(at.base, thread), at.offset};
  }
  auto global = cast<GlobalType>(memory.getType());
  Values parts = l.of(memory);
  Value at = parts[0];
  for (unsigned i = 0; i < global.getRank(); ++i)
    at = l.add(at, l.mul(elementOffset(l.valueOf(offsets[i]), parts[1 + global.getRank() + i], l),
                         global.getElementType().getIntOrFloatBitWidth() / 8));
  return Address{thread ? l.add(at, arith::ExtUIOp::create(l.b, l.b.getI64Type(), thread).getResult()) : at};
}

LogicalResult loadImage(LoadOp op, Lowering &l) {
  FailureOr<Address> from = imageBase(op, op.getSource(), op.getMixedOffsets(), l);
  if (failed(from))
    return failure();
  SmallVector<Type> types = l.types(op.getResult().getType());
  bool shared = isa<SmemType>(op.getSource().getType());
  Values registers;
  for (unsigned i = 0; i < types.size(); i += 4) {
    unsigned words = std::min<size_t>(4, types.size() - i);
    words = words == 3 ? 4 : words;
    Address at = from->plus(i / 4 * imageStride(l));
    llvm::append_range(registers, shared ? l.ptx.loadShared(at, words, types[i])
                                         : l.ptx.loadGlobal(at, words, types[i], {}));
  }
  registers.resize(types.size());
  l.bind(op.getResult(), registers);
  return success();
}

LogicalResult storeImage(StoreOp op, Lowering &l) {
  FailureOr<Address> to = imageBase(op, op.getTarget(), op.getMixedOffsets(), l);
  if (failed(to))
    return failure();
  Values registers = l.of(op.getValue());
  bool shared = isa<SmemType>(op.getTarget().getType());
  while (registers.size() % 4 == 3)
    registers.push_back(registers.back());
  for (unsigned i = 0; i < registers.size(); i += 4) {
    ValueRange words = ValueRange(registers).slice(i, std::min<size_t>(4, registers.size() - i));
    Address at = to->plus(i / 4 * imageStride(l));
    shared ? l.ptx.storeShared(at, words) : l.ptx.storeGlobal(at, words, {});
  }
  return success();
}

LogicalResult lowerLoad(LoadOp op, Lowering &l) {
  if (!isRegisterTile(op.getResult().getType()))
    return loadScalar(op, l);
  if (op.getImage())
    return loadImage(op, l);
  auto tile = cast<RankedTensorType>(op.getResult().getType());
  Type element = tile.getElementType();
  int64_t bits = element.getIntOrFloatBitWidth();
  FailureOr<Placement> at = l.placement(tile, op);
  if (failed(at))
    return failure();
  if (auto memory = dyn_cast<SmemType>(op.getSource().getType())) {
    if (movesAsMatrices(tile, memory, op.getExtents()))
      return loadMatrices(op, tile, *at, l);
    FailureOr<SharedTile> from =
        SharedTile::make(op.getSource(), op.getMixedOffsets(), op.getExtents(), tile, *at, op.getTranspose(), op, l);
    if (failed(from))
      return failure();
    int64_t width = accessWidth(*at, bits, from->columnsAreContiguous(), at->vector);
    l.bind(op.getResult(), loadElements(*from, *at, element, width, l,
                                        [&](const Spot &spot) { return l.ptx.loadSharedHalf(from->at(spot)); },
                                        [&](const Spot &spot, unsigned words) {
                                          return l.ptx.loadShared(from->at(spot), words, wordType(element, l));
                                        }));
    return success();
  }
  auto memory = cast<GlobalType>(op.getSource().getType());
  FailureOr<GlobalTile> from =
      GlobalTile::make(op.getSource(), op.getMixedOffsets(), op.getExtents(), tile, *at, op.getTranspose(), op, l);
  if (failed(from))
    return failure();
  if (Type stored = memory.getElementType(); isHalf(stored) && !isHalf(element)) { // a row of f32
    Values registers;
    for (const Spot &spot : at->spots) {
      Value inside = from->inside(spot);
      registers.push_back(l.ptx.unpack(l.ptx.loadGlobalHalf(from->at(spot), inside), false, stored));
    }
    l.bind(op.getResult(), registers);
    return success();
  }
  int64_t width = accessWidth(*at, bits, from->alignment.column == memory.getRank() - 1, memory.getVector());
  l.bind(op.getResult(), loadElements(*from, *at, element, width, l,
                                      [&](const Spot &spot) {
                                        Value inside = from->inside(spot);
                                        return l.ptx.loadGlobalHalf(from->at(spot), inside);
                                      },
                                      [&](const Spot &spot, unsigned words) {
                                        Value inside = from->inside(spot);
                                        return l.ptx.loadGlobal(from->at(spot), words, wordType(element, l), inside);
                                      }));
  return success();
}

LogicalResult lowerStore(StoreOp op, Lowering &l) {
  if (!isRegisterTile(op.getValue().getType()))
    return storeScalar(op, l);
  if (op.getImage())
    return storeImage(op, l);
  auto tile = cast<RankedTensorType>(op.getValue().getType());
  Type element = tile.getElementType();
  int64_t bits = element.getIntOrFloatBitWidth();
  FailureOr<Placement> at = l.placement(tile, op);
  if (failed(at))
    return failure();
  Values registers = l.of(op.getValue());
  Value own = owner(tile, l);
  if (auto memory = dyn_cast<SmemType>(op.getTarget().getType())) {
    if (movesAsMatrices(tile, memory, op.getExtents()) && isa<AccAttr>(layoutOf(tile)))
      return storeMatrices(op, tile, *at, l);
    FailureOr<SharedTile> to =
        SharedTile::make(op.getTarget(), op.getMixedOffsets(), op.getExtents(), tile, *at, op.getTranspose(), op, l);
    if (failed(to))
      return failure();
    int64_t width = accessWidth(*at, bits, to->columnsAreContiguous(), at->vector);
    storeElements(registers, *at, element, width, l,
                  [&](const Spot &spot, Value half) { l.ptx.storeSharedHalf(to->at(spot), half); },
                  [&](const Spot &spot, ValueRange words) { l.ptx.storeShared(to->at(spot), words, own); });
    return success();
  }
  auto memory = cast<GlobalType>(op.getTarget().getType());
  FailureOr<GlobalTile> to =
      GlobalTile::make(op.getTarget(), op.getMixedOffsets(), op.getExtents(), tile, *at, op.getTranspose(), op, l);
  if (failed(to))
    return failure();
  if (Type stored = memory.getElementType(); isHalf(stored) && !isHalf(element)) { // a row of f32
    for (auto [value, spot] : llvm::zip(registers, at->spots)) {
      Value inside = l.both(own, to->inside(spot));
      l.ptx.storeGlobalHalf(to->at(spot), l.ptx.packOne(value, stored), inside);
    }
    return success();
  }
  int64_t width = accessWidth(*at, bits, to->alignment.column == memory.getRank() - 1, memory.getVector());
  storeElements(registers, *at, element, width, l,
                [&](const Spot &spot, Value half) {
                  Value inside = l.both(own, to->inside(spot));
                  l.ptx.storeGlobalHalf(to->at(spot), half, inside);
                },
                [&](const Spot &spot, ValueRange words) {
                  Value inside = l.both(own, to->inside(spot));
                  l.ptx.storeGlobal(to->at(spot), words, inside);
                });
  return success();
}

} // namespace

void addLoadStoreLowerings(LoweringTable &table) {
  table.add<LoadOp, lowerLoad>();
  table.add<StoreOp, lowerStore>();
}

} // namespace ssm::tile::gpu
