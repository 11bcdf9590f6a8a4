//===- RecurrenceForms.h - how a kernel may make a linear recurrence --------===//
//
// What the forms of layers' algebra come to in a kernel: which of them a recurrence can
// take, and what its dimensions are to each.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Kernel.h"

namespace ssm {

/// Whether a recurrence can be made by products over chunks: one read-out that sums what
/// the decay lacks, each input over what is summed or over what is kept.
bool hasChunkForm(LinearRecurrenceOp op);

/// A factor of a decay, or a term of its logarithm, which may be subtracted.
struct DecayTerm {
  mlir::Value value;
  bool minus = false;
};
/// A decay as the product of one along what a read-out sums or scores have, and one along
/// what only values have.
struct FactoredDecay {
  llvm::SmallVector<DecayTerm> keys, values;
};
/// The decay of a recurrence that can be made by chunks though the read-out sums some of
/// its dimensions: hasChunkForm's but for that, where the decay has such factors.
std::optional<FactoredDecay> factorDecay(LinearRecurrenceOp op);

/// A dimension of the state that only what chunks call values has: neither what the
/// read-out sums nor what its factors or the decay have.
bool isValueDim(LinearRecurrenceOp op, llvm::StringRef dim);
/// The dimensions that a step sums in registers: of read-outs that add none to the state's.
llvm::SmallVector<mlir::StringAttr> heldDims(LinearRecurrenceOp op);

/// Whether a recurrence can be made as a convolution by chunks: all but its inputs
/// constant in time, and what a read-out sums of known size and not in what varies.
bool hasToeplitzForm(LinearRecurrenceOp op);
/// The dimensions of that convolution's kernel: each needs one of its own.
NamedDims kernelDims(LinearRecurrenceOp op);

/// How a recurrence of a kernel is made whose plan says `form`: so where it can be, else
/// step by step.
PlanForm formUnder(LinearRecurrenceOp op, PlanForm form);

} // namespace ssm
