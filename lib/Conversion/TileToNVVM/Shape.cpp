//===- Shape.cpp - replicating, cutting and turning tiles -------------------===//
//
// Broadcasts, slices and insertions choose among registers and cost nothing: an
// element's constant coordinates say which register of the other tile it is.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include <map>
#include <tuple>

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

/// Registers by the constant coordinates of their elements.
class SpotIndex {
public:
  explicit SpotIndex(const Placement &at) {
    for (auto [i, spot] : llvm::enumerate(at.spots))
      index[{spot.block, spot.row, spot.column}] = i;
  }
  std::optional<unsigned> find(int64_t block, int64_t row, int64_t column) const {
    auto at = index.find({block, row, column});
    return at == index.end() ? std::nullopt : std::optional<unsigned>(at->second);
  }

private:
  std::map<std::tuple<int64_t, int64_t, int64_t>, unsigned> index;
};

LogicalResult lowerBroadcast(BroadcastOp op, Lowering &l) {
  auto to = cast<RankedTensorType>(op.getResult().getType());
  Type element = to.getElementType();
  if (!isRegisterTile(op.getSource().getType())) {
    Value one = l.single(op.getSource());
    if (isHalf(element))
      one = l.ptx.pack(one, one, element);
    l.bind(op.getResult(), Values(l.types(to).size(), one));
    return success();
  }
  auto from = cast<RankedTensorType>(op.getSource().getType());
  FailureOr<Placement> source = l.placement(from, op), target = l.placement(to, op);
  if (failed(source) || failed(target))
    return failure();
  SpotIndex registers(*source);
  bool rows = isa<RowAttr>(layoutOf(from)), blocks = source->spots.back().block > 0;
  Values values = l.unpacked(l.of(op.getSource()), element), all;
  for (const Spot &spot : target->spots) {
    std::optional<unsigned> at = registers.find(blocks ? spot.block : 0, 0, rows ? spot.row : spot.column);
    if (!at)
      return op.emitOpError("replicates a vector along a tile whose threads hold other elements of it");
    all.push_back(values[*at]);
  }
  l.bind(op.getResult(), l.packed(all, element));
  return success();
}

/// The register of `whole` that an element of a part at constant offsets is.
class PartIndex {
public:
  static FailureOr<PartIndex> make(Operation *op, RankedTensorType whole, RankedTensorType part,
                                   ArrayRef<OpFoldResult> offsets, Lowering &l) {
    FailureOr<Placement> wholeAt = l.placement(whole, op), partAt = l.placement(part, op);
    if (failed(wholeAt) || failed(partAt))
      return failure();
    PartIndex p{SpotIndex(*wholeAt)};
    SmallVector<int64_t> start;
    for (OpFoldResult offset : offsets) {
      std::optional<int64_t> known = Lowering::constantOf(offset);
      if (!known)
        return op->emitOpError("cuts at an offset that is no constant; unroll the loop that it counts");
      start.push_back(*known);
    }
    int64_t rank = whole.getRank(), spread = std::min<int64_t>(layoutRank(layoutOf(whole)), rank);
    int64_t dropped = rank - part.getRank();
    for (const Spot &spot : partAt->spots) {
      int64_t block = 0, scale = 1, rest = spot.block;
      for (int64_t dim = rank - spread; dim-- > 0;) {
        int64_t size = dim < dropped ? 1 : part.getDimSize(dim - dropped);
        block += (rest % size + start[dim]) * scale;
        rest /= size;
        scale *= whole.getDimSize(dim);
      }
      int64_t row = spread == 2 ? spot.row + start[rank - 2] : spot.row;
      std::optional<unsigned> at = p.whole.find(block, row, spot.column + start[rank - 1]);
      if (!at)
        return op->emitOpError("cuts through what one thread holds; offsets are multiples of the layout's period");
      p.registers.push_back(*at);
    }
    return p;
  }
  SmallVector<unsigned> registers; // by element of the part

private:
  explicit PartIndex(SpotIndex whole) : whole(std::move(whole)) {}
  SpotIndex whole;
};

