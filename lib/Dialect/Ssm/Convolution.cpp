//===- Convolution.cpp - convolutions and Fourier transforms ----------------===//
#include "Verify.h"
#include "ssm/Dialect/Ssm/Ssm.h"

using namespace mlir;

namespace ssm {

static NamedDims convDims(Value operand, llvm::StringRef dim, Value kernel, llvm::StringRef kernelDim) {
  NamedDims dims = getDims(operand);
  uniteDims(dims, dim == kernelDim ? getDims(kernel) : withoutDims(getDims(kernel), {kernelDim}));
  return dims;
}

void ConvOp::build(OpBuilder &builder, OperationState &state, ConvMode mode, Value operand, llvm::StringRef dim,
                   Value kernel, llvm::StringRef kernelDim) {
  build(builder, state, getTensorType(convDims(operand, dim, kernel, kernelDim), getElement(operand)), mode, operand,
        dim, kernel, kernelDim);
}

LogicalResult ConvOp::verify() {
  if (!hasDim(getOperand(), getDim()))
    return emitOpError() << "has no dimension '" << getDim() << "' in " << formatDims(getDims(getOperand()));
  if (!hasDim(getKernel(), getKernelDim()))
    return emitOpError() << "has a kernel without dimension '" << getKernelDim() << "': "
                         << formatDims(getDims(getKernel()));
  if (getDim() != getKernelDim() && (hasDim(getOperand(), getKernelDim()) || hasDim(getKernel(), getDim())))
    return emitOpError() << "needs '" << getDim() << "' in the input only and '" << getKernelDim()
                         << "' in the kernel only";
  NamedDims all = getDims(getOperand());
  llvm::SmallVector<llvm::StringRef> apart;
  if (getDim() != getKernelDim())
    apart.push_back(getKernelDim());
  if (std::optional<StringAttr> clash = uniteDims(all, withoutDims(getDims(getKernel()), apart)))
    return emitOpError() << "has operands of different sizes along '" << clash->getValue() << "'";
  if (getElement(getOperand()) != getElement(getKernel()))
    return emitOpError() << "convolves " << getElement(getOperand()) << " with " << getElement(getKernel());
  if (getTransformed() && !getElement(getOperand()).isF32() && !getElement(getOperand()).isF64())
    return emitOpError() << "transforms f32 and f64, not " << getElement(getOperand());
  return verifyResult(*this, getResult(), convDims(getOperand(), getDim(), getKernel(), getKernelDim()),
                      getElement(getOperand()));
}

LogicalResult FftOp::verify() {
  Type from = getElement(getOperand());
  bool realIn = getKind() == FftKind::Rfft, realOut = getKind() == FftKind::Irfft;
  Type real = realIn ? from : llvm::isa<ComplexType>(from) ? llvm::cast<ComplexType>(from).getElementType() : Type();
  if (!real || !(real.isF32() || real.isF64()))
    return emitOpError() << "'" << stringifyFftKind(getKind()) << "' takes "
                         << (realIn ? "f32 or f64" : "complex") << " elements, not " << from;
  Type expected = realOut ? real : Type(ComplexType::get(real));
  NamedDims dims = getDims(getOperand());
  std::optional<unsigned> place = findDim(dims, getFrom());
  if (!place)
    return emitOpError() << "has no dimension '" << getFrom() << "' in " << formatDims(dims);
  dims[*place] = {getToAttr()};
  return verifyResult(*this, getResult(), dims, expected);
}

} // namespace ssm
