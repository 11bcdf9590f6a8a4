//===- Orders.h - values lie in the order in which they are used ------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// Values take the order of dimensions in which the results need them, from there
/// backwards, so that what lies along vectors where it is made does so where it leaves.
///
/// Before
///   %1 = ssm.map gelu(%0) -> [O, X, B]
///   %2 = ssm.align %1 : [O, X, B] -> [B, O, X]
/// After
///   %1 = ssm.map gelu(%0) -> [B, O, X]
void settleOrders(mlir::func::FuncOp function);

} // namespace ssm
