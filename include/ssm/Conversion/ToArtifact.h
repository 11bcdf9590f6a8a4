//===- ToArtifact.h - passes towards the ABI of an artifact -----------------===//
//
// From functions on buffers to what runtime/README.md says an artifact holds.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// `ssm-outline-parallel`: the body of every outermost scf.parallel becomes a
/// function over a range of its iterations, which the runtime calls on as many
/// threads as are worth it. What the body uses is handed over in a struct. Loops
/// known to be short, and those that reduce, stay where they are.
///
/// Before
///   scf.parallel (%i) = (%c0) to (%n) step (%c1) { memref.store %x, %m[%i] ... }
/// After
///   llvm.store %x, ...; llvm.store %descriptor, ...
///   llvm.call @ssm_rt_parallel_for(%n, %cost, @forward_parallel, %struct)
///   llvm.func internal @forward_parallel(%struct: !llvm.ptr, %begin: i64, %end: i64) {
///     scf.for %i = %begin to %end { memref.store ... }
std::unique_ptr<mlir::Pass> createOutlineParallelPass();

/// `ssm-make-entries`: a function with `ssm.symbol` gets an exported one beside it
/// that takes the artifact's arguments, and becomes private.
///
/// Before
///   func.func @forward(%u: memref<?xf32> {ssm.shape = ["L"]}, ..., %L: index)
///       attributes {ssm.symbol = "s4d_forward_entry", ssm.dims = [#ssm.dim<L>]}
/// After
///   llvm.func @s4d_forward_entry(%buffers: !llvm.ptr, %sizes: !llvm.ptr) -> i32
std::unique_ptr<mlir::Pass> createMakeEntriesPass();

/// `ssm-check-allocations`: on functions of the LLVM dialect; where `malloc` finds
/// no memory the call fails with a sentence, and the function returns.
std::unique_ptr<mlir::Pass> createCheckAllocationsPass();

/// `ssm-expm1-to-libm`: `math.expm1` becomes a call. MLIR's own conversion to LLVM
/// writes it as exp(x) - 1, which has no digit left near 0.
std::unique_ptr<mlir::Pass> createExpm1ToLibmPass();

/// `ssm-halves-to-bits`: on functions of the LLVM dialect; where bf16 is only moved,
/// widened and narrowed it becomes 16-bit whole numbers, which every processor has. So
/// does f16 where `f16` says that the processor has no instructions to convert it.
/// What converts is arithmetic of the arith and math dialects, which are lowered after it.
///
/// Before
///   %x = llvm.load %p : !llvm.ptr -> vector<16xbf16>
///   %y = llvm.fpext %x : vector<16xbf16> to vector<16xf32>
/// After
///   %x = llvm.load %p : !llvm.ptr -> vector<16xi16>
///   %y = arith.bitcast (arith.shli (arith.extui %x), 16)
std::unique_ptr<mlir::Pass> createHalvesToBitsPass(bool f16 = false);

} // namespace ssm
