//===- Plan.cpp - the pass ssm-plan -----------------------------------------===//
#include "Choose.h"
#include "PlanFile.h"
#include "ssm/Plan/Passes.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ssm {
namespace {

struct Plan : PassWrapper<Plan, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Plan)
  explicit Plan(PlanOptions options = {}) : options(std::move(options)) {}
  StringRef getArgument() const override { return "ssm-plan"; }
  StringRef getDescription() const override { return "Choose each kernel's tiles by what they cost on the target"; }

  void runOnOperation() override;

private:
  LogicalResult plan(KernelOp kernel, const Target &target, llvm::StringMap<PlanEntry> &given);

  PlanOptions options;
};

LedgerAttr ledgerOf(MLIRContext *context, const Candidate &best, ArrayRef<Candidate> others, const Target &target) {
  auto nano = [](double seconds) { return static_cast<int64_t>(seconds * 1e9); };
  // The next ones, and the best in each other form.
  SmallVector<RunnerUp> runners;
  SmallVector<PlanForm> seen{best.plan.getForm()};
  for (auto [i, other] : llvm::enumerate(others)) {
    bool isNew = !llvm::is_contained(seen, other.plan.getForm());
    if (i >= 3 && !isNew)
      continue;
    seen.push_back(other.plan.getForm());
    std::string why = other.refused;
    if (why.empty()) {
      double more = other.time() / std::max(best.time(), 1e-12);
      StringRef term = other.unsure && !best.unsure         ? "its vectors lie along what may be one element long"
                       : other.balance < best.balance * 0.95  ? "leaves cores idle"
                       : other.memory > best.memory * 1.02  ? "moves more bytes"
                       : other.compute > best.compute * 1.02 ? "computes longer"
                       : other.items > best.items           ? "has more items to start"
                                                            : "is no better";
      why = llvm::formatv("{0:f2} times as long: {1}", more, term).str();
    }
    std::string plan = describe(other.plan);
    if (other.plan.getForm() != best.plan.getForm())
      plan = (stringifyPlanForm(other.plan.getForm()) + ", " + plan).str();
    runners.push_back({StringAttr::get(context, plan), nano(other.time()), StringAttr::get(context, why)});
  }
  double floor = std::max(target.memoryTime(best.counts.bytes), target.computeTime(best.counts));
  return LedgerAttr::get(context, static_cast<int64_t>(best.counts.bytes),
                         static_cast<int64_t>(best.counts.products + best.counts.flops + best.counts.steps),
                         static_cast<int64_t>(best.counts.exps), nano(best.time()), nano(floor),
                         StringAttr::get(context, best.bound()), runners);
}

LogicalResult Plan::plan(KernelOp kernel, const Target &target, llvm::StringMap<PlanEntry> &given) {
  PlanningSizes sizes(kernel->getParentOfType<func::FuncOp>());
  KernelShape shape(kernel);
  std::vector<Candidate> candidates = target.isGpu() ? enumerateForGpu(kernel, shape, sizes, target) : enumerate(kernel, shape, sizes, target);
  Candidate best = candidates.front();
  ArrayRef<Candidate> others = ArrayRef(candidates).drop_front();
  PlanAttr fixed = kernel.getPlanAttr();
  if (auto entry = given.find(kernel.getName()); entry != given.end()) {
    fixed = entry->second.plan;
    given.erase(entry);
  }
  if (fixed) {
    if (!shape.canBe(fixed.getForm())) {
      InFlightDiagnostic error = kernel.emitOpError() << "'" << kernel.getName() << "' can be ";
      llvm::interleave(shape.forms, error, [&](PlanForm form) { error << stringifyPlanForm(form); }, " or ");
      return error << "; its plan says " << stringifyPlanForm(fixed.getForm());
    }
    best = score(kernel, shape, fixed, sizes, target);
    others = candidates;
    kernel.setPlanAttr(fixed);
    if (failed(kernel.verify()))
      return failure();
    if (!best.refused.empty())
      return kernel.emitOpError() << "'" << kernel.getName() << "' cannot be made by its plan: " << best.refused;
  }
  kernel.setPlanAttr(best.plan);
  LedgerAttr ledger = ledgerOf(&getContext(), best, others, target);
  kernel.setLedgerAttr(ledger);
  InFlightDiagnostic remark = kernel.emitRemark();
  remark << kernel.getName() << ": " << stringifyPlanForm(best.plan.getForm()) << ", " << describe(best.plan) << "; "
         << llvm::formatv("{0:f1} us, bound by {1}, floor {2:f1} us", best.time() * 1e6, best.bound(),
                          ledger.getFloor() / 1e3).str();
  for (const RunnerUp &other : ledger.getOthers())
    remark.attachNote() << "not " << other.plan.getValue() << ": " << other.why.getValue();
  return success();
}

void Plan::runOnOperation() {
  llvm::Expected<Target> target = Target::find(options.target);
  if (!target) {
    getOperation().emitError() << llvm::toString(target.takeError());
    return signalPassFailure();
  }
  if (options.native)
    target->detectHost();
  llvm::Expected<llvm::StringMap<PlanEntry>> given = readPlanFile(options.overrides, options.overridesName, &getContext());
  if (!given) {
    getOperation().emitError() << llvm::toString(given.takeError());
    return signalPassFailure();
  }
  SmallVector<KernelOp> kernels;
  getOperation().walk([&](KernelOp kernel) { kernels.push_back(kernel); });
  for (KernelOp kernel : kernels)
    if (failed(plan(kernel, *target, *given)))
      return signalPassFailure();
  if (given->empty())
    return;
  const auto &entry = *given->begin();
  InFlightDiagnostic error = getOperation().emitError();
  error << options.overridesName << ":" << entry.second.line << ": there is no kernel '" << entry.first() << "'; there are";
  llvm::interleaveComma(kernels, error, [&](KernelOp kernel) { error << " " << kernel.getName(); });
  signalPassFailure();
}

} // namespace

std::unique_ptr<Pass> createPlanPass() { return std::make_unique<Plan>(PlanOptions{"cpu", false, "", ""}); }
std::unique_ptr<Pass> createPlanPass(const PlanOptions &options) { return std::make_unique<Plan>(options); }

} // namespace ssm
