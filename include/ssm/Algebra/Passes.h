//===- Passes.h - algebra on layers, within the ssm dialect -----------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `ssm-expand`: products with structured matrices become operations on the parts
/// that are stored. No matrix value remains.
///
/// Before
///   %W = ssm.structured lowrank(%left, %right) : ... -> !ssm.matrix<O x I, f32>
///   %y = ssm.apply %W, %x : !ssm.matrix<O x I, f32>, tensor<?x?xf32, #ssm.dims<T, I>> -> ...
/// After
///   %0 = ssm.contract(%right, %x) over ["I"] : ...
///   %y = ssm.contract(%left, %0) over ["W.R"] : ...
std::unique_ptr<mlir::Pass> createExpandPass();

/// `ssm-derive-step`: where the module has `ssm.stepped = "L"`, @forward carries
/// what looks back along L in further states (pos_1, shift_1, conv_1, cumsum_1,
/// scan_1, ...), so that a sequence may come in pieces, and @step does the same for
/// one position, its arguments and results without L. Reports what looks ahead.
///
/// Before
///   @forward(%x: [B, L], %h: [B]) { %y = ssm.shift %x along "L" by %1 ... }
/// After
///   @forward(%x: [B, L], %h: [B], %shift_1: [B, 1]) -> (..., %h', %shift_1')
///   @step(%x: [B], %h: [B], %shift_1: [B, 1]) -> (..., %h', %shift_1')
std::unique_ptr<mlir::Pass> createDeriveStepPass();

/// `ssm-warn-quadratic`: where the plain path would write a value to memory that
/// grows with the square of an open dimension, and no argument or result does, a
/// warning gives its size.
///
/// Before, and after
///   %s = ssm.contract(%q, %k) over ["D"] : ... -> tensor<?x?xf32, #ssm.dims<L, M>>   // M = L
/// warning: this is written to memory and grows with the square of 'L', as no
/// argument or result does: [L, M] takes 4 * L**2 bytes
std::unique_ptr<mlir::Pass> createWarnQuadraticPass();
/// `ssm-normalize`: one way of writing what has several. What a scan need not compute
/// step by step moves before it; sums of products become contractions, chains of them
/// take their cheapest order; distances become products; a softmax is one however it is
/// written.
///
/// Before
///   %d = ssm.map sub(%q, %k) : [L, D], [M, D] -> [L, M, D]
///   %2 = ssm.map mul(%d, %d) ; %s = ssm.reduce add %2 over ["D"]
/// After
///   %qk = ssm.contract(%q, %k) over ["D"] : [L, M]
///   %s = (sum[D] q ** 2 + sum[D] k ** 2) - 2 * %qk
std::unique_ptr<mlir::Pass> createNormalizePass();

/// `ssm-raise`: recognises by definition. A scan whose carry is linear and acts element
/// by element becomes a linear recurrence with the forms that it may take; sums of
/// exponentials relative to a maximum over the same dimension, softmax among them,
/// become one fold; a written-out structured matrix that is multiplied is applied.
/// What declines says why, in a remark and, for a scan, in its `carries`.
///
/// Before
///   %h:2 = ssm.scan "L" init(%h0) over(%e, %k, %v) ... { exp(%e) * h + %k * %v }
///   %y = ssm.contract(%q, %h#1) over ["D"] : ...
///   %p = ssm.softmax %s over ["M"] : ...
///   %o = ssm.contract(%p, %w) over ["M"] : ...
/// After
///   %last, %y = ssm.linear_recurrence real "L" init(%h0) log_decay(%e) input(%k, %v) read((%q) over ["D"]) ...
///   %r, %sum, %acc = ssm.online_fold max(%s) over ["M"] sum(() over ["M"], (%w) over ["M"]) free_reference ...
///   %o = %acc / %sum, 0 where %sum is 0
std::unique_ptr<mlir::Pass> createRaisePass();

/// `ssm-convolve`: a recurrence whose decay, read-outs and inputs but one are constant in
/// time becomes the convolution with its kernel, and what the initial state adds.
///
/// Before
///   %last, %y = ssm.linear_recurrence real "L" init(%s) log_decay(%e) input(%b, %u) read((%c) over ["N"]) ...
/// After
///   %k = ssm.contract(%c, exp(%e * pos(L)), %b) over ["N"] : ...
///   %0 = ssm.conv causal %u along "L", %k along "L" : ...
///   %y = %0 + sum[N] %c * exp(%e * (pos(L) + 1)) * %s
std::unique_ptr<mlir::Pass> createConvolvePass();

/// `ssm-lower-raised`: raised operations by their definition, in operations that the
/// reference path knows. The inverse of `ssm-raise` as far as meaning goes.
///
/// Before
///   %last, %y = ssm.linear_recurrence real "L" init(%h0) log_decay(%e) input(%k, %v) read((%q) over ["D"]) ...
/// After
///   %h:2 = ssm.scan "L" init(%h0) over(%k, %v, %e) ... { exp(%e) * h + %k * %v }
///   %y = ssm.contract(%h#1, %q) over ["D"] : ...
std::unique_ptr<mlir::Pass> createLowerRaisedPass();
/// The same of one operation.
void lowerRaised(mlir::Operation *op);

/// `ssm-split-raised`: every raised operation as two parts of floor(L * at / of) and the
/// remaining positions, made one by its combiner. For tests of the combiners.
///
/// Before
///   %last = ssm.linear_recurrence real "L" init(%h0) log_decay(%e) input(%k) read() ...
/// After
///   %a = ssm.linear_recurrence real "L.first" init(zero) ...
///   %b = ssm.linear_recurrence real "L.second" init(zero) ...
///   %last = exp(sum of both parts of %e) * %h0 + exp(sum of %e's second) * %a + %b
std::unique_ptr<mlir::Pass> createSplitRaisedPass();

} // namespace ssm
