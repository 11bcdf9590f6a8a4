//===- OnlineFold.cpp - sums of exponentials under a running maximum --------===//
#include "ssm/Dialect/Ssm/Ssm.h"
#include "Products.h"
#include "Verify.h"

using namespace mlir;

namespace ssm {

llvm::SmallVector<OnlineFoldOp::Sum> OnlineFoldOp::getTerms() {
  llvm::SmallVector<Sum> list;
  for (Product &product : splitProducts(getFactors(), getFactorCounts(), getOver()))
    list.push_back({product.factors, product.over, getSums()[list.size()]});
  return list;
}

llvm::SmallVector<llvm::StringRef> OnlineFoldOp::getFoldedDims() {
  llvm::SmallVector<llvm::StringRef> dims;
  for (auto name : getMaxDims().getAsValueRange<StringAttr>())
    if (llvm::all_of(getTerms(), [&](const Sum &sum) { return llvm::is_contained(sum.over, name); }))
      dims.push_back(name);
  return dims;
}

LogicalResult OnlineFoldOp::verify() {
  Type element = getElement(getReference());
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "needs real elements of f32 or f64, not " << element;
  FailureOr<NamedDims> left = removeDims(*this, ssm::getDims(getReference()), getMaxDims());
  if (failed(left) || failed(verifyResult(*this, getMaximum(), *left, element)))
    return failure();
  if (getElement(getExponentOrReference()) != element)
    return emitOpError() << "takes exponentials of " << getElement(getExponent()) << " relative to " << element;
  if (getSums().empty())
    return emitOpError() << "needs a sum; a maximum alone is a reduction";
  if (failed(verifyProducts(*this, getFactors(), getFactorCounts(), getOver(), getSums().size())))
    return failure();
  NamedDims exponential = uniteDims({getExponentOrReference(), getMaximum()});
  for (Sum &sum : getTerms()) {
    NamedDims all = exponential;
    for (Value factor : sum.factors) {
      if (getElement(factor) != element)
        return emitOpError() << "multiplies exponentials of " << element << " by " << getElement(factor);
      if (std::optional<StringAttr> clash = uniteDims(all, ssm::getDims(factor)))
        return emitOpError() << "has factors of different sizes along '" << clash->getValue() << "'";
    }
    for (llvm::StringRef dim : sum.over) {
      if (!findDim(all, dim))
        return emitOpError() << "sums over '" << dim << "', which no factor has";
      if (hasDim(getMaximum(), dim))
        return emitOpError() << "sums over '" << dim << "', along which the maximum varies";
    }
    if (failed(verifyResult(*this, sum.result, withoutDims(all, sum.over), element)))
      return failure();
  }
  if (getFoldedDims().empty())
    return emitOpError() << "folds nothing: no dimension of the maximum is in every sum";
  return success();
}

} // namespace ssm
