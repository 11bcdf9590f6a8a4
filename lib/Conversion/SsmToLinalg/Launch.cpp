//===- Launch.cpp - calls of kernels that were made apart -------------------===//
//
// Operands are handed over where they lie. A result that the function returns as it
// is goes straight to the function's buffer, others to one of their own.
//
//===----------------------------------------------------------------------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace ssm {

/// A bool lies in memory as a byte.
static Type stored(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : element;
}

static Named castTo(Lowering &l, Named value, Type element) {
  if (llvm::cast<RankedTensorType>(value.tensor.getType()).getElementType() == element)
    return value;
  return l.elementwise(value.dims, element, {value}, [&](Loop &loop) {
    return emitCast(loop.b, loop.b.getLoc(), loop.elements[0], element);
  });
}

LogicalResult lower(Lowering &l, LaunchOp op) {
  SmallVector<Value> arguments;
  auto bufferOf = [&](ArrayRef<NamedDim> dims, Type element) {
    return MemRefType::get(l.plainType(dims, element).getShape(), element);
  };
  for (Value input : op.getInputs()) {
    Named value = castTo(l, l.named(input), stored(getElement(input)));
    arguments.push_back(bufferization::ToBufferOp::create(l.b, bufferOf(value.dims, stored(getElement(input))),
                                                          value.tensor, /*read_only=*/true));
  }
  SmallVector<Value> results;
  for (Value output : op.getOutputs()) {
    NamedDims dims = l.dimsOf(output.getType());
    Value buffer = l.destination(output);
    if (!buffer) {
      SmallVector<Value> sizes;
      for (const NamedDim &d : dims)
        if (!d.isStatic())
          sizes.push_back(l.size(d.name));
      buffer = memref::AllocOp::create(l.b, bufferOf(dims, stored(getElement(output))), sizes);
    }
    results.push_back(buffer);
  }
  arguments.append(results.begin(), results.end());
  for (auto dim : op.getDims().getAsValueRange<StringAttr>())
    arguments.push_back(l.size(dim));
  // The kernel may know a size that the function around it does not, or the other way round.
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getKernelAttr());
  for (auto [argument, type] : llvm::zip(arguments, kernel.getArgumentTypes()))
    if (argument.getType() != type)
      argument = memref::CastOp::create(l.b, type, argument);
  func::CallOp::create(l.b, op.getKernel(), TypeRange(), arguments);
  for (auto [output, buffer] : llvm::zip(op.getOutputs(), results)) {
    Type element = getElement(output);
    NamedDims dims = l.dimsOf(output.getType());
    Value tensor = bufferization::ToTensorOp::create(l.b, l.plainType(dims, stored(element)), buffer, /*restrict=*/true,
                                                     /*writable=*/true);
    l.set(output, castTo(l, {tensor, dims}, element).tensor);
  }
  return success();
}

} // namespace ssm
