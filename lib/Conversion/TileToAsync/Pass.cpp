//===- Pass.cpp - the pass convert-tile-to-async ----------------------------===//
#include "Host.h"
#include "ssm/Conversion/TileToAsync.h"

#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;

namespace ssm {
namespace {

struct ConvertTileToAsync : PassWrapper<ConvertTileToAsync, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTileToAsync)
  StringRef getArgument() const override { return "convert-tile-to-async"; }
  StringRef getDescription() const override { return "Programs over tiles to kernels for a GPU, and entries that launch them"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect, tile::TileDialect, ub::UBDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    tile::KernelsOf kernels;
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>()), made;
    bool failing = false;
    for (func::FuncOp function : functions) {
      SmallVector<tile::ProgramOp> programs;
      function.walk([&](tile::ProgramOp program) { programs.push_back(program); });
      if (programs.empty())
        continue;
      made.push_back(function);
      for (auto [i, program] : llvm::enumerate(programs)) {
        // Names of machine code have no dots.
        std::string name = function.getName().str() + (programs.size() > 1 ? "." + std::to_string(i) : "");
        llvm::replace(name, '.', '_');
        FailureOr<tile::Versions> versions = tile::makeKernels(function, program, name);
        failing |= failed(versions);
        if (succeeded(versions))
          kernels[function.getName()].push_back(*versions);
      }
    }
    if (failing)
      return signalPassFailure();
    for (func::FuncOp function : functions) {
      if (llvm::is_contained(made, function))
        continue;
      // What draws parameters runs on the CPU.
      bool launches = function.walk([](LaunchOp) { return WalkResult::interrupt(); }).wasInterrupted();
      if (!launches && isInitialiser(function)) {
        function.erase();
        continue;
      }
      if (failed(tile::makeLaunches(function, kernels)))
        return signalPassFailure();
    }
    for (func::FuncOp function : made)
      function.erase();
  }

  /// Named by an argument of an entry, or with a seed of its own.
  bool isInitialiser(func::FuncOp function) {
    for (auto other : getOperation().getOps<func::FuncOp>())
      for (unsigned i = 0; i < other.getNumArguments(); ++i)
        if (auto init = other.getArgAttrOfType<StringAttr>(i, kInitAttr); init && init.getValue() == function.getName())
          return true;
    return !function->hasAttr(kDimsAttr);
  }
};

} // namespace

std::unique_ptr<Pass> createConvertTileToAsyncPass() { return std::make_unique<ConvertTileToAsync>(); }

} // namespace ssm
