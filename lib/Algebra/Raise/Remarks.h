//===- Remarks.h - what a rule did, and why another did not -----------------===//
//
// The rules report through MLIR's remarks: `ssm-opt --remarks-filter=ssm-raise`
// prints them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

namespace ssm {

/// "%s is now a linear recurrence".
inline void reportRaised(mlir::Location loc, llvm::StringRef rule, const llvm::Twine &text) {
  mlir::remark::passed(loc, mlir::remark::RemarkOpts::name(rule).category("ssm-raise")) << text.str();
}

/// "stays a scan: ...".
inline void reportDeclined(mlir::Location loc, llvm::StringRef rule, const llvm::Twine &text) {
  mlir::remark::missed(loc, mlir::remark::RemarkOpts::name(rule).category("ssm-raise")) << text.str();
}

} // namespace ssm
