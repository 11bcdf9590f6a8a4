//===- Evaluate.cpp - the elements of a tile at a point ---------------------===//
//
// An expression is followed up to what is stored: arithmetic becomes the same
// operation on vectors, a broadcast one element for all lanes, a name another name.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {

Value Lowering::index(int64_t value) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(scratchBlock);
  return arith::ConstantIndexOp::create(b, value);
}

Value Lowering::add(Value x, Value y) {
  if (matchPattern(x, m_Zero()))
    return y;
  if (matchPattern(y, m_Zero()))
    return x;
  OpBuilder::InsertionGuard guard(b);
  unsigned depth = std::max(scopes.depthOf(x), scopes.depthOf(y));
  APInt a, c;
  if (matchPattern(x, m_ConstantInt(&a)) && matchPattern(y, m_ConstantInt(&c)))
    return index(a.getSExtValue() + c.getSExtValue());
  scopes.goTo(depth);
  Value sum = arith::AddIOp::create(b, x, y, arith::IntegerOverflowFlags::nsw);
  scopes.note(sum, depth);
  return sum;
}

Value Lowering::add(Value x, int64_t offset) { return offset == 0 ? x : add(x, index(offset)); }

Value Lowering::lanesOf(Value scalar, unsigned lanes) {
  return vector::BroadcastOp::create(b, VectorType::get(lanes, scalar.getType()), scalar);
}

Value Lowering::constant(TypedAttr element, unsigned lanes) {
  if (lanes == 1)
    return arith::ConstantOp::create(b, element);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(VectorType::get(lanes, element.getType()), element));
}

Buffer &Lowering::storage(Value tile) {
  auto known = places.find(tile);
  if (known != places.end())
    return known->second;
  return places[tile] = scratch.make(llvm::cast<RankedTensorType>(tile.getType()));
}

static llvm::SmallVector<Value> indicesOf(const Buffer &buffer, const Point &point) {
  llvm::SmallVector<Value> indices;
  for (const NamedDim &dim : buffer.dims)
    indices.push_back(point.get(dim.name));
  return indices;
}

Value Lowering::load(const Buffer &buffer, const Point &point) {
  llvm::SmallVector<Value> indices = indicesOf(buffer, point);
  if (point.lanes == 1)
    return memref::LoadOp::create(b, buffer.memory, indices);
  auto type = VectorType::get(point.lanes, llvm::cast<MemRefType>(buffer.memory.getType()).getElementType());
  return vector::LoadOp::create(b, type, buffer.memory, indices);
}

void Lowering::store(Value value, const Buffer &buffer, const Point &point) {
  Type element = llvm::cast<MemRefType>(buffer.memory.getType()).getElementType();
  if (getElementTypeOrSelf(value.getType()).isInteger(1)) {
    Type wide = element;
    if (auto vector = llvm::dyn_cast<VectorType>(value.getType()))
      wide = vector.clone(element);
    value = arith::ExtUIOp::create(b, wide, value);
  }
  llvm::SmallVector<Value> indices = indicesOf(buffer, point);
  if (llvm::isa<VectorType>(value.getType()))
    vector::StoreOp::create(b, value, buffer.memory, indices);
  else
    memref::StoreOp::create(b, value, buffer.memory, indices);
}

Value Lowering::computeLaneByLane(Value tile, const Point &point) {
  llvm::SmallVector<Value> elements;
  for (unsigned i = 0; i < point.lanes; ++i) {
    Point one = point.scalar();
    // Padding repeats the last element.
    one.set(point.lane, add(point.get(point.lane), std::min(i, point.valid - 1)));
    elements.push_back(get(tile, one));
  }
  return vector::FromElementsOp::create(b, VectorType::get(point.lanes, elements.front().getType()), elements);
}

