//===- SyncCombine.cpp - products, reductions, running ones -----------------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

void ProductOp::build(OpBuilder &builder, OperationState &state, Type result, Value lhs, Value rhs,
                      llvm::ArrayRef<llvm::StringRef> dims, Value acc) {
  build(builder, state, result, lhs, rhs, acc, builder.getStrArrayAttr(dims));
}

LogicalResult ProductOp::verify() {
  NamedDims lhs = ssm::getDims(getLhs()), rhs = ssm::getDims(getRhs()), all = lhs;
  if (std::optional<StringAttr> clash = uniteDims(all, rhs))
    return emitOpError() << "has operands of different sizes along '" << clash->getValue() << "'";
  llvm::SmallVector<llvm::StringRef> summed;
  for (llvm::StringRef name : getDims().getAsValueRange<StringAttr>()) {
    if (!findDim(lhs, name) || !findDim(rhs, name))
      return emitOpError() << "sums over '" << name << "', which both operands must have";
    summed.push_back(name);
  }
  if (!sameDims(withoutDims(all, summed), ssm::getDims(getType())))
    return emitOpError() << "gives " << formatDims(withoutDims(all, summed)) << ", not "
                         << formatDims(ssm::getDims(getType()));
  Type element = getElement(getLhs()), sum = getType().getElementType();
  bool stored = (element.isBF16() || element.isF16()) && sum.isF32();
  bool same = element == sum && (sum.isF32() || sum.isF64() || sum.isInteger(64));
  if (!stored && !same)
    return emitOpError() << "cannot sum products of " << element << " in " << sum;
  if (getAcc() && getAcc().getType() != getType())
    return emitOpError() << "adds to " << getAcc().getType() << ", not " << getType();
  return success();
}

/// A region of `custom`: two tuples of these elements in, one out; and their identities.
template <typename Op> static LogicalResult verifyCombiner(Op op, ValueRange operands) {
  bool custom = op.getCombiner() == Combiner::Custom;
  if (custom != !op.getBody().empty())
    return op.emitOpError() << (custom ? "'custom' needs a region" : "only 'custom' has a region");
  if (custom != op.getIdentities().has_value())
    return op.emitOpError() << (custom ? "'custom' needs identities" : "only 'custom' has identities");
  for (Value operand : operands)
    if (!sameDims(ssm::getDims(operand), ssm::getDims(operands.front())))
      return op.emitOpError() << "combines tiles of one shape";
  if (!custom)
    return success();
  llvm::SmallVector<Type> elements, twice;
  for (Value operand : operands)
    elements.push_back(getElement(operand));
  twice = elements;
  llvm::append_range(twice, elements);
  auto yield = llvm::dyn_cast<YieldOp>(op.getBody().front().getTerminator());
  if (!llvm::equal(op.getBody().getArgumentTypes(), twice) || !yield ||
      !llvm::equal(yield.getValues().getTypes(), elements))
    return op.emitOpError() << "needs a region from two tuples of its elements to one";
  if (op.getIdentities()->size() != elements.size())
    return op.emitOpError() << "needs an identity for each of " << elements.size() << " operands";
  for (auto [identity, element] : llvm::zip(*op.getIdentities(), elements))
    if (auto typed = llvm::dyn_cast<TypedAttr>(identity); !typed || typed.getType() != element)
      return op.emitOpError() << "has the identity " << identity << " for elements of type " << element;
  return success();
}

void CombineOp::build(OpBuilder &builder, OperationState &state, Combiner combiner, Value operand,
                      llvm::ArrayRef<llvm::StringRef> dims) {
  Type result = getTensorType(withoutDims(ssm::getDims(operand), dims), getElement(operand));
  build(builder, state, TypeRange(result), combiner, ValueRange(operand), builder.getStrArrayAttr(dims), ArrayAttr());
}

LogicalResult CombineOp::verify() {
  if (getInputs().empty() || getCombiner() == Combiner::Affine)
    return emitOpError() << "reduces one tile or more, and not by 'affine'";
  if (failed(verifyCombiner(*this, getInputs())))
    return failure();
  if (getCombiner() != Combiner::Custom && getInputs().size() != 1)
    return emitOpError() << "reduces one tile, got " << getInputs().size();
  if (getResults().size() != getInputs().size())
    return emitOpError() << "gives a tile for each operand";
  llvm::SmallVector<llvm::StringRef> names;
  NamedDims dims = ssm::getDims(getInputs().front());
  for (llvm::StringRef name : getDims().getAsValueRange<StringAttr>()) {
    if (!findDim(dims, name))
      return emitOpError() << "reduces '" << name << "', which " << formatDims(dims) << " lacks";
    names.push_back(name);
  }
  for (auto [operand, result] : llvm::zip(getInputs(), getResults()))
    if (!sameDims(ssm::getDims(result), withoutDims(dims, names)) || getElement(operand) != getElement(result))
      return emitOpError() << "gives " << formatDims(withoutDims(dims, names)) << " of the operand's elements, not "
                           << result.getType();
  return success();
}

void RunningOp::build(OpBuilder &builder, OperationState &state, Combiner combiner, ValueRange operands,
                      llvm::StringRef dim, bool reverse, bool exclusive, ValueRange from) {
  ValueRange results = combiner == Combiner::Affine ? operands.take_front(operands.size() / 2) : operands;
  build(builder, state, TypeRange(results.getTypes()), combiner, operands, builder.getStringAttr(dim), reverse,
        exclusive, from, ArrayAttr());
}

LogicalResult RunningOp::verify() {
  if (getInputs().empty())
    return emitOpError() << "needs a tile";
  if (failed(verifyCombiner(*this, getInputs())))
    return failure();
  size_t operands = getInputs().size(), results = operands;
  if (getCombiner() == Combiner::Affine) {
    if (operands != 2 && operands != 4)
      return emitOpError() << "'affine' takes a coefficient and a term, or real and imaginary parts of both";
    results = operands / 2;
  } else if (getCombiner() != Combiner::Custom && operands != 1) {
    return emitOpError() << "combines one tile, got " << operands;
  }
  if (getResults().size() != results)
    return emitOpError() << "gives " << results << " tiles, not " << getResults().size();
  NamedDims dims = ssm::getDims(getInputs().front());
  if (!findDim(dims, getDim()))
    return emitOpError() << "runs along '" << getDim() << "', which " << formatDims(dims) << " lacks";
  for (auto [operand, result] : llvm::zip(getInputs(), getResults()))
    if (operand.getType() != result.getType())
      return emitOpError() << "gives tiles as its operands, " << operand.getType() << ", not " << result.getType();
  if (!getFrom().empty() && getFrom().size() != results)
    return emitOpError() << "starts from " << getFrom().size() << " tiles for " << results << " results";
  for (auto [from, result] : llvm::zip(getFrom(), getResults()))
    if (!sameDims(ssm::getDims(from), withoutDims(dims, {getDim()})) || getElement(from) != getElement(result))
      return emitOpError() << "starts from " << from.getType() << " along " << result.getType();
  return success();
}

} // namespace ssm::tile
