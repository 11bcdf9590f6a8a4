//===- Random.cpp - random numbers for initialisers -------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

using namespace mlir;

namespace ssm {

LogicalResult RandomOp::verify() {
  if (!getElement(getResult()).isF64())
    return emitOpError() << "draws f64, not " << getElement(getResult());
  return success();
}

} // namespace ssm
