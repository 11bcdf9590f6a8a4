//===- Services.cpp - what the runtime computes: Fourier, long convolutions, random numbers ===//
//
// Operands are written to dense buffers with the dimension that is transformed last,
// the runtime's function fills another, and that one is the result.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace ssm {

static Value allocate(Lowering &l, ArrayRef<NamedDim> dims, Type element) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  for (const NamedDim &d : dims) {
    shape.push_back(d.size);
    if (!d.isStatic())
      dynamic.push_back(l.size(d.name));
  }
  return memref::AllocOp::create(l.b, MemRefType::get(shape, element), dynamic);
}

static Value addressOf(Lowering &l, Value buffer) {
  Value index = memref::ExtractAlignedPointerAsIndexOp::create(l.b, buffer);
  Value number = arith::IndexCastOp::create(l.b, l.b.getI64Type(), index);
  return LLVM::IntToPtrOp::create(l.b, LLVM::LLVMPointerType::get(l.b.getContext()), number);
}

static Value asTensor(Lowering &l, ArrayRef<NamedDim> dims, Value buffer) {
  Type element = llvm::cast<MemRefType>(buffer.getType()).getElementType();
  return bufferization::ToTensorOp::create(l.b, l.plainType(dims, element), buffer, /*restrict=*/true,
                                           /*writable=*/true);
}

/// How many elements these dimensions have together, as i64.
static Value countOf(Lowering &l, ArrayRef<NamedDim> dims) {
  Value count = l.constantIndex(1);
  for (const NamedDim &d : dims)
    count = arith::MulIOp::create(l.b, count, l.size(d.name));
  return arith::IndexCastOp::create(l.b, l.b.getI64Type(), count);
}

static void call(Lowering &l, StringRef name, ValueRange operands) {
  func::FuncOp callee = l.external(name, l.b.getFunctionType(operands.getTypes(), {}));
  func::CallOp::create(l.b, callee, operands);
}

/// Writes the operand's elements to a dense buffer, its dimensions in this order.
static void fill(Lowering &l, Value buffer, Named operand, ArrayRef<NamedDim> dims) {
  auto write = bufferization::MaterializeInDestinationOp::create(l.b, Type(), l.align(operand, dims).tensor, buffer);
  write.setRestrict(true);
  write.setWritable(true);
}

LogicalResult lower(Lowering &l, FftOp op) {
  Named operand = l.named(op.getOperand());
  NamedDims rest = withoutDims(operand.dims, {op.getFrom()}), rows = rest, results = rest;
  rows.push_back(l.dim(op.getFrom()));
  results.push_back(l.dim(op.getTo()));
  Value input = allocate(l, rows, getElement(op.getOperand())), output = allocate(l, results, getElement(op.getResult()));
  fill(l, input, operand, rows);

  bool inverse = op.getKind() == FftKind::Irfft || op.getKind() == FftKind::Ifft;
  StringRef points = inverse ? op.getTo() : op.getFrom(), modes = inverse ? op.getFrom() : op.getTo();
  Type element = getElement(op.getOperand());
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  Value kind = arith::ConstantIntOp::create(l.b, static_cast<int64_t>(op.getKind()), 32);
  Value isDouble = arith::ConstantIntOp::create(l.b, element.isF64(), 32);
  Type i64 = l.b.getI64Type();
  call(l, "ssm_rt_fft",
       {kind, isDouble, countOf(l, rest), arith::IndexCastOp::create(l.b, i64, l.size(points)),
        arith::IndexCastOp::create(l.b, i64, l.size(modes)), addressOf(l, input), addressOf(l, output)});
  l.set(op, l.align({asTensor(l, results, output), results}, l.dimsOf(op.getType())).tensor);
  return success();
}

LogicalResult lowerTransformed(Lowering &l, ConvOp op) {
  Named operand = l.named(op.getOperand()), kernel = l.named(op.getKernel());
  StringRef dim = op.getDim(), taps = op.getKernelDim();
  NamedDims outer = withoutDims(operand.dims, {dim}), inner = withoutDims(kernel.dims, {taps}), shared;
  for (const NamedDim &d : outer)
    if (findDim(inner, d.name))
      shared.push_back(d);
  for (const NamedDim &d : shared) {
    outer = withoutDims(outer, {d.name.getValue()});
    inner = withoutDims(inner, {d.name.getValue()});
  }
  auto joined = [](ArrayRef<ArrayRef<NamedDim>> parts) {
    NamedDims all;
    for (ArrayRef<NamedDim> part : parts)
      all.append(part.begin(), part.end());
    return all;
  };
  NamedDims inputs = joined({outer, shared, {l.dim(dim)}}), rows = joined({shared, inner, {l.dim(taps)}});
  NamedDims results = joined({outer, shared, inner, {l.dim(dim)}});
  Type element = getElement(op.getResult());
  Value input = allocate(l, inputs, element), kernels = allocate(l, rows, element), output = allocate(l, results, element);
  fill(l, input, operand, inputs);
  fill(l, kernels, kernel, rows);
  Value mode = arith::ConstantIntOp::create(l.b, static_cast<int64_t>(op.getMode()), 32);
  Value isDouble = arith::ConstantIntOp::create(l.b, element.isF64(), 32);
  auto length = [&](StringRef name) { return arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.size(name)).getResult(); };
  call(l, "ssm_rt_convolve",
       {mode, isDouble, countOf(l, outer), countOf(l, shared), countOf(l, inner), length(dim), length(taps), addressOf(l, input),
        addressOf(l, kernels), addressOf(l, output)});
  l.set(op, l.align({asTensor(l, results, output), results}, l.dimsOf(op.getType())).tensor);
  return success();
}

LogicalResult lower(Lowering &l, RandomOp op) {
  NamedDims dims = l.dimsOf(op.getType());
  Value output = allocate(l, dims, l.b.getF64Type());
  Value kind = arith::ConstantIntOp::create(l.b, static_cast<int64_t>(op.getDistribution()), 32);
  Value stream = arith::ConstantIntOp::create(l.b, op.getStream(), 64);
  call(l, "ssm_rt_random", {kind, l.scalar(l.get(op.getSeed())), stream, countOf(l, dims), addressOf(l, output)});
  l.set(op, asTensor(l, dims, output));
  return success();
}

} // namespace ssm
