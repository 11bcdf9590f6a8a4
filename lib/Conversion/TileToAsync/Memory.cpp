//===- Memory.cpp - reads and writes as loads and stores --------------------===//
//
// A view becomes an argument whose dimensions stand in the tile's order, so that no
// tile is transposed: what an item has one element of first, then the blocks, the lane
// last. Vectors are as wide as sizes and coordinates are known to be multiples of;
// elements outside the view are neither read nor written.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;

namespace ssm::tile {

int64_t alignmentOf(Value index) {
  constexpr int64_t most = 64;
  if (std::optional<int64_t> known = getConstantIntValue(index))
    return *known == 0 ? most : std::min<int64_t>(most, *known & -*known);
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto program = dyn_cast<ProgramOp>(parent))
      return std::gcd(most, program.getSteps()[argument.getArgNumber()]);
    if (auto loop = dyn_cast<LoopOp>(parent); loop && argument == loop.getPosition())
      return std::gcd(std::gcd(most, int64_t(loop.getStep())), alignmentOf(loop.getFrom()));
    return 1;
  }
  Operation *op = index.getDefiningOp();
  if (isa<arith::AddIOp, arith::SubIOp, arith::MaxSIOp, arith::MinSIOp>(op))
    return std::gcd(alignmentOf(op->getOperand(0)), alignmentOf(op->getOperand(1)));
  if (isa<arith::MulIOp>(op))
    return std::min(most, alignmentOf(op->getOperand(0)) * alignmentOf(op->getOperand(1)));
  return 1;
}

bool isNeverNegative(Value index) {
  if (std::optional<int64_t> known = getConstantIntValue(index))
    return *known >= 0;
  if (auto argument = dyn_cast<BlockArgument>(index)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast<LoopOp>(parent))
      return argument == loop.getPosition() && isNeverNegative(loop.getFrom());
    return isa<ProgramOp, RecurOp, func::FuncOp>(parent);
  }
  Operation *op = index.getDefiningOp();
  if (isa<arith::MaxSIOp>(op))
    return isNeverNegative(op->getOperand(0)) || isNeverNegative(op->getOperand(1));
  return isa<arith::AddIOp, arith::MulIOp, arith::DivUIOp>(op) && isNeverNegative(op->getOperand(0)) && isNeverNegative(op->getOperand(1));
}

