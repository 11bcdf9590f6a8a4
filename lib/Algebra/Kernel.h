//===- Kernel.h - the convolution that a recurrence is ----------------------===//
//
// Where decay, read-outs and all inputs but one are constant in time (the form
// `convolution`), with u the one input and s the initial state:
//
//   y[l] = sum over j of K[j] u[l - j]  +  sum[r] c a^(l + 1) s
//   K[l] = sum[r] c a^l (the other inputs)
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NamedBuilder.h"

namespace ssm {

/// a^(l + from) for every position l of the recurrence's dimension, computed in f64; null
/// where there is no decay.
mlir::Value makePowers(NamedBuilder &b, LinearRecurrenceOp op, int64_t from);

/// K of one read-out, along the recurrence's dimension.
mlir::Value makeKernel(NamedBuilder &b, LinearRecurrenceOp op, unsigned readout);

/// The input that varies in time.
mlir::Value varyingInput(LinearRecurrenceOp op);

} // namespace ssm
