//===- Pass.cpp - convert-tile-to-nvvm --------------------------------------===//
#include "ssm/Conversion/TileToNVVM.h"

#include "Lowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;

namespace ssm {
namespace {

const tile::gpu::LoweringTable &loweringTable() {
  static const tile::gpu::LoweringTable table = [] {
    tile::gpu::LoweringTable t;
    tile::gpu::addStructureLowerings(t);
    tile::gpu::addElementwiseLowerings(t);
    tile::gpu::addKernelLowerings(t);
    tile::gpu::addRingLowerings(t);
    tile::gpu::addBarrierLowerings(t);
    tile::gpu::addCopyLowerings(t);
    tile::gpu::addMemoryLowerings(t);
    tile::gpu::addMmaLowerings(t);
    tile::gpu::addShapeLowerings(t);
    tile::gpu::addReduceLowerings(t);
    tile::gpu::addScanLowerings(t);
    tile::gpu::addMaskLowerings(t);
    return t;
  }();
  return table;
}

struct ConvertTileToNVVM : PassWrapper<ConvertTileToNVVM, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTileToNVVM)
  ConvertTileToNVVM() = default;
  explicit ConvertTileToNVVM(bool checked) { this->checked = checked; }
  ConvertTileToNVVM(const ConvertTileToNVVM &other) : PassWrapper(other) {}
  StringRef getArgument() const final { return "convert-tile-to-nvvm"; }
  StringRef getDescription() const final { return "Kernels of the tile dialect to functions of registers"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect, NVVM::NVVMDialect, scf::SCFDialect,
                    ub::UBDialect>();
  }

  void runOnOperation() final {
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tile::KernelOp>())) {
      if (failed(tile::gpu::Lowering(kernel, loweringTable(), checked).run()))
        return signalPassFailure();
      kernel.erase();
    }
  }

  Option<bool> checked{*this, "checked", llvm::cl::desc("bound every wait; one that gives up leaves a record and traps")};
};

} // namespace

std::unique_ptr<Pass> createConvertTileToNVVMPass(bool checked) { return std::make_unique<ConvertTileToNVVM>(checked); }

} // namespace ssm
