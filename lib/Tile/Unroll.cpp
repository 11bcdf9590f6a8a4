//===- Unroll.cpp - tile-unroll ---------------------------------------------===//
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"

using namespace mlir;

namespace ssm {
namespace {

constexpr StringLiteral kUnroll = "tile.unroll";

struct TileUnroll : PassWrapper<TileUnroll, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileUnroll)
  StringRef getArgument() const final { return "tile-unroll"; }
  StringRef getDescription() const final { return "Unroll the loops that are marked tile.unroll"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, arith::ArithDialect, scf::SCFDialect>();
  }

  void runOnOperation() final {
    SmallVector<scf::ForOp> loops; // inner ones first
    getOperation()->walk([&](scf::ForOp loop) {
      if (loop->hasAttr(kUnroll))
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops) {
      std::optional<APInt> trips = loop.getStaticTripCount();
      if (!trips) {
        loop.emitOpError("is marked tile.unroll, but its bounds are no constants");
        return signalPassFailure();
      }
      loop->removeAttr(kUnroll);
      if (trips->isZero()) {
        loop.replaceAllUsesWith(loop.getInitArgs());
        loop.erase();
      } else if (failed(loopUnrollFull(loop))) {
        loop.emitOpError("is marked tile.unroll and cannot be unrolled");
        return signalPassFailure();
      }
    }
  }
};

} // namespace

std::unique_ptr<Pass> createTileUnrollPass() { return std::make_unique<TileUnroll>(); }

} // namespace ssm
