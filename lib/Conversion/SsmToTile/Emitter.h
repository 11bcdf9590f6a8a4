//===- Emitter.h - a kernel's region as a program over tiles ----------------===//
//
// Tiles are made where they are asked for: `demand(value, at)` gives the tile of a
// value at coordinates, from those of its operands. A coordinate says which elements
// of a dimension are meant: where they begin, how many, and in which scope (the
// program, or a loop in it) that is known. A tile is made once, in the outermost
// scope that knows all its coordinates, so what does not change in a loop stands
// before it. Dimensions of one element have no place in a tile's type.
//
// Each family of operations has a file with a free function
//
//   FailureOr<Tile> emit(Emitter &e, SomeOp op, const Coords &at);
//
// which asks for operands by `e.demand` and fails by `e.refuse("...")` with a reason
// where the tile form cannot carry the operation; the kernel then stays on the
// reference path.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Conversion/SsmToTile.h"
#include "ssm/Dialect/Ssm/Kernel.h"
#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"

#include <functional>

namespace ssm {

/// Real values have one part, complex ones two.
using Tile = llvm::SmallVector<mlir::Value, 2>;

/// A block that runs with its own coordinates: the program's or a loop's.
struct Scope {
  Scope *outer = nullptr;
  mlir::Block *block = nullptr;
  mlir::Operation *open = nullptr; // the loop in it whose body is being made
  unsigned depth = 0;
};

/// Sets the builder to where a scope goes on: before the loop in it that is being made.
void insertIn(mlir::OpBuilder &b, Scope &scope);

struct Coord {
  mlir::Value at; // index; null where the dimension is whole
  int64_t size = 1;
  Scope *scope = nullptr;
  bool inside = false; // no element of it lies beyond the end

  bool operator==(const Coord &other) const { return at == other.at && size == other.size; }
};

/// By dimension name.
class Coords {
public:
  const Coord *find(llvm::StringRef dim) const;
  void set(mlir::StringAttr dim, Coord coord);
  void erase(llvm::StringRef dim);
  void forEach(llvm::function_ref<void(mlir::StringAttr, const Coord &)> body) const;
  /// Those of `other` too, which come before these.
  void add(const Coords &other);

private:
  llvm::SmallVector<std::pair<mlir::StringAttr, Coord>, 6> entries;
};

class Emitter {
public:
  /// `function` has a buffer for each input and output of the kernel and an index for
  /// each of `openDims`.
  Emitter(KernelOp kernel, mlir::func::FuncOp function, llvm::ArrayRef<mlir::StringAttr> openDims,
          const SsmToTileOptions &options);

  mlir::LogicalResult run();
  /// Why the tile form cannot carry the kernel, after a failure.
  llvm::StringRef reason() const { return why; }
  mlir::Location reasonLoc() const { return whyLoc; }

  // For the families.
  const SsmToTileOptions &options;
  mlir::ImplicitLocOpBuilder b;
  mlir::FailureOr<Tile> demand(mlir::Value value, const Coords &at);
  mlir::LogicalResult refuse(const llvm::Twine &reason);
  /// A tile in another element type; the reference path's arithmetic on bits, or the
  /// target's own conversions.
  mlir::Value cast(mlir::Value value, mlir::Type type);
  /// The target is one whose f64 is dear (SsmToTileOptions).
  bool isHardware() const { return options.hardware; }

  // Dimensions.
  PlanAttr plan() const { return KernelOp(kernel).getPlanAttr(); }
  /// Static where the function knows it.
  int64_t staticSize(llvm::StringRef dim) const;
  /// The length, as index.
  mlir::Value size(llvm::StringRef dim);
  /// Held whole by an item: of known size, and not walked.
  bool isWhole(llvm::StringRef dim) const;
  /// How many elements a loop takes at a time.
  int64_t stepOf(llvm::StringRef dim) const;
  /// Coordinates of a value's dimensions; fails where one is neither given nor whole.
  using Located = llvm::SmallVector<std::pair<mlir::StringAttr, Coord>>;
  mlir::FailureOr<Located> locate(llvm::ArrayRef<NamedDim> dims, const Coords &at);
  mlir::FailureOr<Located> locate(mlir::Value value, const Coords &at) { return locate(getDims(value), at); }
  /// Dimensions of these that are neither given nor whole.
  llvm::SmallVector<mlir::StringAttr> unbound(llvm::ArrayRef<NamedDim> dims, const Coords &at);
  Coord wholeCoord(llvm::StringRef dim);

