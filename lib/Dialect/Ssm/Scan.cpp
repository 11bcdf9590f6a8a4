//===- Scan.cpp - recurrences -----------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

using namespace mlir;

namespace ssm {

OperandRange ScanOp::getNextCarries() {
  return llvm::cast<YieldOp>(getBody().front().getTerminator()).getValues().take_front(getInits().size());
}

OperandRange ScanOp::getYieldedOutputs() {
  return llvm::cast<YieldOp>(getBody().front().getTerminator()).getValues().drop_front(getInits().size());
}

LogicalResult ScanOp::verify() {
  if (getFinals().size() != getInits().size())
    return emitOpError() << "has " << getInits().size() << " initial values and " << getFinals().size()
                         << " final ones";
  for (auto [init, final] : llvm::zip(getInits(), getFinals()))
    if (init.getType() != final.getType())
      return emitOpError() << "starts from " << init.getType() << " and ends as " << final.getType();
  for (Value init : getInits())
    if (hasDim(init, getDim()))
      return emitOpError() << "carries a value along '" << getDim() << "', the scanned dimension";
  for (Value slice : getSlices())
    if (!hasDim(slice, getDim()))
      return emitOpError() << "runs over " << formatDims(ssm::getDims(slice)) << ", which lacks '" << getDim() << "'";
  for (Value output : getOutputs())
    if (!hasDim(output, getDim()))
      return emitOpError() << "stacks " << formatDims(ssm::getDims(output)) << ", which lacks '" << getDim() << "'";
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 1 + getInits().size() + getSlices().size())
    return emitOpError() << "needs a block with the index, " << getInits().size() << " carries and "
                         << getSlices().size() << " slices, got " << body.getNumArguments() << " arguments";
  if (body.getArgument(0).getType() != RankedTensorType::get({}, IntegerType::get(getContext(), 64)))
    return emitOpError() << "needs the index as tensor<i64> first";
  for (auto [init, carry] : llvm::zip(getInits(), getCarries()))
    if (init.getType() != carry.getType())
      return emitOpError() << "starts from " << init.getType() << ", its block carries " << carry.getType();
  for (auto [slice, argument] : llvm::zip(getSlices(), getSliceArguments())) {
    Type expected = getTensorType(withoutDims(ssm::getDims(slice), {getDim()}), getElement(slice));
    if (argument.getType() != expected)
      return emitOpError() << "hands its block " << expected << " of " << slice.getType() << ", not "
                           << argument.getType();
  }
  auto yield = llvm::dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().size() != getInits().size() + getOutputs().size())
    return emitOpError() << "must yield " << getInits().size() << " carries and " << getOutputs().size()
                         << " outputs";
  for (auto [next, carry] : llvm::zip(getNextCarries(), getCarries()))
    if (next.getType() != carry.getType())
      return emitOpError() << "carries " << carry.getType() << " and yields " << next.getType();
  for (auto [value, output] : llvm::zip(getYieldedOutputs(), getOutputs()))
    if (!sameDims(ssm::getDims(value), withoutDims(ssm::getDims(output), {getDim()})) ||
        getElement(value) != getElement(output))
      return emitOpError() << "yields " << value.getType() << " for an output " << output.getType();
  return success();
}

} // namespace ssm
