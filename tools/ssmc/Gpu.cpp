//===- Gpu.cpp - kernels to machine code and launch plans -------------------===//
//
// The kernels go to a module of their own, since what becomes of them (nvvm, PTX, a
// cubin) is another machine's code; the entries stay, and become data: plans.
//
//===----------------------------------------------------------------------===//
#include "Gpu.h"

#include "Stages.h"

#include "ssm/Codegen/Description.h"
#include "ssm/Codegen/Gpu.h"
#include "ssm/Pipelines/Pipelines.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

using namespace llvm;

namespace ssm {

bool launchesKernels(mlir::ModuleOp module) {
  return any_of(module.getOps<mlir::func::FuncOp>(), [](mlir::func::FuncOp f) { return launchesKernels(f); });
}

static Error unsaid(const Twine &what) {
  return createStringError(what + " failed and did not say why: that is a mistake in this compiler");
}

Expected<GpuCode> compileForGpu(mlir::ModuleOp module, const Options &options, function_ref<bool()> reported) {
  GpuCode code;
  code.target = options.target;
  mlir::OwningOpRef<mlir::ModuleOp> kernels = module.clone();
  (*kernels)->setAttr(kChipAttr, mlir::StringAttr::get(module.getContext(), options.target));
  {
    StageTimer timer(options, "kernels to " + options.target);
    mlir::PassManager passes(module.getContext());
    addTileToNVVMPipeline(passes, options.checked);
    addPtxPipeline(passes);
    if (failed(passes.run(*kernels)))
      return reported() ? make_error<Reported>() : unsaid("compiling kernels for " + options.target);
  }
  if (failed(readKernels(*kernels, code)))
    return make_error<Reported>();
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (!launchesKernels(function))
      continue;
    mlir::FailureOr<json::Value> plan = makeLaunchPlan(function, code);
    if (failed(plan))
      return reported() ? make_error<Reported>() : unsaid("the launch plan of " + function.getName());
    code.plans.try_emplace(function.getName(), std::move(*plan));
  }
  return code;
}

} // namespace ssm