LogicalResult lowerSlice(SliceOp op, Lowering &l) {
  auto whole = cast<RankedTensorType>(op.getSource().getType()), part = cast<RankedTensorType>(op.getResult().getType());
  FailureOr<PartIndex> index = PartIndex::make(op, whole, part, op.getMixedOffsets(), l);
  if (failed(index))
    return failure();
  unsigned step = isHalf(whole.getElementType()) ? 2 : 1;
  Values from = l.of(op.getSource()), to;
  for (unsigned i = 0; i < index->registers.size(); i += step)
    to.push_back(from[index->registers[i] / step]);
  l.bind(op.getResult(), to);
  return success();
}

LogicalResult lowerInsert(InsertOp op, Lowering &l) {
  auto whole = cast<RankedTensorType>(op.getDest().getType()), part = cast<RankedTensorType>(op.getSource().getType());
  FailureOr<PartIndex> index = PartIndex::make(op, whole, part, op.getMixedOffsets(), l);
  if (failed(index))
    return failure();
  unsigned step = isHalf(whole.getElementType()) ? 2 : 1;
  Values to = l.of(op.getDest()), from = l.of(op.getSource());
  for (unsigned i = 0; i < index->registers.size(); i += step)
    to[index->registers[i] / step] = from[i / step];
  l.bind(op.getResult(), to);
  return success();
}

LogicalResult lowerIota(IotaOp op, Lowering &l) {
  auto tile = cast<RankedTensorType>(op.getResult().getType());
  FailureOr<Placement> at = l.placement(tile, op);
  if (failed(at))
    return failure();
  int64_t rank = tile.getRank(), dim = op.getDim(), spread = std::min<int64_t>(layoutRank(layoutOf(tile)), rank);
  Values all;
  for (const Spot &spot : at->spots) {
    if (dim == rank - 1) {
      all.push_back(l.add(at->column, spot.column));
    } else if (spread == 2 && dim == rank - 2) {
      all.push_back(l.add(at->row, spot.row));
    } else {
      int64_t block = spot.block;
      for (int64_t d = rank - spread - 1; d > dim; --d)
        block /= tile.getDimSize(d);
      all.push_back(l.constant(block % tile.getDimSize(dim)));
    }
  }
  if (tile.getElementType().isF32())
    for (Value &value : all)
      value = arith::SIToFPOp::create(l.b, l.b.getF32Type(), value);
  l.bind(op.getResult(), all);
  return success();
}

LogicalResult lowerAny(AnyOp op, Lowering &l) {
  Value some;
  for (Value value : l.of(op.getSource()))
    some = some ? arith::OrIOp::create(l.b, some, value).getResult() : value;
  l.bind(op.getResult(), {l.ptx.voteAny(some)});
  return success();
}

/// A 4 x 4 transposition in each quad: lane q's register j becomes lane j's register q.
/// Two rounds of exchanging halves.
void transposeQuad(MutableArrayRef<Value> x, Value odd, Value upper, Lowering &l) {
  auto swap = [&](Value &a, Value &c, Value bit, int64_t distance) {
    Value got = l.ptx.shuffleXor(l.select(bit, a, c), distance);
    Value first = l.select(bit, got, a), second = l.select(bit, c, got);
    a = first, c = second;
  };
  swap(x[0], x[1], odd, 1);
  swap(x[2], x[3], odd, 1);
  swap(x[0], x[2], upper, 2);
  swap(x[1], x[3], upper, 2);
}