namespace {

/// An access: the view as an argument, where, and how much.
struct Access {
  Value view;
  SmallVector<Value> offsets;
  SmallVector<int64_t> extents;
  bool eitherSide = false; // some index may be before the view's start
};

template <typename Op>
FailureOr<Access> locate(KernelEmitter &e, Op op, Type tile) {
  ViewType view = op.getView().getType();
  Type stored = view.getElementType();
  if (auto complex = dyn_cast<ComplexType>(stored))
    stored = complex.getElementType();
  if (stored.isInteger(64) || stored.isF64() || stored.isInteger(8))
    return e.refuse(op) << "elements of " << (stored.isInteger(8) ? "bool" : stored.isF64() ? "f64" : "i64")
                        << " in memory; f32, bf16, f16 and i32 are loaded and stored", failure();
  if (!op.getView().template getDefiningOp<ViewOp>())
    return e.refuse(op) << "what an item keeps in memory of its own", failure();
  if (!op.getCounts().empty())
    return e.refuse(op) << "a length shorter than the buffer", failure();
  llvm::SmallDenseMap<StringAttr, Value> places;
  for (auto [dim, at] : llvm::zip(op.getDims().template getAsRange<StringAttr>(), op.getCoordinates())) {
    if (isTile(at.getType()))
      return e.refuse(op) << "elements picked along '" << dim.getValue() << "' by a table of indices", failure();
    places[dim] = at;
  }
  NamedDims memory = view.getDims(), dims = getDims(tile);
  RankedTensorType type = e.frame.typeOf(tile);
  Access access;
  SmallVector<StringAttr> order;
  auto take = [&](const NamedDim &d, int64_t extent) {
    order.push_back(d.name);
    Value at = places.lookup(d.name);
    access.offsets.push_back(at ? e.of(at) : e.index(0));
    access.extents.push_back(extent);
    access.eitherSide |= at && extent > 1 && !isNeverNegative(at);
  };
  for (const NamedDim &d : memory)
    if (!findDim(dims, d.name))
      take(d, 1);
  for (auto [block, name] : llvm::enumerate(e.frame.blocks))
    if (std::optional<unsigned> place = findDim(memory, name); place && findDim(dims, name))
      take(memory[*place], type.getDimSize(block));
  int64_t vector = 1;
  if (std::optional<unsigned> place = findDim(memory, e.frame.isProduct() ? e.frame.rows.getValue() : "");
      place && findDim(dims, e.frame.rows)) {
    take(memory[*place], type.getDimSize(0));
    if (e.rowOffset)
      access.offsets.back() = arith::AddIOp::create(e.b, access.offsets.back(), e.rowOffset);
  }
  StringAttr last = e.frame.isProduct() ? e.frame.columns : e.frame.lane;
  bool along = last && findDim(dims, last).has_value();
  if (along) {
    const NamedDim &d = memory[*findDim(memory, last)];
    take(d, type.getDimSize(type.getRank() - 1));
    if (e.columnOffset)
      access.offsets.back() = arith::AddIOp::create(e.b, access.offsets.back(), e.columnOffset);
    Value at = places.lookup(d.name);
    if (d.name == memory.back().name) {
      int64_t bits = stored.getIntOrFloatBitWidth(), multiple = e.multipleOf(d);
      vector = std::min<int64_t>(e.frame.vector, 128 / bits);
      while (vector > 1 && (multiple % vector || (at && alignmentOf(at) % vector)))
        vector /= 2;
    }
  }
  // The innermost dimension is one whose stride is 1.
  if (isa<ComplexType>(view.getElementType())) {
    vector = 1; // its parts are, and a tile has one of them
    access.offsets.push_back(e.index(0));
    access.extents.push_back(1);
  } else if (!along || last != memory.back().name) {
    order.push_back({});
    access.offsets.push_back(e.index(0));
    access.extents.push_back(1);
  }
  access.view = e.viewArgument(op.getView(), order, vector);
  return access;
}

/// Whether a value that was made is seen from a block that is being made.
bool reaches(Value value, Block *block) {
  for (; block; block = block->getParentOp() ? block->getParentOp()->getBlock() : nullptr)
    if (block == value.getParentBlock())
      return true;
  return false;
}

} // namespace

/// A real tile, or a part of complex ones.
static LogicalResult readPart(KernelEmitter &e, ReadOp op, unsigned part) {
  Type tile = op.getResultTypes()[part];
  if (auto fill = op.getFill(); fill && *fill != e.b.getZeroAttr((*fill).getType()))
    return e.refuse(op) << "elements outside of a view that are not 0";
  FailureOr<Access> access = locate(e, op, tile);
  if (failed(access))
    return failure();
  if (part)
    access->offsets.back() = e.index(part);
  // What was loaded before is there still.
  KernelEmitter::Loaded wanted{access->view, tile, llvm::to_vector(op.getDims()), {}, {}};
  for (Value offset : access->offsets)
    wanted.at.push_back(getAsOpFoldResult(offset));
  if (e.isOnlyRead(op.getView()))
    for (const KernelEmitter::Loaded &known : e.loads)
      if (known.source == wanted.source && known.type == wanted.type && known.dims == wanted.dims && known.at == wanted.at &&
          reaches(known.tile, e.b.getInsertionBlock())) {
        e.bind(op.getResult(part), known.tile);
        return success();
      }
  SmallVector<int64_t> none(access->offsets.size(), ShapedType::kDynamic);
  Type element = cast<RankedTensorType>(tile).getElementType();
  bool scalar = getDims(tile).empty() && (element.isF32() || element.isInteger(32) || element.isBF16() || element.isF16());
  Type type = e.frame.typeOf(tile);
  if (scalar)
    type = element.isInteger() ? Type(e.b.getI32Type()) : Type(e.b.getF32Type());
  auto load = LoadOp::create(e.b, type, access->view, access->offsets, e.b.getDenseI64ArrayAttr(none),
                             scalar ? DenseI64ArrayAttr() : e.b.getDenseI64ArrayAttr(access->extents), UnitAttr(), UnitAttr(),
                             UnitAttr(), access->eitherSide ? e.b.getUnitAttr() : UnitAttr());
  e.bind(op.getResult(part), load.getResult());
  wanted.tile = load.getResult();
  e.loads.push_back(std::move(wanted));
  return success();
}

