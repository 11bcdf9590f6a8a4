//===- RaiseScans.h - the rules for scans, in the order in which they apply -===//
#pragma once

#include "Terms.h"

namespace ssm {

/// Coupling.cpp: carries that do not depend on each other in a circle become scans of
/// their own, one after the other. The new scans, or the old one.
llvm::SmallVector<ScanOp> separateCarries(NamedBuilder &b, ScanOp scan);

/// Recurrence.cpp: a scan of one carry that is linear and elementwise becomes a linear
/// recurrence whose read-out is the state. Says why where it does not.
mlir::FailureOr<LinearRecurrenceOp> raiseLinear(NamedBuilder &b, ScanOp scan, CarryAttr &known);

/// ShiftRegister.cpp: a state that moves along a dimension, takes in what is constant in
/// time but for one factor, and is read by sums over that dimension, becomes a convolution.
bool raiseShiftRegister(NamedBuilder &b, ScanOp scan);

/// Rotation.cpp: two carries that turn into each other become one complex recurrence.
mlir::FailureOr<LinearRecurrenceOp> raiseRotation(NamedBuilder &b, ScanOp scan, CarryAttr &known);

/// Cumulate.cpp: a running sum, maximum, minimum or logsumexp is a recurrence without
/// decay. Null for what is none.
LinearRecurrenceOp raiseCumulate(NamedBuilder &b, CumulateOp op);

/// Projective.cpp: whether the carry is linear but for a division by a scalar that
/// depends on it; the reason for the annotation, or nothing.
std::optional<std::string> matchProjective(NamedBuilder &b, ScanOp scan);

/// Readout.cpp: products that sum the state away move into the recurrence.
LinearRecurrenceOp absorbReadouts(NamedBuilder &b, LinearRecurrenceOp op);

/// Forms.cpp: what the recurrence's dimensions allow, with a reason for each refusal.
mlir::ArrayAttr listForms(LinearRecurrenceOp op);

/// ScoreGroups.cpp: numbers recurrences whose score products are equal.
void groupScores(llvm::ArrayRef<LinearRecurrenceOp> recurrences);

/// What replaces a scan of these carries: a recurrence with its state, every value
/// kept, as the only read-out, and the scan's results in terms of it.
struct RaisedState {
  mlir::Value init, decay, logDecay;
  bool resets = false;
  llvm::SmallVector<mlir::Value> inputs;
};
LinearRecurrenceOp createRecurrence(NamedBuilder &b, ScanOp scan, Semiring semiring, const RaisedState &state);

/// The state before each step: the initial one, then what `states` holds one earlier.
mlir::Value previousStates(NamedBuilder &b, ScanOp scan, mlir::Value init, mlir::Value states);

/// A decay's parts as the operation takes them, its logarithm where there is one. A
/// start, where(pos(L) == 0, 0, a), moves into the initial value.
void setDecay(NamedBuilder &b, ScanOp scan, Semiring semiring, Coefficient decay, RaisedState &state);

} // namespace ssm
