//===- Names.cpp - positions, broadcasts, names, parts ----------------------===//
#include "Kernel.h"

#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm::tile {
namespace {

LogicalResult emit(KernelEmitter &e, PosOp op) {
  RankedTensorType type = e.frame.typeOf(op.getType());
  StringAttr name = getDims(op.getType()).front().name;
  if (e.frame.isProduct()) {
    Value at = e.of(op.getAt());
    if (Value offset = name == e.frame.rows ? e.rowOffset : name == e.frame.columns ? e.columnOffset : Value())
      at = arith::AddIOp::create(e.b, at, offset);
    Value start = arith::IndexCastOp::create(e.b, e.b.getI32Type(), at);
    e.bind(op, arith::AddIOp::create(e.b, e.iota(type, 0), BroadcastOp::create(e.b, type, start)));
    return success();
  }
  int64_t dim = e.frame.isLane(name) ? type.getRank() - 1 : e.frame.blockOf(name);
  Value start = arith::IndexCastOp::create(e.b, e.b.getI32Type(), e.of(op.getAt()));
  e.bind(op, arith::AddIOp::create(e.b, e.iota(type, dim), BroadcastOp::create(e.b, type, start)));
  return success();
}

LogicalResult emit(KernelEmitter &e, SpreadOp op) {
  Value made = e.of(op.getOperand());
  if (!made)
    return failure();
  if (getDims(op.getType()).empty() && !isRegisterTile(made.getType())) {
    e.bind(op, made);
    return success();
  }
  e.bind(op, e.spread(made, e.frame.typeOf(op.getType())));
  return success();
}

/// Elements go to another block; registers are named anew.
LogicalResult emit(KernelEmitter &e, RenameOp op) {
  Value tile = e.tileOf(op.getOperand());
  if (!tile)
    return failure();
  RankedTensorType type = e.frame.typeOf(op.getType());
  NamedDims from = getDims(op.getOperand()), to = getDims(op.getType());
  for (auto [a, c] : llvm::zip(from, to))
    if (a.name != c.name && (e.frame.isLane(a.name) || e.frame.isLane(c.name)))
      return e.refuse(op) << "'" << a.name.getValue() << "' becomes '" << c.name.getValue()
                          << "', and only one of them lies along the threads";
  // One dimension after the other: [a, 1] to [1, a].
  for (auto [a, c] : llvm::zip(from, to)) {
    if (a.name == c.name)
      continue;
    int64_t source = e.frame.blockOf(a.name), target = e.frame.blockOf(c.name);
    auto have = cast<RankedTensorType>(tile.getType());
    if (have.getDimSize(target) != 1)
      return e.refuse(op) << "'" << c.name.getValue() << "' is the name of two of its dimensions for a while";
    SmallVector<int64_t> shape(have.getShape());
    std::swap(shape[source], shape[target]);
    Value moved = ub::PoisonOp::create(e.b, have.clone(shape));
    for (int64_t i = 0; i < have.getDimSize(source); ++i)
      moved = e.insert(e.slice(tile, source, i), moved, target, i);
    tile = moved;
  }
  if (tile.getType() != type)
    return e.refuse(op) << "a tile takes other names";
  e.bind(op, tile);
  return success();
}

LogicalResult emit(KernelEmitter &e, PickOp op) {
  Value tile = e.tileOf(op.getOperand());
  if (!tile)
    return failure();
  for (auto [dim, at] : llvm::zip(op.getDims().getAsRange<StringAttr>(), op.getAt())) {
    int64_t block = e.frame.blockOf(dim);
    if (block < 0)
      return e.refuse(op) << "an element of '" << dim.getValue() << "' is picked, which lies along the threads";
    auto type = cast<RankedTensorType>(tile.getType());
    if (std::optional<int64_t> known = getConstantIntValue(at)) {
      tile = e.slice(tile, block, *known);
      continue;
    }
    Value picked = e.slice(tile, block, 0), place = e.of(at);
    for (int64_t i = 1; i < type.getDimSize(block); ++i) {
      Value here = arith::CmpIOp::create(e.b, arith::CmpIPredicate::eq, place, e.index(i));
      picked = arith::SelectOp::create(e.b, here, e.slice(tile, block, i), picked);
    }
    tile = picked;
  }
  e.bind(op, tile);
  return success();
}

LogicalResult emit(KernelEmitter &e, GetOp op) {
  Value made = e.of(op.getOperand());
  if (!made)
    return failure();
  if (isRegisterTile(made.getType()))
    return e.refuse(op) << "a number that is combined from elements decides where to go on; compute it before";
  Type to = op.getType().isInteger(64) ? e.b.getI32Type() : op.getType();
  if (made.getType() != to)
    made = arith::IndexCastOp::create(e.b, to, made);
  e.bind(op, made);
  return success();
}

} // namespace

LogicalResult emitNames(KernelEmitter &e, Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<PosOp, SpreadOp, RenameOp, PickOp, GetOp>([&](auto typed) { return emit(e, typed); })
      .Default([&](Operation *) { return failure(); });
}

} // namespace ssm::tile
