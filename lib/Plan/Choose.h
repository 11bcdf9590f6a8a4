//===- Choose.h - candidate plans, and what each would cost -----------------===//
#pragma once

#include "ssm/Plan/Counts.h"
#include "ssm/Target/Target.h"

#include <string>
#include <vector>

namespace ssm {

/// What a kernel's operations allow, whatever the plan.
struct KernelShape {
  explicit KernelShape(KernelOp kernel);

  NamedDims owned;        // what items may share out
  mlir::StringAttr along; // what is walked in order, or null
  PlanForm form;
  llvm::SmallVector<mlir::StringAttr> combined; // what something sums or folds
  llvm::SmallVector<mlir::StringAttr> carried;  // dimensions of what scans carry
  llvm::SmallVector<mlir::StringAttr> single;   // what is taken an element at a time
  int64_t stateParts = 1;                       // 2 where a state is complex
  llvm::SmallVector<mlir::StringAttr> state;    // and of linear recurrences' states
};

/// A plan with its ledger.
struct Candidate {
  PlanAttr plan;
  Counts counts;
  double memory = 0, compute = 0, items = 0; // seconds; the last for starting items
  double balance = 1;                        // share of the cores at work
  std::string refused;                       // why it cannot be made, or ""

  double time() const { return std::max(memory, compute) / balance + items; }
  llvm::StringRef bound() const { return memory > compute ? "memory" : counts.exps > 0 && expShare > 0.5 ? "exponentials" : "arithmetic"; }
  double expShare = 0;
};

/// Counts bytes and operations of a kernel under a plan.
Candidate score(KernelOp kernel, const KernelShape &shape, PlanAttr plan, const PlanningSizes &sizes,
                const Target &target);

/// All candidates, the best first.
std::vector<Candidate> enumerate(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes,
                                 const Target &target);

/// "own [B : 1, D : 16] step [L : 32]".
std::string describe(PlanAttr plan);

} // namespace ssm