  // Tiles.
  /// The type of a tile with these dimensions at these coordinates.
  mlir::FailureOr<mlir::RankedTensorType> tileType(llvm::ArrayRef<NamedDim> dims, mlir::Type element, const Coords &at);
  /// In the order that tiles have: the dimension along vectors last, or as chooseOrder says.
  void sortDims(llvm::SmallVectorImpl<NamedDim> &dims) const;
  mlir::Value spread(mlir::Value tile, mlir::RankedTensorType type);
  /// Spread, each part.
  Tile spread(const Tile &tile, mlir::RankedTensorType type);
  /// All elements equal; the identity of a monoid.
  mlir::Value splat(mlir::TypedAttr value, mlir::RankedTensorType type);
  Tile identity(Monoid monoid, mlir::RankedTensorType type, bool isComplex);
  /// Positions along a dimension at its coordinate, i64, of that dimension alone.
  mlir::Value positions(mlir::StringAttr dim, const Coord &coord);
  /// Elements whose position lies in the dimension, as a tile of i1; null where all do.
  mlir::Value inside(mlir::StringAttr dim, const Coord &coord);
  /// `tile` (with these dims at `at`), and `other` in what lies outside of `dims`.
  Tile maskTail(const Tile &tile, llvm::ArrayRef<mlir::StringAttr> dims, const Coords &at, const Tile &other);
  /// The tile where it lies inside along a dimension, else zero; `coord` is where it
  /// was read.
  Tile zeroOutside(const Tile &tile, mlir::StringAttr dim, const Coord &coord);
  static mlir::Type partType(mlir::Type element);

  // Scopes.
  Scope &current() { return *scope; }
  Scope &program() { return *root; }
  /// Runs `body` with the builder in a new scope inside the current one.
  mlir::LogicalResult within(mlir::Operation *op, mlir::Block &block, llvm::function_ref<mlir::LogicalResult()> body);
  /// A loop over a dimension from 0 to its size, with carries; `body` gives the next ones.
  using LoopBody = llvm::function_ref<mlir::FailureOr<Tile>(const Coord &at, mlir::ValueRange carries)>;
  mlir::FailureOr<Tile> loop(mlir::StringAttr dim, int64_t step, tile::Order order, const Tile &inits, LoopBody body);
  /// The same over a part.
  mlir::FailureOr<Tile> loop(mlir::StringAttr dim, int64_t step, tile::Order order, mlir::Value from, mlir::Value to,
                             const Tile &inits, LoopBody body);
  /// Loops over dimensions that are not whole, one inside the other, around `body`.
  using Nest = llvm::function_ref<mlir::FailureOr<Tile>(const Coords &, const Tile &)>;
  mlir::FailureOr<Tile> loops(llvm::ArrayRef<mlir::StringAttr> dims, const Coords &at, const Tile &carries, Nest body);
  /// Runs `body` with the builder where all coordinates of these dimensions are known first.
  mlir::LogicalResult hoisted(llvm::ArrayRef<NamedDim> dims, const Coords &at,
                              llvm::function_ref<mlir::LogicalResult()> body);
  /// Says what a value's tile is at these coordinates, in the current scope.
  void pin(mlir::Value value, const Coords &at, const Tile &tile);
  /// The same for a value that may be made again elsewhere.
  void remember(mlir::Value value, const Coords &at, const Tile &tile);
  mlir::FailureOr<Tile> recall(mlir::Value value, const Coords &at);
  /// Coordinates that the results of a fold share: given where one of them is asked for
  /// that lacks a dimension of another, so that all come of one loop.
  const Coords &shared(mlir::Operation *fold) const;
  /// Takes pins back, when the scope is left.
  void unbind(mlir::ValueRange values);

  // Memory.
  /// The value lies in a view of the item's own from now on, filled in this scope.
  void back(mlir::Value value, const Tile &views);
  /// The value is another one in this scope, at the coordinates of `extra` beside its own.
  void alias(mlir::Value value, mlir::Value other, const Coords &extra);
  /// The value's tiles are made by this in the current scope, wherever they are asked for.
  using Maker = std::function<mlir::FailureOr<Tile>(const Coords &at)>;
  void provide(mlir::Value value, Maker maker);
  /// Scratch for what has these dimensions at these coordinates, whole along those that
  /// are not given; the item has it from its start. One view a part.
  mlir::FailureOr<Tile> scratch(llvm::ArrayRef<NamedDim> dims, mlir::Type element, const Coords &at);
  mlir::FailureOr<Tile> scratch(mlir::Value value, const Coords &at) {
    return scratch(getDims(value), getElement(value), at);
  }
  /// `from`: the coordinate along this dimension counts from the view's beginning.
  mlir::FailureOr<Tile> readScratch(const Tile &views, llvm::ArrayRef<NamedDim> dims, mlir::Type element, const Coords &at,
                                    mlir::StringAttr from = {});
  mlir::FailureOr<Tile> readScratch(const Tile &views, mlir::Value value, const Coords &at) {
    return readScratch(views, getDims(value), getElement(value), at);
  }
  mlir::LogicalResult writeScratch(const Tile &views, llvm::ArrayRef<NamedDim> dims, const Tile &tile, const Coords &at,
                                   bool accumulate = false);
  mlir::LogicalResult writeScratch(const Tile &views, mlir::Value value, const Tile &tile, const Coords &at) {
    return writeScratch(views, getDims(value), tile, at);
  }
  mlir::Value view(mlir::BlockArgument input) const { return views.lookup(input); }
  mlir::LogicalResult write(mlir::Value view, mlir::Value value, const Coords &at);

private:
  /// Where the folds that have this dimension in some of their results are from now on.
  void share(mlir::StringAttr dim, const Coord &coord);

