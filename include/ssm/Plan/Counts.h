//===- Counts.h - what operations cost --------------------------------------===//
#pragma once

#include "ssm/Plan/Anchors.h"

namespace ssm {

/// At the planning sizes. `products` are multiplications and additions of products
/// with reuse, `steps` those of a recurrence whose state stays in registers, `flops` all
/// others, `exps` functions that take tens of them.
struct Counts {
  double products = 0, flops = 0, exps = 0, bytes = 0, steps = 0;

  Counts &operator+=(const Counts &other) {
    products += other.products;
    flops += other.flops;
    exps += other.exps;
    bytes += other.bytes;
    steps += other.steps;
    return *this;
  }
  Counts operator*(double times) const { return {products * times, flops * times, exps * times, bytes * times, steps * times}; }
};

/// Of an element type in memory.
int64_t bytesOf(mlir::Type element);

/// How often what has these dimensions is computed.
using Again = llvm::function_ref<double(const NamedDims &)>;

/// One operation, its body included; bytes are not counted. A recurrence is counted in
/// the form that it takes under the plan, or step by step.
Counts count(mlir::Operation *op, const PlanningSizes &sizes);
Counts count(mlir::Operation *op, const PlanningSizes &sizes, Again again, PlanAttr plan = {});

/// A recurrence (CountRecurrence.cpp); step by step without a plan.
Counts countRecurrence(LinearRecurrenceOp op, const PlanningSizes &sizes, Again again, PlanAttr plan);

/// A kernel: its operations once each, its inputs and results in memory.
Counts count(KernelOp kernel, const PlanningSizes &sizes, PlanAttr plan);
Counts count(KernelOp kernel, const PlanningSizes &sizes, Again again, PlanAttr plan);

} // namespace ssm
