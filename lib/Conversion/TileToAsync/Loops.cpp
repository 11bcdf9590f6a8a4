//===- Loops.cpp - folds ----------------------------------------------------===//
#include "Kernel.h"

using namespace mlir;

namespace ssm::tile {

LogicalResult emitIf(KernelEmitter &e, scf::IfOp op) {
  if (op.getNumResults())
    return e.refuse(op) << "a condition with results";
  Value condition = e.of(op.getCondition());
  if (!condition)
    return failure();
  bool otherwise = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(e.b, condition, otherwise);
  OpBuilder::InsertionGuard guard(e.b);
  for (auto [from, to] : {std::pair(&op.getThenRegion(), &branch.getThenRegion()), {&op.getElseRegion(), &branch.getElseRegion()}}) {
    if (from->empty())
      continue;
    e.b.setInsertionPointToStart(&to->front());
    if (failed(e.emitBlock(from->front())))
      return failure();
  }
  return success();
}

LogicalResult emitLoop(KernelEmitter &e, LoopOp op) {
  Value from = e.of(op.getFrom()), to = e.of(op.getTo());
  if (!from || !to)
    return failure();
  SmallVector<Value> inits;
  for (Value init : op.getInits()) {
    Value tile = e.tileOf(init);
    if (!tile)
      return failure();
    inits.push_back(tile);
  }
  Value step = e.index(op.getStep());
  auto loop = scf::ForOp::create(e.b, from, to, step, inits);
  {
    OpBuilder::InsertionGuard guard(e.b);
    e.b.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar();
    if (op.getOrder() == Order::Down) {
      // The last tile first: as far from the last one's start as this is from the first's.
      Value length = arith::SubIOp::create(e.b, to, e.index(1));
      Value tiles = arith::DivUIOp::create(e.b, arith::SubIOp::create(e.b, length, from), step);
      Value last = arith::AddIOp::create(e.b, from, arith::MulIOp::create(e.b, tiles, step));
      at = arith::SubIOp::create(e.b, last, arith::SubIOp::create(e.b, at, from));
    }
    e.bind(op.getPosition(), at);
    for (auto [carry, argument] : llvm::zip(op.getCarries(), loop.getRegionIterArgs()))
      e.bind(carry, argument);
    if (failed(e.emitBlock(op.getBody().front())))
      return failure();
    SmallVector<Value> next;
    for (Value value : op.getYield()->getOperands()) {
      Value tile = e.tileOf(value);
      if (!tile)
        return failure();
      next.push_back(tile);
    }
    if (!next.empty())
      scf::YieldOp::create(e.b, next);
  }
  for (auto [result, made] : llvm::zip(op.getResults(), loop.getResults()))
    e.bind(result, made);
  return success();
}

} // namespace ssm::tile
