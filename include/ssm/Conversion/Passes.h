//===- Passes.h - conversions out of the ssm dialect ------------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// On a memref argument of a lowered function: the names of its dimensions, in
/// order, resolved against the function's `ssm.dims`.
inline constexpr llvm::StringLiteral kShapeAttr = "ssm.shape";

/// `convert-ssm-to-linalg`: every function of the ssm dialect becomes one on plain
/// buffers. Its arguments are a memref for each argument and then for each result
/// (row-major, in the order of the dimensions, bool as i8), with `ssm.shape`, and
/// then one index for each entry of the function's `ssm.dims`.
///
/// Before
///   func.func @forward(%u: tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
///       attributes {ssm.dims = [#ssm.dim<L>]} {
///     %0 = ssm.map exp(%u) : ...
///     return %0 : tensor<?xf32, #ssm.dims<L>>
///   }
/// After
///   func.func @forward(%u: memref<?xf32>, %out: memref<?xf32>, %L: index) {
///     %0 = bufferization.to_tensor %u restrict : memref<?xf32> to tensor<?xf32>
///     %1 = linalg.generic ... { math.exp }
///     bufferization.materialize_in_destination %1 in restrict writable %out
///     return
///   }
std::unique_ptr<mlir::Pass> createConvertSsmToLinalgPass();

/// `ssm-fuse-elementwise`: fuses elementwise linalg operations into their one
/// consumer, unless that would compute a function of few elements once for each
/// of many.
std::unique_ptr<mlir::Pass> createFuseElementwisePass();

/// `ssm-separate-empty-tensors`: each use of an empty tensor gets one of its own,
/// without which bufferization may give two results one buffer.
std::unique_ptr<mlir::Pass> createSeparateEmptyTensorsPass();

/// `ssm-copies-to-loops`: copies between slices of buffers element by element.
std::unique_ptr<mlir::Pass> createCopiesToLoopsPass();

/// `ssm-accumulate-in-registers`: what a loop reads first and writes last at one
/// place becomes a value that the loop carries.
std::unique_ptr<mlir::Pass> createAccumulateInRegistersPass();

} // namespace ssm
