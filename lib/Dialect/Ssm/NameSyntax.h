//===- NameSyntax.h - how a dimension's name is written in IR ---------------===//
#pragma once

#include "mlir/IR/OpImplementation.h"

namespace ssm {

/// Bare where it is an identifier, else quoted (a literal size).
void printDimName(mlir::AsmPrinter &printer, mlir::StringAttr name);
llvm::FailureOr<mlir::StringAttr> parseDimName(mlir::AsmParser &parser);
/// The same, as an assembly format's custom<DimName> calls it.
mlir::ParseResult parseDimName(mlir::AsmParser &parser, mlir::StringAttr &name);

} // namespace ssm