LogicalResult emitRead(KernelEmitter &e, ReadOp op) {
  for (unsigned part = 0; part < op.getNumResults(); ++part)
    if (failed(readPart(e, op, part)))
      return failure();
  return success();
}

static LogicalResult writePart(KernelEmitter &e, WriteOp op, unsigned part) {
  Value value = op.getValues()[part];
  // A tile that hangs over its place would write into the next one's.
  auto fits = [&](StringAttr dim, int64_t filled) {
    NamedDims dims = getDims(value), memory = op.getView().getType().getDims();
    std::optional<unsigned> place = findDim(dims, dim);
    return !place || dims[*place].size == filled || memory[*findDim(memory, dim)].size == dims[*place].size;
  };
  NamedDims own = getDims(value);
  for (const NamedDim &d : own)
    if (e.frame.isProduct() && !fits(d.name, d.name == e.frame.rows ? e.frame.rowsOfGroup(d.size) * e.frame.groups
                                                                    : e.frame.columnsOf(d.size)))
      return e.refuse(op) << "tiles of " << d.size << " along '" << d.name.getValue() << "'; multiples of "
                          << (d.name == e.frame.rows ? 64 * e.frame.groups : e.frame.columnUnit) << " do";
  if (e.frame.hasLane(value.getType())) {
    NamedDims dims = getDims(value), memory = op.getView().getType().getDims();
    int64_t size = dims[*findDim(dims, e.frame.lane)].size;
    const NamedDim &whole = memory[*findDim(memory, e.frame.lane)];
    if (e.frame.padded(size) != size && whole.size != size)
      return e.refuse(op) << "tiles of " << size << " along '" << e.frame.lane.getValue() << "' do not divide among "
                          << e.frame.threads << " threads with " << e.frame.vector << " elements each; multiples of "
                          << e.frame.threads * e.frame.vector << " do";
  }
  FailureOr<Access> access = locate(e, op, value.getType());
  if (failed(access))
    return failure();
  if (part)
    access->offsets.back() = e.index(part);
  Value made = e.of(value);
  if (!made)
    return failure();
  if (made.getType().isIndex())
    made = arith::IndexCastOp::create(e.b, e.b.getI32Type(), made);
  SmallVector<int64_t> none(access->offsets.size(), ShapedType::kDynamic);
  bool scalar = !isRegisterTile(made.getType());
  // Sixteen bytes a thread instead of four, for an exchange in each quad.
  if (auto type = dyn_cast<RankedTensorType>(made.getType());
      type && isa<AccAttr>(type.getEncoding()) && type.getElementTypeBitWidth() == 16 && type.getDimSize(1) % 32 == 0)
    made = ConvertOp::create(e.b, RankedTensorType::get(type.getShape(), type.getElementType(), QuadAttr::get(e.b.getContext())), made);
  StoreOp::create(e.b, made, access->view, access->offsets, e.b.getDenseI64ArrayAttr(none),
                  scalar ? DenseI64ArrayAttr() : e.b.getDenseI64ArrayAttr(access->extents), UnitAttr(), UnitAttr(), UnitAttr(),
                  access->eitherSide ? e.b.getUnitAttr() : UnitAttr());
  return success();
}

LogicalResult emitWrite(KernelEmitter &e, WriteOp op) {
  if (op.getAccumulate())
    return e.refuse(op) << "results that are added to what is there";
  for (unsigned part = 0; part < op.getValues().size(); ++part)
    if (failed(writePart(e, op, part)))
      return failure();
  return success();
}

} // namespace ssm::tile
