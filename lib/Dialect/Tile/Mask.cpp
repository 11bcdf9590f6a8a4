//===- Mask.cpp - elements kept by position ---------------------------------===//
//
// A mask whose set holds everywhere or nowhere on its tile, its symbols being known,
// goes away: so a pass that knows which tile it is at drops it.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ssm::tile {

static RankedTensorType tileOf(Value value) { return cast<RankedTensorType>(value.getType()); }

LogicalResult MaskOp::verify() {
  RankedTensorType source = tileOf(getSource());
  IntegerSet set = getSet();
  unsigned dims = isa<RowAttr, ColAttr>(source.getEncoding()) || source.getRank() == 1 ? 1 : 2;
  if (set.getNumDims() != dims)
    return emitOpError() << "the set has " << set.getNumDims() << " dimensions; positions in " << source << " have " << dims;
  if (set.getNumSymbols() != getSymbols().size())
    return emitOpError() << "gives " << getSymbols().size() << " of the set's " << set.getNumSymbols() << " symbols";
  if (isa<PartAttr>(source.getEncoding()))
    return emitOpError() << "a column of #tile.part stands for many: mask the tile that it came from";
  return success();
}

OpFoldResult MaskOp::fold(FoldAdaptor adaptor) {
  if (auto predicate = dyn_cast_or_null<IntegerAttr>(adaptor.getPredicate()); predicate && predicate.getValue().isZero())
    return getSource();
  return {};
}

/// The smallest and largest value of an affine expression over a box of dimensions, all symbols constant;
/// nullopt where it is not linear in them.
static std::optional<std::pair<int64_t, int64_t>> boundsOf(AffineExpr expr, ArrayRef<int64_t> sizes,
                                                           ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::pair(constant.getValue(), constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(0, sizes[dim.getPosition()] - 1);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return std::pair(symbols[symbol.getPosition()], symbols[symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto lhs = boundsOf(binary.getLHS(), sizes, symbols), rhs = boundsOf(binary.getRHS(), sizes, symbols);
  if (!lhs || !rhs)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add)
    return std::pair(lhs->first + rhs->first, lhs->second + rhs->second);
  if (binary.getKind() == AffineExprKind::Mul && rhs->first == rhs->second) {
    int64_t a = lhs->first * rhs->first, b = lhs->second * rhs->first;
    return std::pair(std::min(a, b), std::max(a, b));
  }
  return std::nullopt;
}

/// Whether the set holds everywhere (true) or nowhere (false) on a tile, where its symbols are constants.
static std::optional<bool> holdsThroughout(MaskOp op) {
  SmallVector<int64_t> symbols, sizes;
  for (Value symbol : op.getSymbols()) {
    std::optional<int64_t> constant = getConstantIntValue(symbol);
    if (!constant)
      return std::nullopt;
    symbols.push_back(*constant);
  }
  IntegerSet set = op.getSet();
  sizes.assign(tileOf(op.getSource()).getShape().take_back(set.getNumDims()).begin(),
               tileOf(op.getSource()).getShape().end());
  bool always = true;
  for (unsigned i = 0; i < set.getNumConstraints(); ++i) {
    auto bounds = boundsOf(set.getConstraint(i), sizes, symbols);
    if (!bounds)
      return std::nullopt;
    auto [low, high] = *bounds;
    if (high < 0 || (set.isEq(i) && low > 0))
      return false;
    always &= set.isEq(i) ? low == 0 && high == 0 : low >= 0;
  }
  return always ? std::optional(true) : std::nullopt;
}

/// A mask whose set is everything is its source, one whose set is empty the filler.
static LogicalResult maskDecided(MaskOp op, PatternRewriter &rewriter) {
  std::optional<bool> holds = holdsThroughout(op);
  if (!holds)
    return rewriter.notifyMatchFailure(op, "the set cuts the tile, or its symbols are not known");
  if (*holds) {
    rewriter.replaceOp(op, op.getSource());
    return success();
  }
  if (op.getPredicate())
    return rewriter.notifyMatchFailure(op, "nothing is kept, but only under a condition");
  rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), op.getFill());
  return success();
}

/// A condition that is always true goes away.
static LogicalResult maskAlways(MaskOp op, PatternRewriter &rewriter) {
  if (!op.getPredicate() || getConstantIntValue(op.getPredicate()).value_or(0) == 0)
    return rewriter.notifyMatchFailure(op, "no condition that is constantly true");
  rewriter.modifyOpInPlace(op, [&] { op.getPredicateMutable().clear(); });
  return success();
}

void MaskOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *) {
  patterns.add(maskDecided);
  patterns.add(maskAlways);
}

} // namespace ssm::tile
