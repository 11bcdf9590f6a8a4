//===- Matrix.h - programs with products of matrices ------------------------===//
//
// A fold over the summed dimension whose step multiplies what it reads becomes wgmma
// on tiles in shared memory; what follows it works on the accumulator. Two ways bring
// operands there:
//
//   by the copy engine   16-bit operands whose rows lie on 16 bytes: a thread fetches
//                        into a ring, the warpgroups multiply behind it; CTAs stay, and
//                        take items in an order that keeps operands in L2
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
  mlir::Value cursor; ///< of the role that is being made
  bool byMap() const { return a.byMap && b.byMap; }
};

/// The dimensions of a program's accumulators.
struct MatrixDims {
  mlir::StringAttr rows, columns;
  int64_t rowTile, columnTile;
  ProductOp product; ///< the first one
};
MatrixDims findMatrixDims(ProgramOp program);

/// The shared tile of an operand.
SmemType sharedTile(const MatrixOperand &operand, int64_t depth, mlir::Type element);

/// The fold with operands in a ring; and with operands by registers. Both give the sum,
/// what the fold starts from left out.
mlir::FailureOr<mlir::Value> emitRingFold(KernelEmitter &e, MatrixFold &fold, mlir::Value instance);
mlir::FailureOr<mlir::Value> emitStagedFold(KernelEmitter &e, MatrixFold &fold);

/// `sum` and what the fold starts from.
mlir::FailureOr<mlir::Value> withInit(KernelEmitter &e, MatrixFold &fold, mlir::Value sum);

/// One product of tiles in shared memory.
mlir::Value multiply(KernelEmitter &e, const MatrixFold &fold, mlir::Value a, mlir::Value b, mlir::Value acc, mlir::Value unless);

class MatrixKernel {
public:
  MatrixKernel(mlir::func::FuncOp function, ProgramOp program, const Assumptions &assumptions)
      : program(program), e(function, program, Frame(), assumptions) {}
  mlir::FailureOr<KernelInterface> run(llvm::StringRef name);

private:
  // What there is (Matrix.cpp).
  mlir::LogicalResult collect();
  mlir::LogicalResult collectFold(LoopOp loop);
  mlir::LogicalResult findOperand(mlir::Value value, mlir::StringAttr summed, MatrixOperand &operand);
  void chooseWay(MatrixFold &fold);
  WriteOp findStaged();

  // Rings, and the roles around them (MatrixRoles.cpp).
  void makeRings();
  void makeRing(MatrixFold &fold, int64_t bytes);
  mlir::LogicalResult emitCopies();
  mlir::LogicalResult emitStores();
  mlir::LogicalResult emitProducts();
  /// A loop over the items of a CTA that stays; the builder goes into it, coordinates are
  /// bound.
  mlir::scf::ForOp loopOverItems(mlir::ValueRange carries);
  /// The scalars of a block, for coordinates.
  mlir::LogicalResult emitScalars(mlir::Block &block);
  void fetch(MatrixFold &fold, mlir::Value cursor);
  /// Where a view's tile begins, innermost first, `row` and `column` further on.
  llvm::SmallVector<mlir::Value> placeOf(mlir::Value view, mlir::ArrayAttr dims, mlir::ValueRange coordinates, mlir::Value row,
                                         mlir::Value column);
  mlir::LogicalResult emitItem(mlir::Value instance, mlir::Value &outCursor);
  /// What follows the folds, on a piece of their sums.
  mlir::LogicalResult emitPiece(llvm::ArrayRef<mlir::Value> sums, mlir::Value instance, mlir::Value &outCursor);

  ProgramOp program;
  KernelEmitter e;
  llvm::SmallVector<MatrixFold, 2> folds;
  bool ringed = false;
  int64_t piece = 0, ctasOfCore = 0;
  WriteOp staged; ///< what leaves by the copy engine
  mlir::Value outRing, outMap;
};

} // namespace ssm::tile
