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
  llvm::SmallVector<PlanForm> forms; // at least one
  bool canBe(PlanForm form) const { return llvm::is_contained(forms, form); }
  llvm::SmallVector<mlir::StringAttr> combined; // what something sums or folds
  llvm::SmallVector<mlir::StringAttr> carried;  // dimensions of what scans carry
  bool shifts = false;                          // a scan reads its state elsewhere than where it writes it
  llvm::SmallVector<mlir::StringAttr> single;   // what is taken an element at a time
  llvm::SmallVector<mlir::StringAttr> alone;    // what may be, at no loss: products have rows and columns without it
  bool factored = false;                        // a chunk's keys decay each by themselves: short chunks are best
  int64_t stateParts = 1;                       // 2 where a state is complex
  llvm::SmallVector<mlir::StringAttr> held;     // what a step of a recurrence sums: side by side in registers
  llvm::SmallVector<mlir::StringAttr> values;   // dimensions that a recurrence's state or scores lack
  llvm::SmallVector<mlir::StringAttr> kernels;  // of convolutions by chunks: each has a kernel of its own
  llvm::SmallVector<mlir::StringAttr> responses; // and what they sum
};

/// A plan with its ledger.
struct Candidate {
  PlanAttr plan;
  Counts counts;
  double memory = 0, compute = 0, items = 0; // seconds; the last for starting items
  double balance = 1;                        // share of the cores at work
  std::string refused;                       // why it cannot be made, or ""
  bool unsure = false;                       // vectors along a dimension that may have one element

  double time() const { return std::max(memory, compute) / balance + items; }
  /// What plans are compared by.
  double weight() const { return time() * (unsure ? 1.25 : 1); }
  llvm::StringRef bound() const { return memory > compute ? "memory" : counts.exps > 0 && expShare > 0.5 ? "exponentials" : "arithmetic"; }
  double expShare = 0;
};

/// Counts bytes and operations of a kernel under a plan.
Candidate score(KernelOp kernel, const KernelShape &shape, PlanAttr plan, const PlanningSizes &sizes,
                const Target &target);

/// All candidates, the best first.
std::vector<Candidate> enumerate(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes,
                                 const Target &target);

/// The same where an item is a warp's or a warpgroup's work.
std::vector<Candidate> enumerateForGpu(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes,
                                       const Target &target);

/// "own [B : 1, D : 16] step [L : 32]".
std::string describe(PlanAttr plan);

} // namespace ssm
