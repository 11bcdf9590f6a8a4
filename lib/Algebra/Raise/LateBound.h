//===- LateBound.h - reductions that need not wait for another --------------===//
#pragma once

#include "Terms.h"

namespace ssm {

/// LateBound.cpp: sums of exponentials relative to a maximum over the same dimension,
/// softmax among them, become one ssm.online_fold each.
void bindLate(NamedBuilder &b, mlir::func::FuncOp function);

/// FreeReference.cpp: whether all that is made of the fold's results stays the same
/// when its maximum is exchanged for another reference.
bool hasFreeReference(OnlineFoldOp fold);

/// Structured.cpp: a product with a written-out structured matrix uses the structure.
void raiseStructured(NamedBuilder &b, mlir::func::FuncOp function);

} // namespace ssm
