//===- RecurrenceSteps.h - a recurrence element by element ------------------===//
//
// The steps over one tile stand in StepsInTile.cpp; the walk over tiles and parts of the
// state, and what becomes of their read-outs, in RecurrenceSteps.cpp.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Recurrence.h"

#include "llvm/ADT/SetVector.h"

namespace ssm {

class Steps : public Recurrence {
public:
  Steps(Emitter &e, LinearRecurrenceOp op, const Coords &item) : Recurrence(e, op, item) {}
  mlir::LogicalResult begin(Tile &carries) override;
  mlir::LogicalResult enter(const Coords &where, const Tile &carried) override;
  mlir::FailureOr<Tile> leave() override { return next; }

private:
  /// What a step gives beside the next state: a read-out, or the state itself.
  struct Output {
    llvm::SmallVector<unsigned> readouts; // that come of it
    NamedDims dims;                 // with the recurrence's own
    llvm::SmallVector<mlir::StringAttr> over;   // summed in the step
    bool isStates = false;
    Tile made, memory;
  };

  void chooseOutputs();
  /// Whether a read-out is taken in the step: it adds no dimension to the state's.
  bool isInStep(LinearRecurrenceOp::Readout &readout);
  mlir::LogicalResult enterParts();
  /// A part of the state over the tile: the next state, then the outputs.
  mlir::FailureOr<Tile> run(const Coords &where, const Tile &from);
  /// One element: the same.
  mlir::FailureOr<Tile> step(const Coords &where, const Tile &from, const Tile &decay);
  mlir::FailureOr<Tile> readIn(LinearRecurrenceOp::Readout readout, const Coords &where, const Tile &next);
  /// A decay that is constant in time, once for all steps.
  mlir::FailureOr<Tile> constantDecay(const Coords &where);
  /// The values that are made for the whole tile, on the way to this one.
  void slices(mlir::Value value, llvm::SetVector<mlir::Value> &found);
  /// A step of it is short beside the state's, or the state's is not in vectors.
  bool isShort(mlir::Value value);
  void handOut(Output &output);
  mlir::FailureOr<Tile> readLater(const Output &output, unsigned number, const Coords &own);

  std::vector<Output> outputs;
  llvm::SmallVector<std::pair<mlir::StringAttr, mlir::Value>> ends; // elements that lie inside, of walked dimensions
  Tile next, fixed; // fixed: the constant decay of a state that is carried
};

} // namespace ssm
