//===- Verify.h - what a whole kernel must keep to --------------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `tile-verify-resources`: refuses a kernel that would hang, race, spill or not launch, as far
/// as that can be told from its text. Runs after inlining, unrolling and folding, when each path
/// has its final shape; changes nothing. The target is the module's attribute `tile.target`
/// ("sm_90a" without it).
///
///   %s = tile.land 1 (%f) : ..    // %f is among the last 1
/// error: lands a product that is still among the last 1 in flight
std::unique_ptr<mlir::Pass> createTileVerifyResourcesPass();

/// `tile-estimate-registers`: notes on each kernel, as `tile.estimate`, how many registers a thread its roles'
/// tiles take at once; `ssm-report-registers` prints it beside what ptxas found.
std::unique_ptr<mlir::Pass> createTileEstimateRegistersPass();

/// `tile-print-layouts`: draws each layout and each swizzled buffer of the module as text, on
/// standard error, with who holds what. Changes nothing.
std::unique_ptr<mlir::Pass> createTilePrintLayoutsPass();

} // namespace ssm