/// The operand's point of a `part`: the whole from its parts.
static std::optional<Point> throughPart(Lowering &lowering, PartOp op, const Point &point) {
  NamedDims dims = ssm::getDims(op.getType());
  Value whole = lowering.index(0);
  Point inner = point;
  bool laneIsPart = false;
  auto parts = op.getParts().getAsRange<StringAttr>();
  for (StringAttr part : parts) {
    int64_t size = dims[*findDim(dims, part)].size;
    OpBuilder::InsertionGuard guard(lowering.b);
    unsigned depth = lowering.scopes.depthOf(whole);
    lowering.scopes.goTo(depth);
    Value scaled = lowering.b.createOrFold<arith::MulIOp>(whole, lowering.index(size));
    lowering.scopes.note(scaled, depth);
    whole = lowering.add(scaled, point.get(part));
    laneIsPart = part == point.lane;
  }
  for (StringAttr part : parts)
    if (part == point.lane && !laneIsPart)
      return std::nullopt; // the lanes lie apart
  inner.set(op.getDimAttr(), whole);
  if (laneIsPart)
    inner.lane = op.getDimAttr();
  return inner;
}

/// The operand's point of a `join`: the parts from the whole.
static std::optional<Point> throughJoin(Lowering &lowering, JoinOp op, const Point &point) {
  NamedDims dims = ssm::getDims(op.getOperand());
  Value rest = point.get(op.getDimAttr());
  Point inner = point;
  llvm::SmallVector<StringAttr> parts(op.getParts().getAsRange<StringAttr>());
  int64_t last = dims[*findDim(dims, parts.back())].size;
  bool lanes = point.lane == op.getDimAttr();
  if (lanes && last % point.lanes != 0)
    return std::nullopt; // a vector spans several of the outer parts
  unsigned depth = lowering.scopes.depthOf(rest);
  OpBuilder::InsertionGuard guard(lowering.b);
  lowering.scopes.goTo(depth);
  for (StringAttr part : llvm::reverse(parts)) {
    Value size = lowering.index(dims[*findDim(dims, part)].size);
    Value at = part == parts.front() ? rest : lowering.b.createOrFold<arith::RemUIOp>(rest, size);
    lowering.scopes.note(at, depth);
    inner.set(part, at);
    if (part != parts.front()) {
      rest = lowering.b.createOrFold<arith::DivUIOp>(rest, size);
      lowering.scopes.note(rest, depth);
    }
  }
  if (lanes)
    inner.lane = parts.back();
  return inner;
}

static Point throughRename(RenameOp op, const Point &point) {
  Point inner;
  NamedDims from = ssm::getDims(op.getOperand()), to = ssm::getDims(op.getType());
  for (auto [old, renamed] : llvm::zip_equal(from, to)) {
    inner.at.push_back({old.name, point.get(renamed.name)});
    if (renamed.name == point.lane)
      inner.lane = old.name;
  }
  inner.lanes = point.lanes;
  inner.valid = point.valid;
  return inner;
}

Value Lowering::get(Value tile, const Point &given) {
  Point point = given.within(ssm::getDims(tile));
  unsigned depth = 0;
  Scopes::Key key{tile.getAsOpaquePointer(), point.lane ? point.lane.getAsOpaquePointer() : nullptr, point.lanes, {}};
  for (auto &[dim, index] : point.at) {
    depth = std::max(depth, scopes.depthOf(index));
    APInt constant;
    // Constants are made anew at every use: their value is the key.
    if (matchPattern(index, m_ConstantInt(&constant)))
      std::get<3>(key).push_back(reinterpret_cast<const void *>(constant.getSExtValue() * 2 + 1));
    else
      std::get<3>(key).push_back(index.getAsOpaquePointer());
  }
  if (recurBody && tile.getParentBlock() == recurBody)
    depth = std::max(depth, recurDepth);
  if (auto known = scopes.memo(depth).find(key); known != scopes.memo(depth).end())
    return known->second;
  OpBuilder::InsertionGuard guard(b);
  scopes.goTo(depth);
  Value value = compute(tile, point);
  scopes.memo(depth)[key] = value;
  return value;
}

/// Whether a stored tile's lanes lie side by side.
static bool isContiguous(const Buffer &buffer, const Point &point) {
  return !point.lane || buffer.dims.back().name == point.lane;
}

