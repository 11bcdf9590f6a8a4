//===- NamedBuilder.cpp - short names for building by dimension name --------===//
#include "NamedBuilder.h"

using namespace mlir;

namespace ssm {

NamedBuilder::NamedBuilder(func::FuncOp function)
    : ImplicitLocOpBuilder(function.getLoc(), function.getContext()), function(function) {
  if (auto dims = function->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : dims.getAsRange<DimAttr>())
      table.insert({dim.getName(), dim});
}

NamedDim NamedBuilder::dim(StringRef name) const {
  NamedDim dim{StringAttr::get(getContext(), name)};
  auto known = table.find(dim.name);
  if (known != table.end() && known->second.getSize())
    if (std::optional<int64_t> size = known->second.getSize().constantValue())
      dim.size = *size;
  return dim;
}

StringAttr NamedBuilder::freshDim(const Twine &name, SizeAttr size) {
  StringAttr unique = getStringAttr(name);
  for (unsigned i = 2; table.contains(unique); ++i)
    unique = getStringAttr(name + "." + Twine(i));
  table.insert({unique, DimAttr::get(getContext(), unique, size)});
  SmallVector<Attribute> dims;
  for (auto &[key, dim] : table)
    dims.push_back(dim);
  function->setAttr(kDimsAttr, getArrayAttr(dims));
  return unique;
}

StringAttr NamedBuilder::freshCopy(StringRef name) {
  NamedDim known = dim(name);
  return freshDim(name, known.isStatic() ? SizeAttr::constant(getContext(), known.size) : SizeAttr::ofDim(known.name));
}

Value NamedBuilder::integer(int64_t value) {
  auto type = RankedTensorType::get({}, getI64Type());
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, value));
}

Value NamedBuilder::zero(Type element) { return MapOp::create(*this, integer(0), element); }

Value NamedBuilder::size(StringRef name) {
  return SizeOfOp::create(*this, RankedTensorType::get({}, getI64Type()), name);
}

Value NamedBuilder::pos(StringRef name) {
  return PosOp::create(*this, getTensorType(dim(name), getI64Type()), name);
}

Value NamedBuilder::rename(Value x, Names from, Names to) {
  NamedDims dims = getDims(x);
  SmallVector<StringRef> changed, names;
  for (auto [before, after] : llvm::zip_equal(from, to)) {
    std::optional<unsigned> place = findDim(getDims(x), before);
    if (!place || before == after)
      continue;
    NamedDim renamed = dim(after);
    if (!renamed.isStatic())
      renamed.size = dims[*place].size;
    dims[*place] = renamed;
    changed.push_back(before);
    names.push_back(after);
  }
  if (changed.empty())
    return x;
  return RenameOp::create(*this, getTensorType(dims, getElement(x)), x, getStrArrayAttr(changed),
                          getStrArrayAttr(names));
}

Value NamedBuilder::split(Value x, StringRef whole, Names into) {
  NamedDims dims;
  for (const NamedDim &known : getDims(x)) {
    if (known.name.getValue() != whole)
      dims.push_back(known);
    else
      for (StringRef name : into)
        dims.push_back(dim(name));
  }
  return SplitOp::create(*this, getTensorType(dims, getElement(x)), x, whole, getStrArrayAttr(into));
}

Value NamedBuilder::join(Value x, Names parts, StringRef into) {
  NamedDims dims;
  for (const NamedDim &known : getDims(x)) {
    if (known.name.getValue() == parts.front())
      dims.push_back(dim(into));
    else if (!llvm::is_contained(parts, known.name.getValue()))
      dims.push_back(known);
  }
  return JoinOp::create(*this, getTensorType(dims, getElement(x)), x, getStrArrayAttr(parts), into);
}

Value NamedBuilder::scatterAdd(Value x, StringRef along, Value index, StringRef into) {
  NamedDims dims = getDims(x);
  dims[*findDim(dims, along)] = dim(into);
  return ScatterAddOp::create(*this, getTensorType(dims, getElement(x)), x, along, index, into);
}

Value NamedBuilder::align(Value x, RankedTensorType type) {
  return x.getType() == type ? x : AlignOp::create(*this, type, x).getResult();
}

} // namespace ssm
