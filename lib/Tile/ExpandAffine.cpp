//===- ExpandAffine.cpp - tile-expand-affine --------------------------------===//
#include "ssm/Tile/AffineArith.h"
#include "ssm/Tile/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssm {
namespace {

Value expandResult(ImplicitLocOpBuilder &b, AffineMap map, unsigned i, ValueRange operands) {
  return expandAffine(b, map.getResult(i), operands.take_front(map.getNumDims()), operands.drop_front(map.getNumDims()),
                      b.getIndexType());
}

template <typename Op, typename Pick>
Value expandExtreme(ImplicitLocOpBuilder &b, Op op) {
  Value best = expandResult(b, op.getMap(), 0, op.getOperands());
  for (unsigned i = 1; i < op.getMap().getNumResults(); ++i)
    best = Pick::create(b, best, expandResult(b, op.getMap(), i, op.getOperands()));
  return best;
}

struct TileExpandAffine : PassWrapper<TileExpandAffine, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileExpandAffine)
  StringRef getArgument() const final { return "tile-expand-affine"; }
  StringRef getDescription() const final { return "Write affine.apply, min and max as arithmetic with shifts and masks"; }
  void getDependentDialects(DialectRegistry &registry) const final { registry.insert<arith::ArithDialect>(); }

  void runOnOperation() final {
    getOperation()->walk([](Operation *op) {
      if (!isa<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(op))
        return;
      ImplicitLocOpBuilder b(op->getLoc(), op);
      Value value;
      if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
        value = expandResult(b, apply.getAffineMap(), 0, apply.getMapOperands());
      else if (auto min = dyn_cast<affine::AffineMinOp>(op))
        value = expandExtreme<affine::AffineMinOp, arith::MinSIOp>(b, min);
      else
        value = expandExtreme<affine::AffineMaxOp, arith::MaxSIOp>(b, cast<affine::AffineMaxOp>(op));
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createTileExpandAffinePass() { return std::make_unique<TileExpandAffine>(); }

} // namespace ssm
