//===- RecurrenceProducts.h - recurrences by products over chunks -----------===//
//
// What the forms by chunks share (RecurrenceChunk, RecurrenceFactored): a tile of the
// dimension is a chunk, read by the one read-out's factors, the queries. Of the inputs
// those over what the read-out sums are keys, the others values. Scores are made when the
// chunk is entered, once for all recurrences that share them; the result where it is asked
// for, of the old state; the next state when all is made.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Recurrence.h"

namespace ssm {

class ProductRecurrence : public Recurrence {
public:
  ProductRecurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups);

  mlir::LogicalResult enter(const Coords &where, const Tile &carried) final;
  mlir::FailureOr<Tile> leave() final;

protected:
  /// What the chunk needs before its scores.
  virtual mlir::LogicalResult prepare() { return mlir::success(); }
  virtual mlir::FailureOr<Scores> score() = 0;
  virtual mlir::FailureOr<Tile> read(const Coords &own) = 0;
  virtual mlir::FailureOr<Tile> next(const Coords &there) = 0;

  /// What lies beyond the end, of the sequence or of what is summed, counts nothing.
  mlir::FailureOr<Tile> queries(const Coords &there);
  mlir::FailureOr<Tile> keysAt(const Coords &there);
  mlir::FailureOr<Tile> valuesAt(const Coords &there);
  /// `acc` and the values of the chunk under its scores.
  mlir::FailureOr<Tile> readValues(const Tile &acc, const Coords &there);
  /// `acc` and the products of these keys and values of the chunk.
  mlir::FailureOr<Tile> addProducts(const Tile &acc, llvm::ArrayRef<Factor> factors, const Coords &there);

  NamedDims queryDims() { return withDim(united(readout.factors)); }
  NamedDims keyDims() { return withDim(united(keys)); }
  NamedDims valueDims() { return withDim(united(values)); }
  /// With the positions of inputs in place of those of results.
  NamedDims swapped(NamedDims names);
  Coords both(const Coords &there);
  /// Dimensions with both positions beside each other, the inputs' along vectors.
  NamedDims withPlaces(NamedDims names);
  llvm::SmallVector<mlir::StringAttr> around() { return walkedOf(over); }
  /// The elements of a tile at a place of the dimension.
  Tile pick(const Tile &given, mlir::StringAttr along, int64_t place);
  /// Where the chunk begins and ends, in the order that it is met.
  int64_t firstPlace() { return op.getReverse() ? tile.size - 1 : 0; }
  int64_t lastPlace() { return op.getReverse() ? 0 : tile.size - 1; }
  /// One, beyond the end of the sequence.
  Tile oneBeyond(const Tile &decay, mlir::RankedTensorType type);
  /// A walk over the chunk, in the recurrence's order or against it, over the slices; the
  /// body gives the next carries and the outputs.
  using Step = llvm::function_ref<Tile(const Tile &slices, const Tile &carries)>;
  mlir::FailureOr<Tile> walk(bool against, const Tile &inits, const Tile &slices, llvm::ArrayRef<mlir::Type> outputs,
                             Step body);
  /// The positions of the chunk, for a walk's slices.
  mlir::Value places();
  /// What has decayed, and this step's own at its place among the inputs.
  Tile takeIn(const Tile &decayed, const Tile &own, mlir::Value place, mlir::Value sources);
  /// As many parts, broadcast.
  Tile shaped(const Tile &given, mlir::RankedTensorType type, unsigned count);
  static bool isComplex(mlir::ValueRange some);

  ScoreGroups &groups;
  mlir::StringAttr other; // the positions of inputs: i reads what j wrote
  LinearRecurrenceOp::Readout readout;
  llvm::SmallVector<mlir::StringAttr> over;
  llvm::SmallVector<mlir::Value> keys, values;
  Scores scores;
};

} // namespace ssm