LogicalResult lowerConvert(ConvertOp op, Lowering &l) {
  auto from = cast<RankedTensorType>(op.getSource().getType()), to = cast<RankedTensorType>(op.getResult().getType());
  bool toQuad = isa<AccAttr>(layoutOf(from)) && isa<QuadAttr>(layoutOf(to));
  if ((!toQuad && !(isa<QuadAttr>(layoutOf(from)) && isa<AccAttr>(layoutOf(to)))) || !isHalf(from.getElementType()))
    return op.emitOpError("has no lowering; only acc and quad at 16 bits turn into each other by shuffles");
  Value zero = l.constant(int64_t(0));
  Value odd = l.compare(arith::CmpIPredicate::ne, l.modulo(l.scope.quad, 2), zero);
  Value upper = l.compare(arith::CmpIPredicate::ne, l.divide(l.scope.quad, 2), zero);
  Values source = l.of(op.getSource()), target(source.size());
  // acc: (block, j, h); quad: (block, j / 4, h, j % 4). Four j of one h turn.
  for (unsigned i = 0; i < source.size(); i += 8)
    for (unsigned h = 0; h < 2; ++h) {
      auto acc = [&](unsigned j) { return i + 2 * j + h; };
      auto quad = [&](unsigned j) { return i + 4 * h + j; };
      Values x;
      for (unsigned j = 0; j < 4; ++j)
        x.push_back(source[toQuad ? acc(j) : quad(j)]);
      transposeQuad(x, odd, upper, l);
      for (unsigned j = 0; j < 4; ++j)
        target[toQuad ? quad(j) : acc(j)] = x[j];
    }
  l.bind(op.getResult(), target);
  return success();
}

/// Element i takes element map(i): lanes give, registers are known.
LogicalResult lowerGather(GatherOp op, Lowering &l) {
  auto tile = cast<RankedTensorType>(op.getSource().getType());
  auto lanes = cast<LanesAttr>(layoutOf(tile));
  FailureOr<Placement> at = l.placement(tile, op);
  if (failed(at))
    return failure();
  int64_t width = lanes.getWidth(), vector = lanes.getVector(), size = tile.getShape().back();
  if (width > 32)
    return op.emitOpError("gathers among ") << width << " threads; within a warp there are 32";
  AffineMap map = op.getMap();
  SpotIndex registers(*at);
  Type element = tile.getElementType();
  Values from = l.unpacked(l.of(op.getSource()), element), to;
  Value lane = l.modulo(l.scope.lane, width);
  for (const Spot &spot : at->spots) {
    std::optional<unsigned> source;
    bool same = true, fixed = true;
    int64_t first = 0;
    for (int64_t t = 0; t < width; ++t) {
      std::optional<int64_t> index;
      SmallVector<Attribute> result;
      Builder builder(op.getContext());
      if (succeeded(map.constantFold({builder.getI64IntegerAttr(spot.column + t * vector)}, result)))
        index = cast<IntegerAttr>(result.front()).getInt();
      if (!index || *index < 0 || *index >= size)
        return op.emitOpError("takes an element outside the tile for element ") << spot.column + t * vector;
      int64_t giver = *index / vector % width;
      std::optional<unsigned> at = registers.find(spot.block, spot.row, *index - giver * vector);
      if (source && at != source)
        return op.emitOpError("would read several registers for one; choose a layout whose lanes move together");
      source = at;
      same &= giver == t;
      if (t == 0)
        first = giver;
      fixed &= giver == first;
    }
    Value value = from[*source];
    if (!same) {
      Value giver = l.constant(first);
      if (!fixed) {
        Value index = l.add(l.mul(lane, vector), spot.column);
        giver = l.modulo(l.divide(lowerAffine(map.getResult(0), {index}, {}, l), vector), width);
      }
      value = l.ptx.shuffleIndex(value, giver, width);
    }
    to.push_back(value);
  }
  l.bind(op.getResult(), l.packed(to, element));
  return success();
}

} // namespace

void addShapeLowerings(LoweringTable &table) {
  table.add<BroadcastOp, lowerBroadcast>();
  table.add<SliceOp, lowerSlice>();
  table.add<InsertOp, lowerInsert>();
  table.add<IotaOp, lowerIota>();
  table.add<AnyOp, lowerAny>();
  table.add<ConvertOp, lowerConvert>();
  table.add<GatherOp, lowerGather>();
}

} // namespace ssm::tile::gpu
