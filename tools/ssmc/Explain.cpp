//===- Explain.cpp - the compiler's decisions, for a person -----------------===//
#include "Explain.h"

#include "ssm/Plan/Anchors.h"
#include "ssm/Plan/RecurrenceForms.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace ssm {

/// "layer.ssm:12:9", or "" where the place is not known.
static std::string place(mlir::Location loc) {
  if (auto call = dyn_cast<mlir::CallSiteLoc>(loc))
    return place(call.getCallee());
  auto file = loc->findInstanceOf<mlir::FileLineColLoc>();
  if (!file)
    return "";
  return (sys::path::filename(file.getFilename().getValue()) + ":" + Twine(file.getLine()) + ":" + Twine(file.getColumn())).str();
}

static std::string inUnits(double value, StringRef unit) {
  static constexpr StringLiteral prefixes[] = {"", "k", "M", "G", "T"};
  unsigned i = 0;
  for (; value >= 1000 && i < 4; ++i)
    value /= 1000;
  return formatv("{0:f1} {1}{2}", value, prefixes[i], unit).str();
}

/// A time given in nanoseconds, in the unit that a person would use.
static std::string asTime(double nanoseconds) {
  static constexpr std::pair<double, StringLiteral> units[] = {{1e9, "s"}, {1e6, "ms"}};
  for (const auto &[size, unit] : units)
    if (nanoseconds >= size)
      return formatv("{0:f1} {1}", nanoseconds / size, unit).str();
  return formatv("{0:f1} us", nanoseconds / 1e3).str();
}

Explanation::Explanation(mlir::MLIRContext *context)
    : handler(context, [this](mlir::Diagnostic &diagnostic) { return note(diagnostic); }) {}

mlir::LogicalResult Explanation::note(mlir::Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Remark)
    return mlir::failure(); // on to who prints errors
  std::string text = place(diagnostic.getLocation()) + ": " + diagnostic.str();
  for (mlir::Diagnostic &more : diagnostic.getNotes())
    if (std::string where = place(more.getLocation()); !where.empty())
      text += " (" + more.str() + " at " + where + ")";
  remarks.push_back(std::move(text));
  return mlir::success();
}

static std::string listed(ArrayRef<StringRef> words) { return join(words, ", "); }

/// What an operation was recognised as, and which forms it may take.
static void printAnchor(mlir::Operation &op, PlanAttr plan, raw_ostream &os) {
  os << "  " << op.getName().stripDialect() << "  " << place(op.getLoc());
  if (auto fold = dyn_cast<OnlineFoldOp>(op)) {
    os << "  sums of exponentials under a running maximum, one pass over " << listed(fold.getFoldedDims())
       << (fold.getFreeReference() ? "; any reference gives the same" : "");
  } else if (auto linear = dyn_cast<LinearRecurrenceOp>(op)) {
    os << "  linear along " << linear.getDim() << (linear.getReverse() ? ", from the end" : "") << ", in "
       << stringifySemiring(linear.getSemiring());
    if (PlanForm form = plan ? formUnder(linear, plan.getForm()) : PlanForm::Direct; plan)
      os << ", made as "
         << (form == PlanForm::Chunk && !hasChunkForm(linear) ? stringifyFormKind(FormKind::ChunkFactored)
                                                              : stringifyPlanForm(form));
    for (auto form : linear.getForms().getAsRange<FormAttr>())
      if (!form.isAllowed())
        os << "\n    no " << stringifyFormKind(form.getKind()) << ": " << form.getWhy().getValue();
  } else if (auto scan = dyn_cast<ScanOp>(op)) {
    os << "  along " << scan.getDim() << (scan.getReverse() ? ", from the end" : "");
    if (auto carries = scan.getCarryKindsAttr())
      for (auto carry : carries.getAsRange<CarryAttr>())
        os << "\n    " << stringifyCarryKind(carry.getKind()) << ": " << carry.getWhy().getValue();
  } else if (SmallVector<mlir::StringAttr> dims = combinedDims(&op); !dims.empty()) {
    os << "  over ";
    interleaveComma(dims, os, [&](mlir::StringAttr dim) { os << dim.getValue(); });
  }
  os << "\n";
}

void Explanation::print(mlir::ModuleOp module, raw_ostream &os) const {
  module.walk([&](KernelOp kernel) {
    os << "kernel " << kernel.getName() << "\n";
    PlanAttr plan = kernel.getPlanAttr();
    for (mlir::Operation &op : kernel.getBody().front())
      if (fusionRole(&op) == FusionRole::Anchor)
        printAnchor(op, plan, os);
    LedgerAttr ledger = kernel.getLedgerAttr();
    if (!plan || !ledger)
      return;
    os << "  plan: " << stringifyPlanForm(plan.getForm());
    auto list = [&](StringRef word, ArrayRef<PlanTile> tiles) {
      if (tiles.empty())
        return;
      os << ", " << word << " ";
      interleaveComma(tiles, os, [&](const PlanTile &tile) { os << tile.dim.getValue() << ":" << tile.size; });
    };
    list("own", plan.getOwn());
    list("step", plan.getStep());
    if (plan.getSub() != 0)
      os << ", sub " << plan.getSub();
    os << "\n  " << inUnits(ledger.getBytes(), "B") << ", " << inUnits(ledger.getFlops(), "flop") << ", "
       << inUnits(ledger.getExps(), "exp") << "; predicted " << asTime(ledger.getTime()) << ", floor "
       << asTime(ledger.getFloor()) << ", bound by " << ledger.getBound().getValue() << "\n";
    for (const RunnerUp &other : ledger.getOthers())
      os << "  not " << other.plan.getValue() << ": " << other.why.getValue() << "\n";
  });
  bool any = false;
  for (const std::string &remark : remarks) {
    // Plans have been printed with their kernels.
    if (remark.find("; bound") != std::string::npos || remark.find("bound by") != std::string::npos)
      continue;
    if (!any)
      os << "what was noticed on the way\n";
    any = true;
    os << "  " << remark << "\n";
  }
}

} // namespace ssm
