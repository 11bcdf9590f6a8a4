//===- Syntax.h - pieces of the tile dialect's text -------------------------===//
//
// What the assembly formats call by name: `%ring[%instance][%cursor]`, lists of
// indices, sizes that may be left out, expressions of dimensions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Tile/Tile.h"

namespace ssm::tile {

using Unresolved = mlir::OpAsmParser::UnresolvedOperand;

/// `%ring[%cursor]`, `%ring[%instance][%cursor]`; without a cursor `%ring`, `%ring[%instance][]`.
mlir::ParseResult parseSlot(mlir::OpAsmParser &parser, Unresolved &ring, std::optional<Unresolved> &instance,
                            std::optional<Unresolved> &cursor);
void printSlot(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::Value ring, mlir::Value instance,
               mlir::Value cursor);

/// `[%i, 0, -1]`: values and constants.
mlir::ParseResult parseIndices(mlir::OpAsmParser &parser, llvm::SmallVectorImpl<Unresolved> &values,
                               mlir::DenseI64ArrayAttr &constants);
void printIndices(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::ValueRange values,
                  mlir::DenseI64ArrayAttr constants);

/// `[1, 64]` or nothing.
mlir::ParseResult parseSizes(mlir::OpAsmParser &parser, mlir::DenseI64ArrayAttr &sizes);
void printSizes(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::DenseI64ArrayAttr sizes);

/// `ceildiv(L, 64)`, `[M, N]`, `sizes [M, N]` or nothing, `offset mul(2, N)` or nothing: #ssm.size expressions.
mlir::ParseResult parseSize(mlir::OpAsmParser &parser, mlir::Attribute &size);
void printSize(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::Attribute size);
mlir::ParseResult parseSizeList(mlir::OpAsmParser &parser, mlir::ArrayAttr &sizes);
void printSizeList(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::ArrayAttr sizes);
mlir::ParseResult parseOptionalSizes(mlir::OpAsmParser &parser, mlir::ArrayAttr &sizes);
void printOptionalSizes(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::ArrayAttr sizes);
mlir::ParseResult parseOptionalWhere(mlir::OpAsmParser &parser, mlir::ArrayAttr &sizes);
void printOptionalWhere(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::ArrayAttr sizes);
mlir::ParseResult parseOptionalOffset(mlir::OpAsmParser &parser, mlir::Attribute &offset);
void printOptionalOffset(mlir::OpAsmPrinter &printer, mlir::Operation *, mlir::Attribute offset);

/// Values and constants of an index list as one list.
llvm::SmallVector<mlir::OpFoldResult> mixed(mlir::ValueRange values, llvm::ArrayRef<int64_t> constants,
                                            mlir::MLIRContext *context);
/// The same split again.
void split(llvm::ArrayRef<mlir::OpFoldResult> list, llvm::SmallVectorImpl<mlir::Value> &values,
           llvm::SmallVectorImpl<int64_t> &constants);

} // namespace ssm::tile
