//===- Kernel.h - one program becomes one kernel ----------------------------===//
//
// The program's body is emitted again with register tiles, operation by operation;
// each family of operations has a file with its rule. Rules fail by `refuse`, at the
// operation, with what would work instead where there is something.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Frame.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ssm::tile {

/// How a kernel's argument is made at the launch.
struct KernelArgument {
  /// A view of a buffer (the function's argument of that number): its dimensions in this
  /// order. What has no name has one element.
  struct View {
    unsigned buffer;
    ViewType type;
    llvm::SmallVector<mlir::StringAttr> order; ///< complex elements have two parts after it
    int64_t vector;
    bool operator==(const View &other) const {
      return buffer == other.buffer && type == other.type && order == other.order && vector == other.vector;
    }
  };
  std::optional<View> view;
  bool isMap = false; ///< a tensor map of it: dimensions innermost first
  unsigned size = 0;  ///< else a size: the function's argument
};

/// A dimension of the grid: items of `step` elements; `extent` is the function's
/// argument, or a constant.
struct OwnedRange {
  std::optional<unsigned> argument;
  int64_t constant = 0, step = 1;
  bool atLeastOne = false; ///< where there is no element there is an item still
};

/// What must hold of a call for a kernel to run: a size (the function's argument) of at
/// most, or at least, so many elements; or items enough to keep the device busy.
struct Room {
  enum Kind { AtMost, AtLeast, Busy } kind;
  unsigned argument = 0;
  int64_t size = 0;
};

struct KernelInterface {
  KernelOp kernel;
  llvm::SmallVector<KernelArgument> arguments;
  llvm::SmallVector<OwnedRange> ranges;
  int64_t itemsOfCta = 1;
  int64_t ctasOfCore = 0; ///< of a kernel whose CTAs stay for several items; else 0
  llvm::SmallVector<Room> where;
};

/// What a kernel takes for granted.
struct Assumptions {
  bool aligned = false;   ///< rows of open size are multiples of 16 bytes
  bool something = false; ///< there is something to sum in products of open size
  llvm::SmallVector<mlir::StringAttr> single; ///< a loop along these has one step
};

/// Makes the kernels of a function's program beside it: the first one that fits runs
/// (Versions.cpp).
using Versions = llvm::SmallVector<KernelInterface, 1>;
mlir::FailureOr<Versions> makeKernels(mlir::func::FuncOp function, ProgramOp program, llvm::StringRef name);
/// One of them.
mlir::FailureOr<KernelInterface> makeKernel(mlir::func::FuncOp function, ProgramOp program, llvm::StringRef name,
                                            const Assumptions &assumptions);

class KernelEmitter {
public:
  KernelEmitter(mlir::func::FuncOp function, ProgramOp program, Frame frame, const Assumptions &assumptions);

  mlir::FailureOr<KernelInterface> run(llvm::StringRef name);

  // The kernel's skeleton.
  void begin(llvm::StringRef name);
  /// A role at the end of the kernel; the builder goes into it.
  mlir::Block *addRole(llvm::StringRef name, RoleKind kind, int64_t instances);
  /// Tiles along each owned dimension.
  llvm::SmallVector<mlir::Value> countTiles();
  /// Binds the program's coordinates to those of an item by number; whether it is one. With
  /// a band, so many tiles of the last dimension but one are next to each other in the order.
  mlir::Value bindItem(mlir::Value item, int64_t band = 0);
  KernelInterface finish();
  void discard() { interface.kernel.erase(); }
  ProgramOp getProgram() { return program; }

  // For the rules.
  mlir::ImplicitLocOpBuilder b;
  Frame frame;
  Assumptions assumptions;
  /// What the innermost size of a view is a multiple of.
  int64_t multipleOf(const NamedDim &inner) const;
  /// Of a loop over a dimension that has one step: all of it, what its whole tiles cover
  /// (none: the rest is what masks its tail), the rest.
  enum class Steps { Many, One, None };
  Steps stepsOf(LoopOp loop) const;
  /// Whether the program leaves a view's memory as it is.
  bool isOnlyRead(mlir::Value view) const;

