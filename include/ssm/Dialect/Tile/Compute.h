//===- Compute.h - the functions of tile.compute and their types ------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// What a function of expressions takes and gives.
enum class ExprRule {
  Number,  ///< numbers of one type to one of it
  Real,    ///< f32 to f32
  Integer, ///< index or i32 to one of it
  Logic,   ///< i1 to i1
  Compare, ///< numbers of one type to i1
  Select,  ///< an i1, then two of one type
  ToF32,   ///< 16-bit floats and integers to f32
  To16,    ///< f32 to 16-bit floats
};

/// A function: how it is written, and its types.
struct ExprFunction {
  llvm::StringRef name;
  unsigned arity;
  int precedence; ///< between its operands (or before one) if above 0; else as f(x, ..)
  ExprRule rule;
};

/// Null where there is no such function.
const ExprFunction *findExprFunction(llvm::StringRef name);

/// The types inside a tile.compute. A null type is that of a number, which takes any.
class ExprTypes {
public:
  explicit ExprTypes(ComputeOp op) : op(op) {}
  /// Of an expression's value; failure with `problem` set.
  mlir::FailureOr<mlir::Type> of(ExprAttr expr);
  /// What a function's operands are spread to before it is computed (its condition apart).
  mlir::FailureOr<mlir::Type> meetingOf(ExprAttr call);
  std::string problem;

private:
  mlir::LogicalResult complain(const llvm::Twine &what);
  mlir::FailureOr<mlir::Type> meet(mlir::Type a, mlir::Type b);
  ComputeOp op;
};

/// A type with other elements: of a scalar, those themselves.
mlir::Type withElements(mlir::Type type, mlir::Type element);

} // namespace ssm::tile
