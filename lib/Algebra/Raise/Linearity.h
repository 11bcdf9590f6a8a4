//===- Linearity.h - how the carries enter a value of a scan's body ---------===//
//
// Abstract interpretation over {free of carries, linear in them, neither}, in a
// semiring: (+, *), (max, +), (min, +) or (log of a sum of exponentials, +).
//
//   exp(e) * h + k * v     linear: h with the coefficient exp(e), constant k * v
//   max(h - d, u)          in (max, +) likewise
//   sum[J] A * h[I -> J]   linear, but across elements: dense
//   tanh(h)                neither; `why` names the operation
//
// Coefficients and constants are values of the whole sequence, built by the Lift.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Lift.h"

namespace ssm {

/// A signed product of values of the whole sequence; one without factors.
struct Coefficient {
  bool negative = false;
  llvm::SmallVector<mlir::Value> factors;

  bool isOne() const { return !negative && factors.empty(); }
};

struct LinearForm {
  /// By the carry's number.
  llvm::MapVector<unsigned, Coefficient> carries;
  /// Null where there is none (the semiring's zero).
  mlir::Value constant;
  /// Elements are joined with others: coefficients and constant mean nothing.
  bool dense = false;
  /// All of the constant comes from the first position, where(pos(L) == 0, x, ..).
  bool constantAtStart = false;

  bool isFree() const { return carries.empty(); }
};

class Linearity {
public:
  Linearity(NamedBuilder &b, Lift &lift, ScanOp scan, Semiring semiring, mlir::Type element)
      : b(b), lift(lift), scan(scan), semiring(semiring), element(element) {}

  /// Nullopt where the value is not linear; `why` and `where` say what made it so.
  std::optional<LinearForm> evaluate(mlir::Value value);

  /// The product written out; null for one.
  mlir::Value write(const Coefficient &coefficient);
  /// The semiring's zero and one.
  mlir::Value zero();
  mlir::Value one();

  std::string why;
  mlir::Operation *where = nullptr;

private:
  using Form = std::optional<LinearForm>;
  Form evaluateAnew(mlir::Value value);
  Form nonlinear(mlir::Operation *op, const llvm::Twine &reason);
  Form map(MapOp op);
  Form logarithm(mlir::Value side);
  Form across(mlir::Operation *op);
  Form add(Form a, Form b);
  Form scale(Form form, mlir::Value by);
  Form negate(Form form);
  Form select(MapOp op);

  NamedBuilder &b;
  Lift &lift;
  ScanOp scan;
  Semiring semiring;
  mlir::Type element;
  llvm::DenseMap<mlir::Value, Form> done;
};

/// A scalar constant of this element type.
mlir::Value makeScalar(NamedBuilder &b, mlir::Type element, double value);

/// The scalar number that a value is everywhere, through casts and broadcasts.
std::optional<double> getScalar(mlir::Value value);

/// The two sides of log(exp(a) + exp(b)), however it is written.
std::optional<std::pair<mlir::Value, mlir::Value>> matchLogAddExp(mlir::Value value);

/// Whether a condition holds at the first position of the dimension and at no other:
/// pos(L) == 0, or the same counted on from earlier calls.
bool isStartCondition(mlir::Value condition, llvm::StringRef dim);

} // namespace ssm
