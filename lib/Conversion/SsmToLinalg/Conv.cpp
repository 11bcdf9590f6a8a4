//===- Conv.cpp - convolutions as sums --------------------------------------===//
#include "Functions.h"
#include "Lowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssm {

/// Where output l reads for the kernel's element j; all i64.
static Value placeRead(ImplicitLocOpBuilder &b, ConvMode mode, Value l, Value j, Value size, Value middle) {
  switch (mode) {
  case ConvMode::Causal:
    return arith::SubIOp::create(b, l, j);
  case ConvMode::Anticausal:
    return arith::AddIOp::create(b, l, j);
  case ConvMode::Same:
    return arith::SubIOp::create(b, arith::AddIOp::create(b, l, middle), j);
  case ConvMode::Circular: {
    Value rest = arith::RemSIOp::create(b, arith::SubIOp::create(b, l, j), size);
    Value zero = arith::ConstantIntOp::create(b, 0, 64);
    Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, rest, zero);
    return arith::SelectOp::create(b, negative, arith::AddIOp::create(b, rest, size), rest);
  }
  }
  llvm_unreachable("all modes are covered");
}

LogicalResult lower(Lowering &l, ConvOp op) {
  if (op.getTransformed())
    return lowerTransformed(l, op);
  Named input = l.named(op.getOperand()), kernel = l.named(op.getKernel());
  StringRef dim = op.getDim();
  // Along L itself the kernel still has a loop of its own.
  NamedDim taps = l.dim(op.getKernelDim());
  if (taps.name == dim) {
    taps.name = StringAttr::get(op.getContext(), (dim + "'").str());
    kernel.dims[*findDim(kernel.dims, dim)] = taps;
  }
  Type element = getElement(op.getResult()), wide = accumulationType(element), i64 = l.b.getI64Type();
  Location loc = op.getLoc();
  Value size = arith::IndexCastOp::create(l.b, i64, l.size(dim));
  Value one = arith::ConstantIntOp::create(l.b, 1, 64), two = arith::ConstantIntOp::create(l.b, 2, 64);
  Value count = arith::IndexCastOp::create(l.b, i64, l.size(op.getKernelDim()));
  Value middle = arith::DivSIOp::create(l.b, arith::SubIOp::create(l.b, count, one), two);

  NamedDims kept = l.dimsOf(op.getType());
  Named sum = l.reduction(
      kept, {taps}, emitIdentity(l.b, loc, Monoid::Add, wide), {kernel}, [&](Loop &loop, Value acc) -> Value {
        ImplicitLocOpBuilder &b = loop.b;
        Value at = arith::IndexCastOp::create(b, i64, loop.index(dim));
        Value tap = arith::IndexCastOp::create(b, i64, loop.index(taps.name));
        Value place = placeRead(b, op.getMode(), at, tap, size, middle);
        Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, place, size);
        SmallVector<Value> indices;
        for (const NamedDim &d : input.dims)
          indices.push_back(d.name == dim ? Value() : loop.index(d.name));
        auto added = scf::IfOp::create(
            b, inside,
            [&](OpBuilder &nested, Location) {
              indices[*findDim(input.dims, dim)] =
                  arith::IndexCastOp::create(nested, loc, nested.getIndexType(), place);
              Value x = tensor::ExtractOp::create(nested, loc, input.tensor, indices);
              Value product = emitCombine(nested, loc, Monoid::Mul, emitCast(nested, loc, loop.elements[0], wide),
                                          emitCast(nested, loc, x, wide));
              scf::YieldOp::create(nested, loc, emitCombine(nested, loc, Monoid::Add, acc, product));
            },
            [&](OpBuilder &nested, Location) { scf::YieldOp::create(nested, loc, acc); });
        return added.getResult(0);
      });
  Named rounded = wide == element ? sum : l.elementwise(kept, element, {sum}, [&](Loop &loop) {
    return emitCast(loop.b, loc, loop.elements[0], element);
  });
  l.set(op, rounded.tensor);
  return success();
}

} // namespace ssm
