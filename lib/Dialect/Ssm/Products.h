//===- Products.h - lists of products, each summed over dimensions ----------===//
//
// What read-outs of a recurrence and sums of a fold share: a run of operands cut
// into products, each with the dimensions that it is summed over. In text
//
//   (%a, %b) over ["N"], () over [] : type, type
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

struct Product {
  mlir::OperandRange factors;
  llvm::SmallVector<llvm::StringRef> over;
};

llvm::SmallVector<Product> splitProducts(mlir::OperandRange factors, llvm::ArrayRef<int64_t> counts,
                                         mlir::ArrayAttr over);

/// The counts and dimensions fit the operands, and there is a result for each.
llvm::LogicalResult verifyProducts(mlir::Operation *op, mlir::OperandRange factors, llvm::ArrayRef<int64_t> counts,
                                   mlir::ArrayAttr over, unsigned results);

mlir::ParseResult parseProducts(mlir::OpAsmParser &parser,
                                llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &factors,
                                llvm::SmallVectorImpl<mlir::Type> &types, mlir::DenseI64ArrayAttr &counts,
                                mlir::ArrayAttr &over);
void printProducts(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange factors,
                   mlir::TypeRange types, mlir::DenseI64ArrayAttr counts, mlir::ArrayAttr over);

} // namespace ssm
