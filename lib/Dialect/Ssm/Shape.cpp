//===- Shape.cpp - names, order, picking, shifting --------------------------===//
#include "Verify.h"
#include "ssm/Dialect/Ssm/Ssm.h"

using namespace mlir;

namespace ssm {

LogicalResult AlignOp::verify() {
  NamedDims from = ssm::getDims(getOperand()), to = ssm::getDims(getResult());
  for (const NamedDim &dim : from) {
    std::optional<unsigned> place = findDim(to, dim.name);
    if (!place)
      return emitOpError() << "loses dimension '" << dim.name.getValue() << "'";
    if (dim.isStatic() && to[*place].isStatic() && dim.size != to[*place].size)
      return emitOpError() << "changes the size of '" << dim.name.getValue() << "' from " << dim.size << " to "
                           << to[*place].size;
  }
  if (getElement(getOperand()) != getElement(getResult()))
    return emitOpError() << "changes the element type";
  return success();
}

OpFoldResult AlignOp::fold(FoldAdaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  // Of two in a row the first is for nothing.
  if (auto inner = getOperand().getDefiningOp<AlignOp>()) {
    setOperand(inner.getOperand());
    return getResult();
  }
  return {};
}

LogicalResult RenameOp::verify() {
  if (getFrom().size() != getTo().size())
    return emitOpError() << "renames " << getFrom().size() << " dimensions to " << getTo().size() << " names";
  NamedDims dims = ssm::getDims(getOperand());
  for (auto [from, to] : llvm::zip(getFrom().getAsValueRange<StringAttr>(), getTo().getAsRange<StringAttr>())) {
    std::optional<unsigned> place = findDim(ssm::getDims(getOperand()), from);
    if (!place)
      return emitOpError() << "has no dimension '" << from << "' in " << formatDims(ssm::getDims(getOperand()));
    dims[*place].name = to;
  }
  return verifyResult(*this, getResult(), dims, getElement(getOperand()));
}

OpFoldResult RenameOp::fold(FoldAdaptor) {
  // Names that are swapped give the same type with a square's sides exchanged.
  bool same = llvm::all_of(llvm::zip(getFrom(), getTo()), [](auto pair) { return std::get<0>(pair) == std::get<1>(pair); });
  return same && getOperand().getType() == getType() ? getOperand() : OpFoldResult();
}

/// The dimensions of `x[dims = indices]`: each index's take its dimension's place.
static NamedDims gatherDims(Value operand, llvm::ArrayRef<llvm::StringRef> dims, ValueRange indices) {
  NamedDims result, kept = withoutDims(ssm::getDims(operand), dims);
  for (const NamedDim &dim : ssm::getDims(operand)) {
    auto *found = llvm::find(dims, dim.name.getValue());
    if (found == dims.end()) {
      uniteDims(result, dim);
      continue;
    }
    for (const NamedDim &replacing : getDims(indices[found - dims.begin()]))
      if (!findDim(kept, replacing.name))
        uniteDims(result, replacing);
  }
  return result;
}

void GatherOp::build(OpBuilder &builder, OperationState &state, Value operand, llvm::ArrayRef<llvm::StringRef> dims,
                     ValueRange indices) {
  build(builder, state, getTensorType(gatherDims(operand, dims, indices), getElement(operand)), operand,
        builder.getStrArrayAttr(dims), indices);
}

LogicalResult GatherOp::verify() {
  if (ssm::GatherOp::getDims().size() != getIndices().size())
    return emitOpError() << "names " << ssm::GatherOp::getDims().size() << " dimensions and has "
                         << getIndices().size() << " indices";
  if (failed(removeDims(*this, ssm::getDims(getOperand()), getDims())))
    return failure();
  llvm::SmallVector<llvm::StringRef> names(getDims().getAsValueRange<StringAttr>());
  return verifyResult(*this, getResult(), gatherDims(getOperand(), names, getIndices()), getElement(getOperand()));
}

/// x[L = pos(L)] is x.
OpFoldResult GatherOp::fold(FoldAdaptor) {
  for (auto [dim, index] : llvm::zip(getDims().getAsValueRange<StringAttr>(), getIndices())) {
    auto pos = index.getDefiningOp<PosOp>();
    if (!pos || pos.getDim() != dim)
      return {};
  }
  return getOperand().getType() == getType() ? getOperand() : OpFoldResult();
}

LogicalResult ScatterAddOp::verify() {
  NamedDims dims = ssm::getDims(getOperand());
  std::optional<unsigned> place = findDim(dims, getDim());
  if (!place)
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(dims);
  if (getInto() != getDim() && findDim(dims, getInto()))
    return emitOpError() << "gives '" << getInto() << "', which the operand has already";
  for (const NamedDim &dim : ssm::getDims(getIndex()))
    if (!findDim(dims, dim.name))
      return emitOpError() << "has an index along '" << dim.name.getValue() << "', which " << formatDims(dims)
                           << " lacks";
  if (!hasDim(getIndex(), getDim()))
    return emitOpError() << "has one index for all of '" << getDim() << "'";
  Type element = getElement(getOperand());
  if (element.isInteger(1))
    return emitOpError() << "does not add elements of type " << element;
  dims[*place] = {getIntoAttr()};
  return verifyResult(*this, getResult(), dims, element);
}

LogicalResult ShiftOp::verify() {
  if (!hasDim(getOperand(), getDim()))
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(ssm::getDims(getOperand()));
  if (getOperand().getType() != getType())
    return emitOpError() << "keeps its operand's type";
  return success();
}

OpFoldResult ShiftOp::fold(FoldAdaptor adaptor) {
  auto amount = llvm::dyn_cast_if_present<DenseElementsAttr>(adaptor.getAmount());
  if (amount && amount.isSplat() && amount.getSplatValue<int64_t>() == 0)
    return getOperand();
  return {};
}

LogicalResult ConcatOp::verify() {
  NamedDims left = getDims(getLhs()), right = getDims(getRhs());
  std::optional<unsigned> first = findDim(left, getFirst()), second = findDim(right, getSecond());
  if (!first || !second)
    return emitOpError() << "has no dimension '" << (first ? getSecond() : getFirst()) << "' in "
                         << formatDims(first ? right : left);
  NamedDim joined = {getToAttr()};
  if (left[*first].isStatic() && right[*second].isStatic())
    joined.size = left[*first].size + right[*second].size;
  if (!sameDims(withoutDims(left, {getFirst()}), withoutDims(right, {getSecond()})))
    return emitOpError() << "joins " << formatDims(left) << " and " << formatDims(right)
                         << ", which differ in other dimensions";
  if (getElement(getLhs()) != getElement(getRhs()))
    return emitOpError() << "joins different element types";
  left[*first] = joined;
  return verifyResult(*this, getResult(), left, getElement(getLhs()));
}

LogicalResult SplitOp::verify() {
  NamedDims from = ssm::getDims(getOperand());
  std::optional<unsigned> place = findDim(from, getDim());
  if (!place)
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(from);
  NamedDims expected = withoutDims(from, {getDim()});
  for (auto name : getInto().getAsRange<StringAttr>())
    expected.push_back({name});
  int64_t product = 1;
  for (auto name : getInto().getAsValueRange<StringAttr>())
    if (std::optional<unsigned> at = findDim(ssm::getDims(getResult()), name)) {
      const NamedDim dim = ssm::getDims(getResult())[*at];
      product = dim.isStatic() && product >= 0 ? product * dim.size : -1;
    }
  if (product >= 0 && from[*place].isStatic() && product != from[*place].size)
    return emitOpError() << "splits '" << getDim() << "' of size " << from[*place].size << " into " << product;
  return verifyResult(*this, getResult(), expected, getElement(getOperand()));
}

/// Whether the operation splits `whole` into `parts`, or joins them.
template <typename OpT>
static bool reads(OpT op, llvm::StringRef whole, ArrayAttr parts) {
  if constexpr (std::is_same_v<OpT, SplitOp>)
    return op && op.getDim() == whole && op.getInto() == parts;
  else
    return op && op.getInto() == whole && op.getDims() == parts;
}

/// What was joined is split again in the same way.
OpFoldResult SplitOp::fold(FoldAdaptor) {
  auto join = getOperand().getDefiningOp<JoinOp>();
  return reads(join, getDim(), getInto()) && join.getOperand().getType() == getType() ? join.getOperand()
                                                                                       : OpFoldResult();
}

OpFoldResult JoinOp::fold(FoldAdaptor) {
  auto split = getOperand().getDefiningOp<SplitOp>();
  return reads(split, getInto(), getDims()) && split.getOperand().getType() == getType() ? split.getOperand()
                                                                                          : OpFoldResult();
}

LogicalResult JoinOp::verify() {
  FailureOr<NamedDims> left = removeDims(*this, ssm::getDims(getOperand()), getDims());
  if (failed(left))
    return failure();
  left->push_back({getIntoAttr()});
  return verifyResult(*this, getResult(), *left, getElement(getOperand()));
}

} // namespace ssm
