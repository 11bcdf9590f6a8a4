//===- Joins.h - joined dimensions leave last -------------------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

namespace ssm {

/// Moves joins towards the results and splits towards the arguments, so that what lies
/// between works on the parts, whose tiles a kernel can take.
///
/// Before
///   %y = ssm.join %x ["n", "o"] into "O"
///   %z = ssm.map add(%y, %b)
/// After
///   %c = ssm.split %b "O" into ["n", "o"]
///   %0 = ssm.map add(%x, %c)
///   %z = ssm.join %0 ["n", "o"] into "O"
void moveJoins(mlir::func::FuncOp function);

} // namespace ssm
