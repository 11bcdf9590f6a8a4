//===- Pass.cpp - tile-verify-resources -------------------------------------===//
#include "Verify.h"
#include "ssm/Dialect/Tile/Verify.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

struct TileVerifyResources : PassWrapper<TileVerifyResources, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileVerifyResources)
  StringRef getArgument() const final { return "tile-verify-resources"; }
  StringRef getDescription() const final { return "Refuse kernels that would hang, race, spill or not launch"; }

  void runOnOperation() final {
    auto named = getOperation()->getAttrOfType<StringAttr>("tile.target");
    StringRef name = named ? named.getValue() : "sm_90a";
    const GpuTarget *target = findGpuTarget(name);
    if (!target) {
      SmallVector<StringRef> names;
      for (const GpuTarget &known : gpuTargets())
        names.push_back(known.name);
      getOperation()->emitError() << "there is no GPU target '" << name << "'; the targets are " << llvm::join(names, ", ");
      return signalPassFailure();
    }
    bool failed = false;
    getOperation()->walk([&](KernelOp kernel) {
      // What the target lacks and what does not divide makes the rest moot.
      if (mlir::failed(verifyScope(kernel, *target))) {
        failed = true;
        return WalkResult::skip();
      }
      for (LogicalResult result :
           {verifyWgmma(kernel), verifyRings(kernel), verifyRingPaths(kernel), verifySkew(kernel), verifyTurns(kernel), verifyBudget(kernel, *target)})
        failed |= mlir::failed(result);
      return WalkResult::skip();
    });
    if (failed)
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createTileVerifyResourcesPass() { return std::make_unique<TileVerifyResources>(); }

} // namespace ssm
