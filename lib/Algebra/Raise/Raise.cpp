//===- Raise.cpp - the pass ssm-raise ---------------------------------------===//
#include "LateBound.h"
#include "RaiseScans.h"
#include "Remarks.h"

#include "ssm/Algebra/Passes.h"

#include "mlir/IR/Iterators.h"

using namespace mlir;

namespace ssm {

namespace {

class RaisePass : public PassWrapper<RaisePass, OperationPass<func::FuncOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RaisePass)
  StringRef getArgument() const final { return "ssm-raise"; }
  StringRef getDescription() const final {
    return "Recognise linear recurrences, late-bound reductions and structured products by their definition";
  }

  void runOnOperation() override {
    NamedBuilder b(getOperation());
    SmallVector<ScanOp> scans;
    // A scan's body keeps what it can be lifted with, and goes with it.
    SmallVector<CumulateOp> running(getOperation().getBody().front().getOps<CumulateOp>());
    getOperation().walk([&](ScanOp scan) { scans.push_back(scan); });
    SmallVector<LinearRecurrenceOp> recurrences;
    for (ScanOp scan : scans)
      for (ScanOp part : separateCarries(b, scan))
        if (LinearRecurrenceOp op = raise(b, part))
          recurrences.push_back(op);
    for (CumulateOp op : running)
      if (LinearRecurrenceOp recurrence = raiseCumulate(b, op))
        recurrences.push_back(recurrence);
    for (LinearRecurrenceOp &op : recurrences)
      op = absorbReadouts(b, op);
    for (LinearRecurrenceOp op : recurrences) {
      op.setFormsAttr(listForms(op));
      for (auto form : op.getForms().getAsRange<FormAttr>())
        if (!form.isAllowed())
          reportDeclined(op.getLoc(), "forms",
                         stringifyFormKind(form.getKind()) + " refused: " + form.getWhy().getValue());
    }
    groupScores(recurrences);
    bindLate(b, getOperation());
    raiseStructured(b, getOperation());
    eraseDead();
  }

private:
  LinearRecurrenceOp raise(NamedBuilder &b, ScanOp scan) {
    CarryAttr known;
    FailureOr<LinearRecurrenceOp> op = failure();
    if (scan.getInits().size() == 1 && raiseShiftRegister(b, scan))
      return {};
    if (scan.getInits().size() == 1)
      op = raiseLinear(b, scan, known);
    else if (scan.getInits().size() == 2)
      op = raiseRotation(b, scan, known);
    else if (!scan.getInits().empty())
      known = CarryAttr::get(&getContext(), CarryKind::Nonlinear,
                             b.getStringAttr("more than two carries depend on each other"));
    if (succeeded(op))
      return *op;
    if (known) {
      scan.setCarryKindsAttr(b.getArrayAttr(SmallVector<Attribute>(scan.getInits().size(), known)));
      reportDeclined(scan.getLoc(), "linearity",
                     "the scan along " + scan.getDim() + " stays a scan: " + known.getWhy().getValue());
    }
    return {};
  }

  /// The rules leave what they took apart, and what they built before they declined.
  void eraseDead() {
    getOperation().walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createRaisePass() { return std::make_unique<RaisePass>(); }

} // namespace ssm
