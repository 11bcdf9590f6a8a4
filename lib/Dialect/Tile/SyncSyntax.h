//===- SyncSyntax.h - what the synchronous operations write alike -----------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

/// A dimension's name: bare where it is an identifier, else quoted.
void printName(mlir::AsmPrinter &printer, llvm::StringRef name);
mlir::ParseResult parseName(mlir::AsmParser &parser, mlir::StringAttr &name);

/// `[B = %b, V = %ids : tensor<...>]`; the type of an index is not written.
mlir::ParseResult parseCoordinates(mlir::OpAsmParser &parser, mlir::ArrayAttr &dims,
                                   llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &coordinates,
                                   llvm::SmallVectorImpl<mlir::Type> &types);
void printCoordinates(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::ArrayAttr dims,
                      mlir::OperandRange coordinates, mlir::TypeRange types);

/// `counts [L = %n]`.
mlir::ParseResult parseCounts(mlir::OpAsmParser &parser, mlir::ArrayAttr &dims,
                              llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &counts);
void printCounts(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::ArrayAttr dims, mlir::OperandRange counts);

/// `[L = %n]`.
mlir::ParseResult parsePicks(mlir::OpAsmParser &parser, mlir::ArrayAttr &dims,
                             llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &at);
void printPicks(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::ArrayAttr dims, mlir::OperandRange at);

/// `carry(%h = %h0 : type, ...)` or another keyword: block arguments, and what they
/// begin with. Nothing where there are none.
mlir::ParseResult parseBindings(mlir::OpAsmParser &parser, llvm::StringRef keyword,
                                llvm::SmallVectorImpl<mlir::OpAsmParser::Argument> &arguments,
                                llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &values,
                                llvm::SmallVectorImpl<mlir::Type> &types);
void printBindings(mlir::OpAsmPrinter &printer, llvm::StringRef keyword, mlir::ValueRange arguments,
                   mlir::ValueRange values);

} // namespace ssm::tile
