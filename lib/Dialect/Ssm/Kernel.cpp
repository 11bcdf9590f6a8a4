//===- Kernel.cpp - fused kernels -------------------------------------------===//
#include "ssm/Dialect/Ssm/Kernel.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ssm {

OperandRange KernelOp::getYielded() { return llvm::cast<YieldOp>(getBody().front().getTerminator()).getValues(); }

NamedDims KernelOp::allDims() {
  NamedDims all;
  auto add = [&](Type type) {
    if (isNamedTensor(type))
      uniteDims(all, ssm::getDims(type));
  };
  getBody().walk([&](Block *block) {
    for (Type type : block->getArgumentTypes())
      add(type);
    for (Operation &op : *block)
      for (Type type : op.getResultTypes())
        add(type);
  });
  return all;
}

LogicalResult KernelOp::verify() {
  PlanAttr plan = getPlanAttr();
  if (!plan)
    return success();
  NamedDims dims = allDims();
  llvm::StringSet<> seen;
  for (ArrayRef<PlanTile> tiles : {plan.getOwn(), plan.getStep()}) {
    for (const PlanTile &tile : tiles) {
      if (!findDim(dims, tile.dim))
        return emitOpError() << "'" << getName() << "' has no dimension '" << tile.dim.getValue()
                             << "', of which its plan speaks; it has " << formatDims(dims);
      if (tile.size < 1)
        return emitOpError() << "'" << getName() << "' cannot be made in tiles of " << tile.size << " along '"
                             << tile.dim.getValue() << "'";
      if (!seen.insert(tile.dim).second)
        return emitOpError() << "'" << getName() << "' is given two tiles along '" << tile.dim.getValue() << "'";
    }
  }
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.getArgumentTypes() != getInputs().getTypes())
    return emitOpError() << "needs a block with one argument an input, of the same types";
  auto yield = llvm::dyn_cast<YieldOp>(body.getTerminator());
  if (!yield)
    return emitOpError() << "must end in ssm.yield";
  if (yield.getValues().size() != getOutputs().size())
    return emitOpError() << "yields " << yield.getValues().size() << " values for " << getOutputs().size()
                         << " results";
  for (auto [value, result] : llvm::zip(yield.getValues(), getOutputs()))
    if (value.getType() != result.getType())
      return emitOpError() << "yields " << value.getType() << " for a result " << result.getType();
  return success();
}

} // namespace ssm

#define GET_OP_CLASSES
#include "ssm/Dialect/Ssm/SsmKernelOps.cpp.inc"
