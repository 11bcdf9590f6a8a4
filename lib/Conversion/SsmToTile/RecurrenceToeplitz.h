//===- RecurrenceToeplitz.h - a recurrence as a convolution by chunks -------===//
//
// Its tables, made once an item, stand in ToeplitzTables.cpp, the walk over the chunks in
// RecurrenceToeplitz.cpp, which says what both compute.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Recurrence.h"

namespace ssm {

class Toeplitz : public Recurrence {
public:
  Toeplitz(Emitter &e, LinearRecurrenceOp op, const Coords &item)
      : Recurrence(e, op, item), i(named(".i")), j(named(".j")), m(named(".n")), length(e.plan().getSub()) {
    for (mlir::Value input : op.getInputs())
      (hasDim(input, dim) ? varying : constant).push_back(input);
    count = std::max<int64_t>(1, e.stepOf(dim) / std::max<int64_t>(length, 1));
    uDims = withDim(united(varying));
  }

  mlir::LogicalResult begin(Tile &carries) override;
  mlir::LogicalResult enter(const Coords &where, const Tile &carried) override;
  mlir::FailureOr<Tile> leave() override { return next; }
  mlir::LogicalResult end(const Tile &last) override;

private:
  struct Table {
    Tile outer, kernel; // c a^(i + 1) by [.., r, i], K as a matrix by [.., j, i]
    Tile rest;          // from the end: c a^(n - i) of a first chunk of n positions
    NamedDims outerDims, kernelDims;
    bool real = false; // nobody asks for the imaginary part
  };
  mlir::StringAttr named(llvm::StringRef suffix) { return mlir::StringAttr::get(op.getContext(), op.getDim() + suffix); }
  mlir::LogicalResult makeTables();
  mlir::LogicalResult makePowers(const Coords &where);
  /// a^p along a chunk, from its beginning or from its end; then, from there, so many only.
  mlir::FailureOr<Tile> powersAlong(mlir::StringAttr along, bool fromEnd, mlir::RankedTensorType type, mlir::Value some, Tile *whole);
  /// The factors c times powers, as what is multiplied with a state: [.., r, i].
  mlir::FailureOr<Tile> outerTable(Table &table, const Tile &c, const Tile &powers, NamedDims names, const Coords &where);
  mlir::LogicalResult makeTable(LinearRecurrenceOp::Readout readout, const Coords &where);
  /// K along the positions of a chunk, as the matrix of its shifts.
  mlir::FailureOr<Tile> spreadOut(const Tile &kernel, NamedDims kernelDims, const Coords &where);
  mlir::FailureOr<Tile> widened(mlir::ValueRange values, const Coords &where);
  Tile cast(const Tile &given, mlir::Type to);
  /// The product element by element, in f64, over both dimensions.
  mlir::FailureOr<Tile> times(const Tile &x, const Tile &y, NamedDims all, const Coords &where);
  mlir::FailureOr<Tile> inputs(const Coords &there);
  /// A tile of L as chunks and positions in them.
  Tile parted(const Tile &u);
  mlir::Type inputElement() {
    bool complex = llvm::any_of(varying, [](mlir::Value v) { return llvm::isa<mlir::ComplexType>(getElement(beforeComplex(v))); });
    return complex ? element : Emitter::partType(element);
  }
  mlir::FailureOr<Tile> over(const Coords &there, const Tile &from);
  mlir::FailureOr<Tile> read(unsigned number, const Coords &own);
  /// Positions of the dimension in its last chunk, where that is not full.
  mlir::Value restOf();
  /// What the state at the end gives in a first chunk that is not full, onto the tile's y.
  mlir::FailureOr<Tile> addRest(const Tile &y, const Table &table, llvm::ArrayRef<mlir::StringAttr> over,
                                mlir::RankedTensorType type, const Coords &where);
  /// Which chunks of the tile are full, and which is not: [chunk], of i1.
  std::pair<mlir::Value, mlir::Value> fullness();
  mlir::FailureOr<Tile> finish(const Coords &there, const Tile &from);
  bool endsFull() { return !mlir::ShapedType::isDynamic(e.staticSize(dim)) && e.staticSize(dim) % length == 0; }
  Coords withTables(const Coords &where);
  mlir::Type wide() {
    mlir::Type part = mlir::Float64Type::get(op.getContext());
    return parts == 2 ? mlir::ComplexType::get(part) : part;
  }

  mlir::StringAttr i, j, m; // positions of results and of inputs in a chunk, chunks in a tile
  int64_t length, count;
  llvm::SmallVector<mlir::Value> varying, constant;
  NamedDims uDims, aDims, inDims;
  Tile base64, powers64, powers, whole64, whole, in; // a, a^i, a^C, a^(C - 1 - j) b
  Tile outer64, rest64, restWhole; // what a state has decayed by along a chunk; along one of n positions; a^n
  std::vector<Table> tables;
  Tile before, kept, next; // states before the chunks; the inputs of the last tile
  NamedDims beforeDims;
};

} // namespace ssm
