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

} // namespace ssm
