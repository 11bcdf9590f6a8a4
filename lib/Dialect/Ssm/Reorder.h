//===- Reorder.h - operations that do not see the order of dimensions -------===//
//
// A map or a contraction knows dimensions by name, so an operand that was only
// brought to another order, or broadcast along what another operand has, is as
// good as it was before:
//
//   %a = ssm.align %x : [L, B] -> [B, L]
//   %y = ssm.map add(%a, %b)               =>   %y = ssm.map add(%x, %b)
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/IR/PatternMatch.h"

namespace ssm {

template <typename OpT>
struct IgnoreOrder : mlir::OpRewritePattern<OpT> {
  using mlir::OpRewritePattern<OpT>::OpRewritePattern;

  mlir::LogicalResult matchAndRewrite(OpT op, mlir::PatternRewriter &rewriter) const override {
    NamedDims all = uniteDims(op->getOperands());
    for (mlir::OpOperand &operand : op->getOpOperands()) {
      auto align = operand.get().template getDefiningOp<AlignOp>();
      if (!align)
        continue;
      NamedDims without = getDims(align.getOperand());
      for (mlir::OpOperand &other : op->getOpOperands())
        if (&other != &operand)
          uniteDims(without, getDims(other.get()));
      if (!sameDims(without, all))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(align.getOperand()); });
      return mlir::success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is an align that the others make needless");
  }
};

} // namespace ssm
