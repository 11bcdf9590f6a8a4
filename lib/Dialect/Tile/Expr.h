//===- Expr.h - the text of expressions -------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// Reads an expression; `operand` reads an operand and says its number, or nothing where none stands.
mlir::FailureOr<ExprAttr> parseExpression(mlir::AsmParser &parser,
                                          llvm::function_ref<mlir::FailureOr<std::optional<int64_t>>()> operand);
/// Writes it, in parentheses where it binds less than `level`.
void printExpression(ExprAttr expr, llvm::raw_ostream &os, llvm::function_ref<void(int64_t)> operand, int level = 0);

} // namespace ssm::tile
