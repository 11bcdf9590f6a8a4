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

} // namespace ssm
