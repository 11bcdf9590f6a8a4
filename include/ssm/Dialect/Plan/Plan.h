//===- Plan.h - plans and ledgers -------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"

namespace ssm {

/// So many elements of a dimension at a time: `D : 16`.
struct PlanTile {
  mlir::StringAttr dim;
  int64_t size;

  bool operator==(const PlanTile &other) const { return dim == other.dim && size == other.size; }
};
inline llvm::hash_code hash_value(const PlanTile &tile) {
  return llvm::hash_combine(mlir::hash_value(static_cast<mlir::Attribute>(tile.dim)), tile.size);
}

/// A plan that was scored and not taken.
struct RunnerUp {
  mlir::StringAttr plan; // "own D : 8"
  int64_t time;          // predicted, in nanoseconds
  mlir::StringAttr why;

  bool operator==(const RunnerUp &other) const { return plan == other.plan && time == other.time && why == other.why; }
};
inline llvm::hash_code hash_value(const RunnerUp &other) {
  return llvm::hash_combine(mlir::hash_value(static_cast<mlir::Attribute>(other.plan)), other.time,
                            mlir::hash_value(static_cast<mlir::Attribute>(other.why)));
}

} // namespace ssm

#include "ssm/Dialect/Plan/PlanDialect.h.inc"
#include "ssm/Dialect/Plan/PlanEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Plan/PlanAttrs.h.inc"