  using Key = std::pair<mlir::Value, llvm::SmallVector<std::pair<mlir::Value, int64_t>, 6>>;
  struct Made {
    mlir::Value value;
    llvm::SmallVector<std::pair<mlir::Value, int64_t>, 6> at;
    Tile tile;
  };
  Made madeOf(mlir::Value value, const Coords &at, const Tile &tile);
  void placesIn(mlir::Value view, const Located &located, llvm::SmallVectorImpl<llvm::StringRef> &names,
                llvm::SmallVectorImpl<mlir::Value> &places, mlir::StringAttr from = {});
  /// The innermost scope in which something that a value is made of is bound.
  Scope *home(mlir::Value value);
  mlir::FailureOr<Tile> make(mlir::Value value, const Coords &at);
  mlir::LogicalResult runDirect();
  mlir::LogicalResult writeOutput(unsigned number, const Coords &at);
  void chooseLane();
  void chooseOrder(mlir::StringAttr along);

  KernelOp kernel;
  mlir::func::FuncOp function;
  llvm::StringMap<int64_t> staticSizes;
  llvm::StringMap<mlir::Value> dynamicSizes;
  llvm::DenseMap<mlir::Value, mlir::Value> views;
  llvm::SmallVector<mlir::Value> outputViews;
  llvm::DenseMap<mlir::Value, Tile> backing;
  llvm::DenseMap<mlir::Value, std::pair<mlir::Value, Coords>> aliases;
  llvm::DenseMap<mlir::Value, Maker> makers;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::StringAttr>> tileDims; // of scratch: what it holds a tile of
  llvm::DenseMap<Scope *, llvm::SmallVector<Made, 0>> memo;
  llvm::DenseMap<mlir::Value, Scope *> bindings; // where a value is what it was said to be
  llvm::DenseMap<mlir::Value, Scope *> homes;
  llvm::DenseMap<mlir::Operation *, Coords> sharedCoords;
  llvm::SmallVector<std::pair<mlir::StringAttr, mlir::Value>> ownedAt; // where an item begins
  llvm::SmallVector<std::unique_ptr<Scope>> scopes;
  Scope *root = nullptr, *scope = nullptr;
  mlir::StringAttr lane;
  llvm::DenseSet<std::pair<mlir::StringAttr, mlir::StringAttr>> before; // of two dimensions of a tile, the first one
  std::string why;
  mlir::Location whyLoc;
};

/// A tile and the dimensions of the value that it is of, those of one element too.
struct Factor {
  Tile tile;
  NamedDims dims;
};
/// The sum over `dims` of the product of the factors, onto `acc`: two factors as one
/// product of matrices.
mlir::FailureOr<Tile> sumOfProducts(Emitter &e, llvm::SmallVector<Factor> factors, llvm::ArrayRef<mlir::StringAttr> dims,
                                    const Tile &acc, mlir::Type element, mlir::RankedTensorType type, const Coords &at);
/// The product element by element, broadcast to the type; either may be complex.
Tile timesEach(Emitter &e, const Tile &a, const Tile &b, mlir::RankedTensorType type);

/// A kernel that walks a dimension in order.
mlir::LogicalResult emitSequential(Emitter &e, KernelOp kernel, mlir::StringAttr along, const Coords &at,
                                   llvm::function_ref<mlir::LogicalResult(unsigned, const Coords &)> writeOutput);

mlir::FailureOr<Tile> emit(Emitter &e, MapOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, PosOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, SizeOfOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, mlir::arith::ConstantOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, AlignOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, RenameOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, GatherOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ShiftOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ConcatOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, SplitOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, JoinOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ReduceOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ContractOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, SoftmaxOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ArgmaxOp op, const Coords &at);
mlir::FailureOr<Tile> emit(Emitter &e, ConvOp op, const Coords &at);
/// The tile of an input at its coordinates.
mlir::FailureOr<Tile> emitRead(Emitter &e, mlir::BlockArgument input, const Coords &at);
/// The tile's type with its dimensions in the view's order, where another one is last:
/// what lies side by side in memory is read and written together, and turned in between.
mlir::RankedTensorType inOrderOf(mlir::Value view, mlir::RankedTensorType tile);
/// One of the results; the others are remembered with it.
mlir::FailureOr<Tile> emit(Emitter &e, OnlineFoldOp op, mlir::Value result, const Coords &at);
/// A real value as it was before it was made complex.
mlir::Value beforeComplex(mlir::Value value);
/// Whether what a value has outside of its dimensions is zero: it is read as it lies in
/// memory.
bool isReadAsItLies(mlir::Value value);

} // namespace ssm
