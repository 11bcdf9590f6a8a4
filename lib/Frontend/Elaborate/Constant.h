//===- Constant.h - values that are known when compiling --------------------===//
//
// Whole numbers, reals and bools, for `const`, the arguments of structures and
// layers, the count of a `repeat`, and exponents.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Kinds.h"
#include "ssm/Frontend/Diagnostics.h"

#include <optional>

namespace ssm {

struct Constant {
  Kind kind = Kind::Int; // Bool, Int or Free
  int64_t integer = 0;   // of Bool and Int
  double number = 0;     // of all

  static Constant whole(int64_t value) { return {Kind::Int, value, double(value)}; }
  static Constant real(double value) { return {Kind::Free, 0, value}; }
  static Constant boolean(bool value) { return {Kind::Bool, value, double(value)}; }
  bool isWhole() const { return kind == Kind::Int; }
};

/// What a constant expression may name.
class ConstantNames {
public:
  virtual ~ConstantNames() = default;
  virtual std::optional<Constant> constant(llvm::StringRef name) = 0;
  /// The size of a dimension, where it is constant.
  virtual std::optional<int64_t> size(llvm::StringRef dim) = 0;
};

/// The value of an expression, or nullopt where it is no constant; `culprit` is
/// then the part of it that is none.
std::optional<Constant> evaluate(const ast::Expr &expr, ConstantNames &names, const ast::Expr *&culprit);

} // namespace ssm