  mlir::LogicalResult emitBlock(mlir::Block &block);
  mlir::LogicalResult emit(mlir::Operation *op);
  mlir::InFlightDiagnostic refuse(mlir::Operation *op) {
    return op->emitError() << "this has no kernel for the GPU: ";
  }
  /// What stands for a value: a register tile, or a scalar.
  mlir::Value of(mlir::Value value);
  /// The same as a register tile, of the value's own dimensions.
  mlir::Value tileOf(mlir::Value value);
  /// In a larger type: more blocks, or along the lane.
  mlir::Value spread(mlir::Value tile, mlir::RankedTensorType type);
  void bind(mlir::Value value, mlir::Value made) { map[value] = made; }
  bool isBound(mlir::Value value) const { return map.contains(value); }
  /// Operations that stand for themselves already: `emit` leaves them out.
  llvm::SmallPtrSet<mlir::Operation *, 8> given;
  /// Combinations of a fold whose lanes are combined after it (Loops.cpp).
  llvm::SmallPtrSet<mlir::Operation *, 4> deferred;
  /// Loads of what is only read, to be found again.
  struct Loaded {
    mlir::Value source;
    mlir::Type type;
    llvm::SmallVector<mlir::Attribute> dims;
    llvm::SmallVector<mlir::OpFoldResult> at;
    mlir::Value tile;
  };
  llvm::SmallVector<Loaded> loads;

  // Constants.
  mlir::Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(b, value); }
  mlir::Value splat(mlir::RankedTensorType type, double value);
  mlir::Value splat(mlir::RankedTensorType type, mlir::Attribute value);
  /// Elements that are indices along a dimension of a register tile.
  mlir::Value iota(mlir::RankedTensorType type, int64_t dim) {
    return IotaOp::create(b, type.clone(b.getI32Type()), dim);
  }
  /// `tile`, and `fill` in what fills up the lane beyond `size` elements.
  mlir::Value keepFirst(mlir::Value tile, int64_t size, double fill);
  /// A part of a block dimension, its rank kept; and one put in the place of it.
  mlir::Value slice(mlir::Value tile, int64_t dim, int64_t at);
  mlir::Value insert(mlir::Value part, mlir::Value tile, int64_t dim, int64_t at);

  /// A view as a kernel's argument, dimensions in an order of one's own.
  mlir::Value viewArgument(mlir::Value view, llvm::ArrayRef<mlir::StringAttr> order, int64_t vector);
  /// A tensor map of a view, its dimensions as they lie; box innermost first.
  mlir::Value mapArgument(mlir::Value view, llvm::ArrayRef<int64_t> box, int64_t swizzle);
  /// What the prologue makes: rings and buffers.
  mlir::Block *getPrologue() { return prologue; }
  /// All results are stored in 16 bits: what a hardware exponential or a reciprocal is off
  /// vanishes in their rounding.
  bool coarse = false;
  /// What an instance adds to coordinates of rows, a piece to those of columns; or null.
  mlir::Value rowOffset, columnOffset;
  /// A scratch buffer in shared memory, of so many elements of f32 or i32.
  mlir::Value scratch(int64_t count, mlir::Type element);

private:
  mlir::func::FuncOp function;
  ProgramOp program;
  KernelInterface interface;
  mlir::Block *prologue = nullptr;
  llvm::DenseMap<mlir::Value, mlir::Value> map;
};

/// A program with products of matrices (Matrix.cpp).
bool hasMatrixProduct(ProgramOp program);
mlir::FailureOr<KernelInterface> makeMatrixKernel(mlir::func::FuncOp function, ProgramOp program, llvm::StringRef name,
                                                  const Assumptions &assumptions);

/// The rules; each stands in the file of its family.
mlir::LogicalResult emitElementwise(KernelEmitter &e, mlir::Operation *op);
mlir::LogicalResult emitRead(KernelEmitter &e, ReadOp op);
mlir::LogicalResult emitWrite(KernelEmitter &e, WriteOp op);
mlir::LogicalResult emitIf(KernelEmitter &e, mlir::scf::IfOp op);
mlir::LogicalResult emitLoop(KernelEmitter &e, LoopOp op);
mlir::LogicalResult emitRecur(KernelEmitter &e, RecurOp op);
mlir::LogicalResult emitCombine(KernelEmitter &e, CombineOp op);
mlir::LogicalResult emitProduct(KernelEmitter &e, ProductOp op);
mlir::LogicalResult emitNames(KernelEmitter &e, mlir::Operation *op);

/// Reduces along the lane, and along block dimensions; the result has ones there.
mlir::Value combineLane(KernelEmitter &e, Combine kind, mlir::Value tile);
mlir::Value combineBlock(KernelEmitter &e, Combine kind, mlir::Value tile, int64_t dim);
/// Two tiles of one type, element by element.
mlir::Value combineTwo(KernelEmitter &e, Combine kind, mlir::Value a, mlir::Value c);
std::optional<Combine> combineFor(Combiner combiner, mlir::Type element);
double identityOf(Combine kind);

/// The largest power of two that an index is a multiple of, and whether it is never
/// negative, as far as the text shows.
int64_t alignmentOf(mlir::Value index);
/// Where the whole tiles of a loop's dimension end: its size, if `end` is a multiple of
/// `step` below it.
mlir::Value sizeOfWholeTiles(mlir::Value end, int64_t step);
bool isNeverNegative(mlir::Value index);

} // namespace ssm::tile
