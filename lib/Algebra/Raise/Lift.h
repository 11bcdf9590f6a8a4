//===- Lift.h - a scan's step values as values of the whole sequence --------===//
//
// What a scan's body computes without its carries it might as well compute for all
// positions at once:
//
//   ssm.scan "L" over(%x: [B, L]) { ^(%l, %h, %xl: [B]): %e = exp(%xl) ... }
//   lift(%e) = ssm.map exp(%x) : [B, L], placed before the scan
//
// A value that does not depend on the position comes out without the dimension.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "../NamedBuilder.h"

#include "mlir/IR/IRMapping.h"

namespace ssm {

class Lift {
public:
  /// Builds before the scan, or where the builder is put by `at`.
  Lift(NamedBuilder &b, ScanOp scan);

  /// Stands in for a value of the body from here on (a carry, a next carry).
  void substitute(mlir::Value inside, mlir::Value whole) { known.map(inside, whole); }

  /// Whether the value can be lifted: it depends on no carry that nothing stands in
  /// for, and every operation on the way has a meaning for whole sequences.
  bool canLift(mlir::Value value);

  /// The value for all positions. Only where canLift says so.
  mlir::Value operator()(mlir::Value value);

private:
  bool canLift(mlir::Operation *op);
  mlir::Value lift(mlir::Operation *op, mlir::Value result);

  NamedBuilder &b;
  ScanOp scan;
  mlir::IRMapping known;
  llvm::DenseMap<mlir::Value, bool> answers;
};

} // namespace ssm
