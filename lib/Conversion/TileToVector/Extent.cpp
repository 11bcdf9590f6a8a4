//===- Extent.cpp - where a tile's elements end -----------------------------===//
//
// A tile may be longer than what is left of its dimension: of an open one its size is
// a guess. Behind the end a read gives zeros and a write does nothing, so that loops
// of products stop there, blocks of zeros are not multiplied, and what only is written
// is not computed. Along a dimension that items share out no element meets another, so
// there nothing behind the end is computed at all: a tile of 64 sequences costs what
// the one does that is there.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {

/// limit - at, within 0 .. size.
static Value left(Lowering &l, Value limit, Value at, int64_t size) {
  ImplicitLocOpBuilder &b = l.b;
  Value rest = at ? arith::SubIOp::create(b, limit, at).getResult() : limit;
  return arith::MinSIOp::create(b, arith::MaxSIOp::create(b, rest, l.index(0)), l.index(size));
}

template <typename Access>
static Value extentOfAccess(Lowering &l, Access op, StringAttr dim, int64_t size) {
  NamedDims dims = llvm::cast<ViewType>(op.getView().getType()).getDims();
  std::optional<unsigned> place = findDim(dims, dim);
  if (!place)
    return {};
  Value at, count;
  for (auto [name, value] : llvm::zip(op.getDims().template getAsRange<StringAttr>(), op.getCoordinates()))
    if (name == dim)
      at = value;
  for (auto [name, value] : llvm::zip(op.getCountDims().template getAsRange<StringAttr>(), op.getCounts()))
    if (name == dim)
      count = l.scalars.lookupOrDefault(value);
  if (at && llvm::isa<RankedTensorType>(at.getType()))
    return {}; // gathered
  if (!at && !count && dims[*place].isStatic())
    return {}; // whole
  Value limit = dims[*place].isStatic()
                    ? l.index(dims[*place].size)
                    : memref::DimOp::create(l.b, l.scalars.lookupOrDefault(op.getView()), *place).getResult();
  if (count)
    limit = arith::MinSIOp::create(l.b, limit, count);
  return left(l, limit, at ? l.scalars.lookupOrDefault(at) : Value(), size);
}

Value Lowering::extentOf(WriteOp op, StringAttr dim) {
  NamedDims dims = ssm::getDims(op.getValues().front());
  return extentOfAccess(*this, op, dim, dims[*findDim(dims, dim)].size);
}

/// select(pos < n, x, 0), along the dimension of the positions.
static Value extentOfMask(Lowering &l, Value mask, StringAttr dim, int64_t size) {
  while (auto spread = mask.getDefiningOp<SpreadOp>()) {
    mask = spread.getOperand();
    if (!llvm::isa<RankedTensorType>(mask.getType()))
      return {};
  }
  auto compare = mask.getDefiningOp<arith::CmpIOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::slt)
    return {};
  auto position = compare.getLhs().getDefiningOp<PosOp>();
  auto bound = compare.getRhs().getDefiningOp<SpreadOp>();
  if (!position || !bound || !bound.getOperand().getType().isIndex() || ssm::getDims(position.getType()).size() != 1 ||
      ssm::getDims(position.getType()).front().name != dim)
    return {};
  return left(l, l.scalars.lookupOrDefault(bound.getOperand()), l.scalars.lookupOrDefault(position.getAt()), size);
}

Value Lowering::extentOf(Value tile, StringAttr dim) {
  Operation *op = tile.getDefiningOp();
  NamedDims dims = ssm::getDims(tile);
  std::optional<unsigned> place = findDim(dims, dim);
  if (!op || !place)
    return {};
  if (auto read = llvm::dyn_cast<ReadOp>(op)) {
    if (read.getFillAttr() && !matchPattern(read.getFillAttr(), m_AnyZeroFloat()) && !matchPattern(read.getFillAttr(), m_Zero()))
      return {};
    return extentOfAccess(*this, read, dim, dims[*place].size);
  }
  if (auto rename = llvm::dyn_cast<RenameOp>(op))
    return extentOf(rename.getOperand(), ssm::getDims(rename.getOperand())[*place].name);
  if (llvm::isa<SpreadOp, arith::ExtFOp, arith::TruncFOp, arith::NegFOp>(op)) {
    Value operand = op->getOperand(0);
    return llvm::isa<RankedTensorType>(operand.getType()) ? extentOf(operand, dim) : Value();
  }
  if (auto select = llvm::dyn_cast<arith::SelectOp>(op)) {
    if (!matchPattern(select.getFalseValue(), m_AnyZeroFloat()) && !matchPattern(select.getFalseValue(), m_Zero()))
      return {};
    if (Value extent = extentOfMask(*this, select.getCondition(), dim, dims[*place].size))
      return extent;
    return extentOf(select.getTrueValue(), dim);
  }
  return {};
}

/// Whether an operation of the program makes one element along the dimension of others.
static bool meetsAlong(ProgramOp program, StringAttr dim) {
  auto has = [&](Value value) { return llvm::isa<RankedTensorType>(value.getType()) && hasDim(value, dim); };
  return program
      .walk([&](Operation *op) {
        if (auto running = llvm::dyn_cast<RunningOp>(op); running && running.getDimAttr() == dim)
          return WalkResult::interrupt();
        if (auto recur = llvm::dyn_cast<RecurOp>(op); recur && recur.getDimAttr() == dim)
          return WalkResult::interrupt();
        bool lost = op->getNumResults() > 0 && llvm::any_of(op->getOperands(), has) &&
                    llvm::any_of(op->getResults(), [&](Value v) { return llvm::isa<RankedTensorType>(v.getType()) && !has(v); });
        // What loops and recurrences carry are values each of its own.
        return lost && !llvm::isa<LoopOp, RecurOp>(op) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void Lowering::findOwnedExtents(ProgramOp program) {
  for (auto [dim, step, extent, at] : llvm::zip(program.getDims().getAsRange<StringAttr>(), program.getSteps(), program.getExtents(),
                                                program.getBody().getArguments())) {
    APInt whole;
    if (step == 1 || (matchPattern(extent, m_ConstantInt(&whole)) && whole.getSExtValue() % step == 0) || meetsAlong(program, dim))
      continue;
    Value rest = arith::SubIOp::create(b, extent, scalars.lookup(at));
    ownedExtents[dim] = arith::MinSIOp::create(b, rest, index(step));
  }
}

} // namespace ssm::tile
