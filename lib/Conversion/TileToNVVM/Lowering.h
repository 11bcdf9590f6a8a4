//===- Lowering.h - a kernel of tiles becomes a function of registers -------===//
//
// One value of the asynchronous form is several of LLVM's: a register tile is its
// f32, i32 or i1 registers (two 16-bit elements an i32), a cursor a count, a view an
// address. The kernel is walked once, top to bottom; each operation has a function
// that writes its replacement and binds its results to lists of values. That is a
// one-to-many conversion whose values can be many hundreds: a direct walk costs what
// it writes, and needs no materialisations between the halves of a pattern.
//
// What is written is arith, math and scf on scalars, and llvm, nvvm and inline PTX;
// upstream's conversions take it from there. `index` is i32 from here on.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Ptx.h"

#include "ssm/Layout/Layout.h"

#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace ssm::tile::gpu {

/// Who runs a piece of code.
struct Scope {
  RoleOp role;             // null in the prologue
  int64_t threads = 0;     // that run it as one
  mlir::Value thread;      // this thread among them
  mlir::Value warp;        // its warp among them, uniform
  mlir::Value lane;        // 0 to 31
  mlir::Value group;       // lane / 4
  mlir::Value quad;        // lane % 4
  mlir::Value isLane0;     // i1
  mlir::Value isThread0;   // i1: the first of the scope
  mlir::Value instance;    // of the role; null in the prologue
  int64_t warps() const { return threads < 32 ? 1 : threads / 32; }
};

/// Where a register's element lies: the leading dimensions' linear index, row, column.
struct Spot {
  int64_t block = 0, row = 0, column = 0;
};
/// A layout as code needs it: element (block, row, column) of a register is what the
/// thread adds plus a constant. The bits of the two do not overlap, so that the sum is
/// also their exclusive or.
struct Placement {
  mlir::Value row, column;       // of the thread; null: 0
  int64_t vector = 1;            // so many elements are adjacent columns
  llvm::SmallVector<Spot> spots; // element by element, the constants
};

using Values = llvm::SmallVector<mlir::Value>;

class Lowering;
using LowerFunction = llvm::LogicalResult (*)(mlir::Operation *, Lowering &);

/// Which function lowers an operation.
class LoweringTable {
public:
  template <typename Op, llvm::LogicalResult (*Function)(Op, Lowering &)>
  void add() {
    functions[Op::getOperationName()] = [](mlir::Operation *op, Lowering &lowering) {
      return Function(mlir::cast<Op>(op), lowering);
    };
  }
  LowerFunction find(mlir::Operation *op) const { return functions.lookup(op->getName().getStringRef()); }

private:
  llvm::DenseMap<llvm::StringRef, LowerFunction> functions;
};
void addStructureLowerings(LoweringTable &table);
void addElementwiseLowerings(LoweringTable &table);
void addKernelLowerings(LoweringTable &table);
void addRingLowerings(LoweringTable &table);
void addBarrierLowerings(LoweringTable &table);
void addCopyLowerings(LoweringTable &table);
void addMemoryLowerings(LoweringTable &table);
void addMmaLowerings(LoweringTable &table);
void addLoadStoreLowerings(LoweringTable &table);
void addShapeLowerings(LoweringTable &table);
void addReduceLowerings(LoweringTable &table);
void addScanLowerings(LoweringTable &table);
void addMaskLowerings(LoweringTable &table);

class Lowering {
public:
  Lowering(KernelOp kernel, const LoweringTable &table, bool checked);

  /// Writes the function before the kernel.
  llvm::LogicalResult run();

  mlir::ImplicitLocOpBuilder b;
  Ptx ptx;
  Scope scope;
  KernelOp kernel;
  bool checked;
  /// Shared memory's first byte, an i32; where a checked wait leaves its record.
  mlir::Value sharedBase, stuckRecord;
  /// What is to be set up at the end of the prologue.
  llvm::SmallVector<RingOp> rings;
  /// Register operands of the products whose wait has not been written yet, in order.
  llvm::SmallVector<Values> flying;
  /// Offset of a word of shared memory that nobody reads.
  int64_t scratch() const { return llvm::alignTo(*const_cast<KernelOp &>(kernel).getSmem(), 16); }

