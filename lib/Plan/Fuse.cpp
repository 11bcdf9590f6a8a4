//===- Fuse.cpp - the pass ssm-fuse -----------------------------------------===//
#include "Expand.h"
#include "Joins.h"
#include "MakeKernels.h"
#include "Orders.h"
#include "ssm/Plan/Passes.h"

using namespace mlir;

namespace ssm {
namespace {

struct Fuse : PassWrapper<Fuse, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Fuse)
  explicit Fuse(PlanOptions options = {}) : options(std::move(options)) {}
  StringRef getArgument() const override { return "ssm-fuse"; }
  StringRef getDescription() const override { return "Gather operations into kernels, by what stays out of memory"; }

  /// What draws parameters has a seed; it runs once and stays on the reference path.
  static bool isInitialiser(func::FuncOp function) {
    return function.walk([](RandomOp) { return WalkResult::interrupt(); }).wasInterrupted() ||
           !function->hasAttr(kDimsAttr);
  }

  void runOnOperation() override {
    llvm::Expected<Target> target = Target::find(options.target);
    if (!target) {
      getOperation().emitError() << llvm::toString(target.takeError());
      return signalPassFailure();
    }
    if (options.native)
      target->detectHost();
    llvm::StringSet<> initialisers;
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        if (auto init = function.getArgAttrOfType<StringAttr>(i, kInitAttr))
          initialisers.insert(init.getValue());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || isInitialiser(function) || initialisers.contains(function.getName()))
        continue;
      moveJoins(function);
      centreByParts(function, /*wide=*/!target->isGpu());
      if (!target->isGpu()) { // f64 is dear there, and modes are complex
        carryRunningSumsWide(function);
        multiplyFewModes(function, *target);
        transformLongConvolutions(function, *target);
      }
      expandForKernels(function);
      if (!target->isGpu())
        settleOrders(function);
      FuseGraph graph(function, *target);
      graph.merge();
      makeKernels(function, graph);
      if (!target->isGpu())
        runComplexSumsWide(function);
      else
        giveResultsKernels(function);
    }
  }

private:
  PlanOptions options;
};

} // namespace

std::unique_ptr<Pass> createFusePass() { return std::make_unique<Fuse>(PlanOptions{"cpu", false, "", ""}); }
std::unique_ptr<Pass> createFusePass(const PlanOptions &options) { return std::make_unique<Fuse>(options); }

} // namespace ssm
