//===- Verify.cpp - what the verifiers share --------------------------------===//
#include "Verify.h"

using namespace mlir;

namespace ssm {

FailureOr<NamedDims> removeDims(Operation *op, llvm::ArrayRef<NamedDim> dims, ArrayAttr names) {
  llvm::SmallVector<llvm::StringRef> removed;
  for (auto name : names.getAsValueRange<StringAttr>()) {
    if (!findDim(dims, name))
      return op->emitOpError() << "has no dimension '" << name << "' in " << formatDims(dims);
    if (llvm::is_contained(removed, name))
      return op->emitOpError() << "names dimension '" << name << "' twice";
    removed.push_back(name);
  }
  return withoutDims(dims, removed);
}

LogicalResult verifyResult(Operation *op, Value result, llvm::ArrayRef<NamedDim> dims, Type element) {
  for (const NamedDim &dim : getDims(result))
    if (std::optional<unsigned> place = findDim(dims, dim.name))
      if (dim.isStatic() && dims[*place].isStatic() && dim.size != dims[*place].size)
        return op->emitOpError() << "gives '" << dim.name.getValue() << "' of size " << dims[*place].size << ", not "
                                 << dim.size;
  if (!sameDims(dims, getDims(result)))
    return op->emitOpError() << "gives " << formatDims(dims) << ", not " << formatDims(getDims(result));
  if (getElement(result) != element)
    return op->emitOpError() << "gives elements of type " << element << ", not " << getElement(result);
  return success();
}

} // namespace ssm
