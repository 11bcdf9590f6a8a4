//===- Terms.h - products taken apart, decays taken to their logarithm ------===//
#pragma once

#include "Linearity.h"

namespace ssm {

/// The factors of a value, by the semiring's product: of dt * (k * v) the three, each
/// with its own dimensions. Signs, divisors and numbers go to the factor with the
/// fewest dimensions that has theirs. Real factors of a complex value stay real.
llvm::SmallVector<mlir::Value> splitProduct(NamedBuilder &b, mlir::Value value, Semiring semiring);

/// A decay's logarithm.
struct LogDecay {
  mlir::Value log;
  /// It may be -inf.
  bool resets = false;
};

/// The logarithm of a product of factors where it can be read off their definitions
/// (exponentials, sigmoids, positive numbers, choices between these). Nothing where the
/// sign is unknown; `why` then says which factor it was.
std::optional<LogDecay> takeLogarithm(NamedBuilder &b, const Coefficient &decay, std::string &why);

/// The same values: one, or equal operations on the same values.
bool sameValue(mlir::Value a, mlir::Value b);

} // namespace ssm
