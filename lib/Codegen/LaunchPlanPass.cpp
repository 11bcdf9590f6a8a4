//===- LaunchPlanPass.cpp - the pass ssm-launch-plans -----------------------===//
//
// Leaves each entry's launch plan on it as text, to be read: ssmc puts the same plan
// into the artifact, after ptxas.
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Gpu.h"
#include "ssm/Codegen/LaunchPlan.h"
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace ssm {
namespace {

struct LaunchPlans : PassWrapper<LaunchPlans, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LaunchPlans)
  StringRef getArgument() const override { return "ssm-launch-plans"; }
  StringRef getDescription() const override { return "give every entry that launches kernels its launch plan"; }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    GpuCode code;
    auto chip = module->getAttrOfType<StringAttr>(kChipAttr);
    code.target = chip ? chip.getValue().str() : kDefaultChip.str();
    for (auto kernel : module.getOps<tile::KernelOp>()) {
      if (!kernel.getThreads() || !kernel.getSmem()) {
        kernel.emitOpError() << "is not placed: run tile-place first";
        return signalPassFailure();
      }
      KernelShape shape;
      shape.threads = *kernel.getThreads();
      shape.sharedBytes = *kernel.getSmem();
      for (unsigned i = 0; i < shape.cluster.size(); ++i)
        shape.cluster[i] = kernel.getCluster() && i < kernel.getCluster()->size() ? kernel.getClusterDim(i) : 1;
      code.kernels[kernel.getSymName()] = shape;
    }
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!launchesKernels(function))
        continue;
      FailureOr<llvm::json::Value> plan = makeLaunchPlan(function, code);
      if (failed(plan))
        return signalPassFailure();
      std::string text;
      llvm::raw_string_ostream(text) << *plan;
      function->setAttr(kLaunchPlanAttr, StringAttr::get(&getContext(), text));
    }
  }
};

} // namespace

std::unique_ptr<Pass> createLaunchPlansPass() { return std::make_unique<LaunchPlans>(); }

} // namespace ssm
