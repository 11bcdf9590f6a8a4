//===- Patterns.h - the rules of ssm-normalize ------------------------------===//
//
// Each file adds its rules to one set, which is applied until nothing changes.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "../NamedBuilder.h"

#include "mlir/IR/PatternMatch.h"

namespace ssm {

void addNumberPatterns(mlir::RewritePatternSet &patterns);      // Numbers.cpp: functions of numbers
void addContractPatterns(mlir::RewritePatternSet &patterns);    // Contract.cpp: sums of products
void addMaximumPatterns(mlir::RewritePatternSet &patterns);     // Maximum.cpp: softmax and its kin
void addReassociatePatterns(mlir::RewritePatternSet &patterns); // Reassociate.cpp: chains of contractions
void addSquaresPatterns(mlir::RewritePatternSet &patterns);     // Squares.cpp: |a - b|^2

/// HoistScan.cpp: what a scan need not compute step by step moves before it.
void hoistFromScans(mlir::func::FuncOp function);

/// A builder for a pattern, at the operation.
NamedBuilder builderAt(mlir::PatternRewriter &rewriter, mlir::Operation *op);

/// How often a sum or product over these dimensions is taken, by count of elements; an
/// open dimension counts as 1024.
double countElements(llvm::ArrayRef<NamedDim> dims);

} // namespace ssm
