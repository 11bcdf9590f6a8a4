//===- Joins.cpp - joined dimensions leave last -----------------------------===//
#include "Joins.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace ssm {
namespace {

/// The dimensions of a value with one of them in parts, in their place.
NamedDims inParts(Value value, StringRef whole, ArrayRef<NamedDim> parts) {
  NamedDims dims;
  for (const NamedDim &d : getDims(value))
    if (d.name.getValue() == whole)
      dims.append(parts.begin(), parts.end());
    else
      dims.push_back(d);
  return dims;
}

NamedDims partDims(Value value, ArrayAttr names) {
  NamedDims dims;
  for (auto name : names.getAsRange<StringAttr>())
    dims.push_back(getDims(value)[*findDim(getDims(value), name)]);
  return dims;
}

/// A value along the parts; itself where it lacks the whole.
Value split(PatternRewriter &b, Location loc, Value value, StringAttr whole, ArrayRef<NamedDim> parts) {
  if (!hasDim(value, whole))
    return value;
  SmallVector<Attribute> names;
  for (const NamedDim &d : parts)
    names.push_back(d.name);
  if (auto join = value.getDefiningOp<JoinOp>(); join && join.getInto() == whole && join.getDims() == b.getArrayAttr(names))
    return join.getOperand();
  return SplitOp::create(b, loc, getTensorType(inParts(value, whole, parts), getElement(value)), value, whole, b.getArrayAttr(names));
}

/// A map of what is joined is the join of a map.
struct MapOfJoin : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &b) const override {
    JoinOp join;
    for (Value operand : op.getOperands())
      if (!join)
        join = operand.getDefiningOp<JoinOp>();
    if (!join)
      return b.notifyMatchFailure(op, "no operand is joined");
    NamedDims parts = partDims(join.getOperand(), join.getDims());
    for (Value operand : op.getOperands())
      for (const NamedDim &part : parts)
        if (hasDim(operand, part.name))
          return b.notifyMatchFailure(op, "an operand has one of the parts as a dimension of its own");
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(split(b, op.getLoc(), operand, join.getIntoAttr(), parts));
    Type type = getTensorType(inParts(op.getResult(), join.getInto(), parts), getElement(op.getResult()));
    Value map = MapOp::create(b, op.getLoc(), type, op.getFn(), operands);
    b.replaceOpWithNewOp<JoinOp>(op, op.getType(), map, join.getDims(), join.getInto());
    return success();
  }
};

/// What is split is made in parts.
struct SplitOfMade : OpRewritePattern<SplitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SplitOp op, PatternRewriter &b) const override {
    Operation *maker = op.getOperand().getDefiningOp();
    if (!maker)
      return b.notifyMatchFailure(op, "an argument lies as it lies");
    NamedDims parts = partDims(op.getResult(), op.getInto());
    StringAttr whole = op.getDimAttr();
    auto sources = [&](ValueRange operands) {
      SmallVector<Value> result;
      for (Value operand : operands)
        result.push_back(split(b, op.getLoc(), operand, whole, parts));
      return result;
    };
    Type type = getTensorType(inParts(op.getOperand(), whole, parts), getElement(op.getResult()));
    Value made;
    if (auto map = llvm::dyn_cast<MapOp>(maker)) {
      made = MapOp::create(b, map.getLoc(), type, map.getFn(), sources(map.getOperands()));
    } else if (auto contract = llvm::dyn_cast<ContractOp>(maker)) {
      made = ContractOp::create(b, contract.getLoc(), type, sources(contract.getOperands()), contract.getDims());
    } else if (auto align = llvm::dyn_cast<AlignOp>(maker); align && hasDim(align.getOperand(), whole)) {
      made = AlignOp::create(b, align.getLoc(), type, sources(align.getOperand())[0]);
    } else {
      return b.notifyMatchFailure(op, "what makes the operand is not split");
    }
    if (made.getType() != op.getType())
      made = AlignOp::create(b, op.getLoc(), op.getType(), made);
    b.replaceOp(op, made);
    return success();
  }
};

} // namespace

void moveJoins(func::FuncOp function) {
  RewritePatternSet patterns(function.getContext());
  patterns.add<MapOfJoin, SplitOfMade>(function.getContext());
  (void)applyPatternsGreedily(function, std::move(patterns));
}

} // namespace ssm
