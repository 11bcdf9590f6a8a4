//===- RunningSum.cpp - running sums ----------------------------------------===//
//
// A sum that never decays and is read at every position meets each term with all that
// came before it: the rounding of a long one grows with what it has come to, not with
// the terms. It is carried in f64 and rounded where it is read; its terms and what
// leaves it stay in f32. Sums that are products' (linear attention's) stay as they are:
// they are made by chunks, and read through further products.
//
//===----------------------------------------------------------------------===//
#include "Expand.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {

static bool isRunningSum(LinearRecurrenceOp op) {
  return op.getSemiring() == Semiring::Real && !op.getDecay() && !op.getLogDecay() && op.getInputs().size() == 1 &&
         getElement(op.getInit()).isF32() &&
         llvm::all_of(op.getReadouts(), [](const auto &readout) { return readout.isState(); });
}

void carryRunningSumsWide(func::FuncOp function) {
  SmallVector<LinearRecurrenceOp> sums;
  function.walk([&](LinearRecurrenceOp op) {
    if (isRunningSum(op))
      sums.push_back(op);
  });
  for (LinearRecurrenceOp op : sums) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    auto wide = [&](Value value) { return MapOp::create(b, value, b.getF64Type()).getResult(); };
    auto wideType = [&](Value value) -> Type { return getTensorType(getDims(value), b.getF64Type()); };
    SmallVector<Type> outputs;
    for (Value output : op.getOutputs())
      outputs.push_back(wideType(output));
    auto sum = LinearRecurrenceOp::create(b, wideType(op.getFinal()), outputs, op.getSemiring(), op.getDim(), op.getReverse(),
                                          wide(op.getInit()), Value(), Value(), /*resets=*/false,
                                          ValueRange{wide(op.getInputs()[0])}, ValueRange(), op.getFactorCounts(), op.getOver(),
                                          op.getForms(), op.getScoreGroupAttr());
    for (auto [before, after] : llvm::zip(op.getResults(), sum.getResults()))
      before.replaceAllUsesWith(MapOp::create(b, after, b.getF32Type()).getResult());
    op.erase();
  }
}

} // namespace ssm
