//===- Matrix.h - programs with products of matrices ------------------------===//
//
// A fold over the summed dimension whose step multiplies what it reads becomes wgmma
// on tiles in shared memory; what follows it works on the accumulator. Two ways bring
// operands there:
//
//   by the copy engine   16-bit operands whose rows lie on 16 bytes: a thread fetches
//                        into a ring, the warpgroups multiply behind it
//   by registers         everything else: loaded and checked element by element,
//                        converted, stored; f32 as three parts of bf16, so that products
//                        are as exact as f32's
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Kernel.h"

namespace ssm::tile {

/// What a product reads.
struct MatrixOperand {
  ReadOp read;
  mlir::StringAttr kept; ///< its rows or columns; the other dimension is summed
  int64_t size = 0;      ///< of `kept`, filled up
  bool keptInner = false; ///< `kept` is contiguous in memory, not what is summed
  mlir::Type element;    ///< in memory
  bool byMap = false;
  mlir::Value map;
};

/// A fold that multiplies.
struct MatrixFold {
  LoopOp loop;
  ProductOp product;
  mlir::StringAttr summed;
  int64_t depth = 64; ///< of a step, filled up
  MatrixOperand a, b; ///< a has the accumulator's rows, b its columns
  mlir::Type element; ///< what is multiplied: bf16, f16, or f32 (in parts)
  mlir::Value ring;   ///< by the copy engine
  int64_t stages = 0;
  bool byMap() const { return a.byMap && b.byMap; }
};

/// The shared tile of an operand.
SmemType sharedTile(const MatrixOperand &operand, int64_t depth, mlir::Type element);

/// The fold with operands in a ring; and with operands by registers. Both give the sum.
mlir::FailureOr<mlir::Value> emitRingFold(KernelEmitter &e, MatrixFold &fold, mlir::Value instance);
mlir::FailureOr<mlir::Value> emitStagedFold(KernelEmitter &e, MatrixFold &fold);

/// One product of tiles in shared memory.
mlir::Value multiply(KernelEmitter &e, const MatrixFold &fold, mlir::Value a, mlir::Value b, mlir::Value acc, mlir::Value unless);

} // namespace ssm::tile
