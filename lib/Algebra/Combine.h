//===- Combine.h - combiners of raised operations ---------------------------===//
//
// What makes two parts of a sequence one: of a recurrence the pair (what the part
// multiplies the state by, what it leaves of a zero state), of a fold the maximum and
// the sums under it. Every form that splits work takes them from here.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NamedBuilder.h"

namespace ssm {

/// A part of a recurrence: s -> decay * s + state (in the semiring). A null decay
/// leaves the state as it is.
struct RecurrencePart {
  mlir::Value decay, state;
};

/// First `a`, then `b`.
RecurrencePart combine(NamedBuilder &builder, Semiring semiring, RecurrencePart a, RecurrencePart b);

/// The state behind a part that began with `init`.
mlir::Value advance(NamedBuilder &builder, Semiring semiring, RecurrencePart part, mlir::Value init);

/// The decay of a whole part: the semiring's product of the decays along the dimension.
/// Null for no decay.
mlir::Value totalDecay(NamedBuilder &builder, LinearRecurrenceOp op, mlir::Value decay, llvm::StringRef dim);

/// A part of a fold: the maximum, and the sums relative to it.
struct FoldPart {
  mlir::Value maximum;
  llvm::SmallVector<mlir::Value> sums;
};
FoldPart combine(NamedBuilder &builder, const FoldPart &a, const FoldPart &b);

/// The value under which exponentials are taken: 0 where the maximum is -inf.
mlir::Value referenceOf(NamedBuilder &builder, mlir::Value maximum);

} // namespace ssm
