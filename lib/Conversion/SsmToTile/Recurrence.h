//===- Recurrence.h - a linear recurrence in a kernel that walks its dimension --===//
//
// A kernel meets its dimension tile by tile. For each tile a recurrence is entered: it
// makes what the tile needs once, and says how its read-outs are made wherever they are
// asked for; when all that follows has been made, it is left, and gives the next state.
// The state is carried by the loop, or lies in scratch where a dimension of it is walked.
//
// The forms (RecurrenceSteps, -Chunk, -Factored, -Toeplitz) differ in what they
// make of a tile; which one is taken is the plan's choice.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Emitter.h"

#include <map>
#include <memory>

namespace ssm {

/// Scores of the current tile that recurrences of one group share, under their decays.
struct Scores {
  Tile weights; // [.., position, position of the input, ..]
  NamedDims dims;
};
using ScoreGroups = std::map<int64_t, Scores>;

class Recurrence {
public:
  Recurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item);
  virtual ~Recurrence() = default;

  /// Before the loop over tiles: adds what the loop carries, or fills scratch.
  virtual mlir::LogicalResult begin(Tile &carries);
  unsigned carried() const { return walked.empty() ? parts : 0; }
  /// A tile of the dimension, whose coordinate `where` has.
  virtual mlir::LogicalResult enter(const Coords &where, const Tile &carry) = 0;
  /// The next state where it is carried.
  virtual mlir::FailureOr<Tile> leave() = 0;
  /// Behind the loop: what the loop gave for the state becomes the last one.
  virtual mlir::LogicalResult end(const Tile &last);
  LinearRecurrenceOp getOp() const { return op; }

protected:
  /// The semiring's addition.
  mlir::Value plus(mlir::Value a, mlir::Value b);
  Monoid addition();
  /// The semiring's product of values; a real one stands for a complex one.
  mlir::FailureOr<Tile> product(mlir::ValueRange values, const Coords &where);
  /// The same, broadcast to these dimensions, real or complex as it comes.
  mlir::FailureOr<Tile> product(mlir::ValueRange values, llvm::ArrayRef<NamedDim> dims, const Coords &where);
  /// Zero where it lies outside along the dimensions, unless it is anyway.
  Tile inside(const Tile &tile, mlir::ValueRange values, llvm::ArrayRef<mlir::StringAttr> dims, const Coords &where);
  /// The same with one of the dimensions under another name.
  Tile renamed(const Tile &tile, mlir::StringAttr from, mlir::StringAttr to);
  Tile exponentials(const Tile &x);
  Tile zeros(mlir::RankedTensorType type, unsigned count);
  static NamedDims united(mlir::ValueRange values);
  NamedDims withDim(NamedDims dims);
  /// The state's tile at these coordinates.
  mlir::FailureOr<Tile> state(const Coords &where);
  /// Of the dimensions, those that an item walks in the state.
  llvm::SmallVector<mlir::StringAttr> walkedOf(llvm::ArrayRef<mlir::StringAttr> dims);
  static llvm::SmallVector<mlir::StringAttr> summed(LinearRecurrenceOp::Readout &readout);

  Emitter &e;
  LinearRecurrenceOp op;
  mlir::StringAttr dim;
  mlir::Type element;
  unsigned parts; // 2 of complex states
  NamedDims dims; // of the state
  Coords item, at;
  Coord tile;
  llvm::SmallVector<mlir::StringAttr> walked; // dimensions of the state
  Tile memory, carry;
};

std::unique_ptr<Recurrence> makeSteps(Emitter &e, LinearRecurrenceOp op, const Coords &item);
std::unique_ptr<Recurrence> makeChunk(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups);
std::unique_ptr<Recurrence> makeFactored(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups);
std::unique_ptr<Recurrence> makeToeplitz(Emitter &e, LinearRecurrenceOp op, const Coords &item);

/// By the plan's form, where the recurrence can take it; else step by step.
std::unique_ptr<Recurrence> makeRecurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups);

} // namespace ssm
