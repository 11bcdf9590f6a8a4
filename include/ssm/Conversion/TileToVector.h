//===- TileToVector.h - the synchronous tile form on a CPU ------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>

namespace ssm {

/// What the lowering needs to know of the machine.
struct TileToVectorOptions {
  int64_t vectorBits = 512; // of a register
  int64_t registers = 32;   // vector registers
  /// There is an instruction for dot products of bf16 pairs (AVX-512 BF16).
  bool dotBf16 = false;
  /// Scratch that an item may take: a program that needs more is an error. What is too
  /// large for a thread's stack is allocated where its loop is outlined.
  int64_t scratchBytes = 1 << 26;
};

/// `convert-tile-to-vector`: every `tile.program` of a function becomes an
/// scf.parallel over its items, whose tiles are vectors of the machine's width and
/// scratch (memref.alloca; a scratch of open size memref.alloc, freed where the item
/// ends). Needs views of memrefs.
///
/// Before
///   tile.program owns(L = %l : 64 of %n) {
///     %x = tile.read %X[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<64xf32, #ssm.dims<L>>
///     %y = math.exp %x : tensor<64xf32, #ssm.dims<L>>
///     tile.write %y to %Y[L = %l] : ...
///   }
/// After
///   scf.parallel (%l) = (%c0) to (%n) step (%c64) {
///     %mask = vector.create_mask %left : vector<16xi1>
///     %x = vector.maskedload %m[%l], %mask, %zero : ...
///     %y = math.exp %x : vector<16xf32>
///     vector.maskedstore ...
std::unique_ptr<mlir::Pass> createConvertTileToVectorPass();
std::unique_ptr<mlir::Pass> createConvertTileToVectorPass(const TileToVectorOptions &options);

/// `ssm-vector-math`: functions of f32 vectors (exp, expm1, log, log1p, tanh, sin, cos,
/// erf, erfc) by polynomials, within 2 units in the last place; infinities, NaN and what
/// lies below the normal numbers as libm has them. Scalars and f64 are left to libm.
///
/// Before
///   %y = math.exp %x : vector<16xf32>
/// After
///   %n = ... // the nearest whole number to x / log 2
///   %p = math.fma ... // e^(x - n log 2)
///   %y = x86vector.avx512.mask.scalef %p, %p, %n, %all, %rounding : vector<16xf32> // p 2^n
std::unique_ptr<mlir::Pass> createVectorMathPass();
std::unique_ptr<mlir::Pass> createVectorMathPass(int64_t vectorBits);

/// `ssm-masks-to-bits`: masks of the first lanes of 8, 16 or 32 by scalar arithmetic, for
/// machines whose masks have registers of their own (AVX-512).
///
/// Before
///   %mask = vector.create_mask %n : vector<16xi1>
/// After
///   %ones = arith.shli %one, %n // n within 0 .. 16
///   %bits = arith.trunci (%ones - 1) : i64 to i16
///   %mask = vector.bitcast (vector.broadcast %bits) : vector<1xi16> to vector<16xi1>
std::unique_ptr<mlir::Pass> createMasksToBitsPass();

} // namespace ssm