  // Values
  Values &of(mlir::Value value);
  mlir::Value single(mlir::Value value) { return of(value).front(); }
  void bind(mlir::Value value, Values registers) { values[value] = std::move(registers); }
  Values flat(mlir::ValueRange range);
  /// The types of a value's registers here; a tile's count depends on the scope.
  llvm::SmallVector<mlir::Type> types(mlir::Type type);
  llvm::SmallVector<mlir::Type> types(mlir::TypeRange range);
  /// Gives `range` its part of `registers` each, in order.
  void bindFlat(mlir::ValueRange range, mlir::ValueRange registers);

  // Code
  llvm::LogicalResult lower(mlir::Operation *op);
  /// All but the terminator.
  llvm::LogicalResult lowerBody(mlir::Block &block);
  mlir::Value constant(int64_t value);
  mlir::Value constant(double value);
  /// Integer sums and products that leave out what is constant.
  mlir::Value add(mlir::Value a, mlir::Value c);
  mlir::Value add(mlir::Value a, int64_t c);
  mlir::Value mul(mlir::Value a, int64_t c);
  mlir::Value divide(mlir::Value a, int64_t powerOfTwo);
  mlir::Value modulo(mlir::Value a, int64_t powerOfTwo);
  mlir::Value exclusiveOr(mlir::Value a, int64_t c);
  mlir::Value both(mlir::Value a, mlir::Value c); // i1, null: true
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a, mlir::Value c);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value c);
  mlir::Value widen(mlir::Value a); // i32 to i64, signed
  /// An offset, a constant or a value, as i32.
  mlir::Value valueOf(mlir::OpFoldResult offset);
  static std::optional<int64_t> constantOf(mlir::OpFoldResult offset);
  static std::optional<int64_t> constantOf(mlir::Value value);

  // Layouts
  llvm::FailureOr<layout::Registers> registersOf(mlir::RankedTensorType tile, mlir::Operation *op);
  llvm::FailureOr<Placement> placement(mlir::RankedTensorType tile, mlir::Operation *op);
  /// Elements a thread holds.
  int64_t elementsPerThread(mlir::RankedTensorType tile);
  /// One value an element: 16-bit pairs taken apart to f32. And back.
  Values unpacked(mlir::ValueRange registers, mlir::Type element);
  Values packed(mlir::ValueRange elements, mlir::Type element);

private:
  llvm::LogicalResult lowerGeneric(mlir::Operation *op);

  const LoweringTable &table;
  llvm::DenseMap<mlir::Value, Values> values;
};

/// Elementwise arithmetic on tiles, and arith and math on scalars. Fails silently where
/// an operation is neither.
bool isElementwise(mlir::Operation *op);
llvm::LogicalResult lowerElementwise(mlir::Operation *op, Lowering &l);
/// The hardware's approximation of an f32 function, or null where there is none or the
/// operation does not allow it.
mlir::Value approximate(mlir::Operation *op, mlir::ValueRange operands, Lowering &l);
/// Halves of pairs of 16-bit elements by their own conditions.
mlir::Value selectPair(mlir::Value low, mlir::Value high, mlir::Value a, mlir::Value c, Lowering &l);
/// A scalar operation with its operands replaced, index as i32.
llvm::LogicalResult lowerScalar(mlir::Operation *op, Lowering &l);
/// An affine expression on scalars.
mlir::Value lowerAffine(mlir::AffineExpr expression, mlir::ValueRange dims, mlir::ValueRange symbols, Lowering &l);
/// Combines two values of a reduction.
mlir::Value combine(Combine kind, mlir::Value a, mlir::Value c, Lowering &l);
mlir::Value neutralElement(Combine kind, mlir::Type type, Lowering &l);

/// Bits of an element of a type that registers hold.
inline bool isHalf(mlir::Type element) { return element.isBF16() || element.isF16(); }

} // namespace ssm::tile::gpu
