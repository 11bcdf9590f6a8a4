//===- ExtractKernels.cpp - tile-extract-kernels ----------------------------===//
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Interfaces/CallInterfaces.h"

using namespace mlir;

namespace ssm {
namespace {

struct TileExtractKernels : PassWrapper<TileExtractKernels, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileExtractKernels)
  StringRef getArgument() const final { return "tile-extract-kernels"; }
  StringRef getDescription() const final { return "Leave a module's kernels and the functions that they call"; }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<Operation *> open;
    for (auto kernel : module.getOps<tile::KernelOp>())
      open.push_back(kernel);
    llvm::SmallPtrSet<Operation *, 16> kept(open.begin(), open.end());
    while (!open.empty())
      open.pop_back_val()->walk([&](CallOpInterface call) {
        auto name = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
        Operation *callee = name ? symbols.lookup(name.getRootReference()) : nullptr;
        if (callee && kept.insert(callee).second)
          open.push_back(callee);
      });
    for (Operation &op : llvm::make_early_inc_range(module.getBody()->getOperations()))
      if (!kept.contains(&op))
        op.erase();
  }
};

} // namespace

std::unique_ptr<Pass> createTileExtractKernelsPass() { return std::make_unique<TileExtractKernels>(); }

} // namespace ssm
