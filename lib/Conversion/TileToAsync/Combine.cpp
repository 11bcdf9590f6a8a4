//===- Combine.cpp - reductions ---------------------------------------------===//
//
// Along a block dimension a thread combines its own registers; along the lane it does
// that first, then the lanes exchange, then the warps by way of shared memory.
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"

#include "mlir/Dialect/UB/IR/UBOps.h"

#include <limits>

using namespace mlir;

namespace ssm::tile {

std::optional<Combine> combineFor(Combiner combiner, Type element) {
  bool whole = isa<IntegerType>(element);
  switch (combiner) {
  case Combiner::Add:
    return whole ? Combine::AddI : Combine::AddF;
  case Combiner::Mul:
    return whole ? std::nullopt : std::optional(Combine::MulF);
  case Combiner::Max:
    return whole ? Combine::MaxSI : Combine::MaximumF;
  case Combiner::Min:
    return whole ? Combine::MinSI : Combine::MinimumF;
  default:
    return std::nullopt;
  }
}

double identityOf(Combine kind) {
  switch (kind) {
  case Combine::AddF:
  case Combine::AddI:
    return 0;
  case Combine::MulF:
    return 1;
  case Combine::MaxNumF:
  case Combine::MaximumF:
    return -std::numeric_limits<double>::infinity();
  case Combine::MinNumF:
  case Combine::MinimumF:
    return std::numeric_limits<double>::infinity();
  case Combine::MaxSI:
    return std::numeric_limits<int32_t>::min();
  case Combine::MinSI:
    return std::numeric_limits<int32_t>::max();
  }
  return 0;
}

Value combineTwo(KernelEmitter &e, Combine kind, Value a, Value c) {
  switch (kind) {
  case Combine::AddF:
    return arith::AddFOp::create(e.b, a, c);
  case Combine::MulF:
    return arith::MulFOp::create(e.b, a, c);
  case Combine::MaxNumF:
    return arith::MaxNumFOp::create(e.b, a, c);
  case Combine::MinNumF:
    return arith::MinNumFOp::create(e.b, a, c);
  case Combine::MaximumF:
    return arith::MaximumFOp::create(e.b, a, c);
  case Combine::MinimumF:
    return arith::MinimumFOp::create(e.b, a, c);
  case Combine::AddI:
    return arith::AddIOp::create(e.b, a, c);
  case Combine::MaxSI:
    return arith::MaxSIOp::create(e.b, a, c);
  case Combine::MinSI:
    return arith::MinSIOp::create(e.b, a, c);
  }
  return {};
}

Value combineBlock(KernelEmitter &e, Combine kind, Value tile, int64_t dim) {
  int64_t count = cast<RankedTensorType>(tile.getType()).getDimSize(dim);
  // Two chains, so that one's latency hides the other's.
  Value chains[2] = {};
  for (int64_t i = 0; i < count; ++i) {
    Value part = e.slice(tile, dim, i), &chain = chains[i % 2];
    chain = chain ? combineTwo(e, kind, chain, part) : part;
  }
  return chains[1] ? combineTwo(e, kind, chains[0], chains[1]) : chains[0];
}

Value combineLane(KernelEmitter &e, Combine kind, Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> shape(type.getShape().drop_back());
  if (shape.empty())
    shape.push_back(1);
  auto result = RankedTensorType::get(shape, type.getElementType(), RowAttr::get(e.b.getContext(), type.getEncoding()));
  Value via;
  if (e.frame.threads > 32) {
    // The scratch of one reduction is free again when all have met.
    via = e.scratch(4 * result.getNumElements(), type.getElementType());
    if (e.b.getInsertionBlock()->getParentOp() && !isa<RoleOp>(e.b.getInsertionBlock()->getParentOp()))
      SyncOp::create(e.b);
  }
  return ReduceOp::create(e.b, result, kind, tile, via);
}

LogicalResult emitCombine(KernelEmitter &e, CombineOp op) {
  if (op.getCombiner() == Combiner::Custom || op.getInputs().size() != 1)
    return e.refuse(op) << "a combination by a region";
  Value input = op.getInputs().front();
  Type element = getElement(input);
  std::optional<Combine> kind = combineFor(op.getCombiner(), element);
  if (!kind)
    return e.refuse(op) << "a product of whole numbers";
  Value tile = e.tileOf(input);
  if (!tile)
    return failure();
  // In registers first.
  StringAttr lane;
  for (auto dim : op.getDims().getAsRange<StringAttr>())
    if (e.frame.isLane(dim))
      lane = dim;
    else
      tile = combineBlock(e, *kind, tile, e.frame.blockOf(dim));
  if (lane) {
    NamedDims dims = getDims(input);
    tile = e.keepFirst(tile, dims[*findDim(dims, lane)].size, identityOf(*kind));
    if (e.deferred.contains(op)) {
      e.bind(op.getResult(0), tile);
      return success();
    }
    tile = combineLane(e, *kind, tile);
  }
  if (tile.getType() != e.frame.typeOf(op.getResultTypes().front()))
    return e.refuse(op) << "a reduction of 16-bit elements that are not widened first";
  e.bind(op.getResult(0), tile);
  return success();
}

} // namespace ssm::tile