Value Lowering::compute(Value tile, const Point &point) {
  Type element = getElement(tile);
  if (recurBody && !registers.empty()) {
    Register key{tile, {}, point.lane ? point.get(point.lane) : Value()};
    for (auto &[dim, index] : point.at)
      if (llvm::is_contained(registerDims, dim)) {
        APInt constant;
        if (matchPattern(index, m_ConstantInt(&constant)))
          key.at.push_back(constant.getSExtValue());
      }
    if (auto held = registers.find(key); held != registers.end())
      return held->second;
  }
  if (auto slice = slices.find(tile); slice != slices.end()) {
    auto [whole, dim, at] = slice->second;
    Point inner = point;
    inner.set(dim, at);
    return get(whole, inner);
  }
  if (auto stored = buffers.find(tile); stored != buffers.end()) {
    if (!isContiguous(stored->second, point))
      return computeLaneByLane(tile, point);
    Value value = load(stored->second, point);
    if (!element.isInteger(1))
      return value;
    Type mask = element;
    if (auto vector = llvm::dyn_cast<VectorType>(value.getType()))
      mask = vector.clone(element);
    return arith::TruncIOp::create(b, mask, value);
  }
  Operation *op = tile.getDefiningOp();
  if (auto spread = llvm::dyn_cast<SpreadOp>(op)) {
    Value operand = spread.getOperand();
    Value value;
    if (llvm::isa<RankedTensorType>(operand.getType())) {
      value = get(operand, point);
    } else {
      value = scalars.lookupOrDefault(operand);
      if (value.getType().isIndex())
        value = arith::IndexCastOp::create(b, element, value);
    }
    return point.lane && !llvm::isa<VectorType>(value.getType()) ? lanesOf(value, point.lanes) : value;
  }
  if (auto constantOp = llvm::dyn_cast<arith::ConstantOp>(op)) {
    auto dense = llvm::cast<DenseElementsAttr>(constantOp.getValue());
    return constant(dense.getSplatValue<TypedAttr>(), point.lane ? point.lanes : 1);
  }
  if (auto pos = llvm::dyn_cast<PosOp>(op)) {
    Value at = add(scalars.lookupOrDefault(pos.getAt()), point.at.front().second);
    at = arith::IndexCastOp::create(b, element, at);
    if (!point.lane)
      return at;
    llvm::SmallVector<Attribute> steps;
    for (unsigned i = 0; i < point.lanes; ++i)
      steps.push_back(b.getIntegerAttr(element, i));
    auto type = VectorType::get(point.lanes, element);
    Value step = arith::ConstantOp::create(b, DenseElementsAttr::get(type, steps));
    return arith::AddIOp::create(b, lanesOf(at, point.lanes), step);
  }
  if (auto rename = llvm::dyn_cast<RenameOp>(op))
    return get(rename.getOperand(), throughRename(rename, point));
  if (auto pick = llvm::dyn_cast<PickOp>(op)) {
    Point inner = point;
    for (auto [dim, at] : llvm::zip(pick.getDims().getAsRange<StringAttr>(), pick.getAt()))
      inner.set(dim, scalars.lookupOrDefault(at));
    return get(pick.getOperand(), inner);
  }
  if (auto part = llvm::dyn_cast<PartOp>(op)) {
    std::optional<Point> inner = throughPart(*this, part, point);
    return inner ? get(part.getOperand(), *inner) : computeLaneByLane(tile, point);
  }
  if (auto join = llvm::dyn_cast<JoinOp>(op)) {
    std::optional<Point> inner = throughJoin(*this, join, point);
    return inner ? get(join.getOperand(), *inner) : computeLaneByLane(tile, point);
  }
  if (auto access = llvm::dyn_cast<ReadOp>(op))
    return read(access, llvm::cast<OpResult>(tile).getResultNumber(), point);
  if (auto reduction = llvm::dyn_cast<CombineOp>(op))
    return combineUnrolled(reduction, llvm::cast<OpResult>(tile).getResultNumber(), point);

  // Arithmetic: the same operation on vectors.
  llvm::SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(llvm::isa<RankedTensorType>(operand.getType()) ? get(operand, point)
                                                                      : scalars.lookupOrDefault(operand));
  OperationState state(b.getLoc(), op->getName());
  state.addOperands(operands);
  for (Type type : op->getResultTypes()) {
    Type one = llvm::cast<RankedTensorType>(type).getElementType();
    state.addTypes(point.lane ? Type(VectorType::get(point.lanes, one)) : one);
  }
  state.addAttributes(op->getAttrs());
  Operation *made = b.create(state);
  return made->getResult(llvm::cast<OpResult>(tile).getResultNumber());
}

} // namespace ssm::tile
