//===- DeriveStep.cpp - ssm-derive-step: the entry for one position ---------===//
#include "DeriveStep.h"

#include "ssm/Algebra/Passes.h"
#include "ssm/Codegen/Description.h"

using namespace mlir;

namespace ssm {
namespace {

struct DeriveStep : PassWrapper<DeriveStep, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DeriveStep)
  StringRef getArgument() const override { return "ssm-derive-step"; }
  StringRef getDescription() const override {
    return "carry what looks back in states, and add the entry for one position at a time";
  }

  void runOnOperation() override {
    auto stepped = getOperation()->getAttrOfType<StringAttr>(kSteppedAttr);
    auto forward = getOperation().lookupSymbol<func::FuncOp>("forward");
    if (!stepped || !forward || getOperation().lookupSymbol("step"))
      return;
    if (failed(checkSteppable(forward, stepped)))
      return signalPassFailure();
    deriveStates(forward, stepped);
    makeStepEntry(forward, stepped);
  }
};

} // namespace

std::unique_ptr<Pass> createDeriveStepPass() { return std::make_unique<DeriveStep>(); }

} // namespace ssm
