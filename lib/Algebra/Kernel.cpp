//===- Kernel.cpp - the convolution that a recurrence is --------------------===//
//
// And the pass ssm-convolve, which takes every recurrence that allows it in that form.
// Its last state is a^L s + sum over j of a^(L - 1 - j) b u[j].
//
//===----------------------------------------------------------------------===//
#include "Kernel.h"
#include "Raise/Linearity.h"
#include "ssm/Algebra/Passes.h"

using namespace mlir;

namespace ssm {

static Value cast(NamedBuilder &b, Value value, Type element) {
  return getElement(value) == element ? value : MapOp::create(b, value, element).getResult();
}

/// The element type with parts of f64.
static Type doubled(Type element) {
  Type wide = Float64Type::get(element.getContext());
  return llvm::isa<ComplexType>(element) ? ComplexType::get(wide) : wide;
}

static Value product(NamedBuilder &b, ArrayRef<Value> factors, Type element) {
  Value whole;
  for (Value factor : factors)
    whole = whole ? b.map(MapFn::Mul, {whole, cast(b, factor, element)}) : cast(b, factor, element);
  return whole;
}

Value varyingInput(LinearRecurrenceOp op) {
  for (Value input : op.getInputs())
    if (hasDim(input, op.getDim()))
      return input;
  return {};
}

Value makePowers(NamedBuilder &b, LinearRecurrenceOp op, int64_t from) {
  StringRef dim = op.getDim();
  Value decay = op.getAnyDecay();
  if (!decay)
    return {};
  Type element = getElement(op.getInit()), wide = doubled(element);
  Value base = cast(b, decay, doubled(getElement(decay)));
  if (op.getLogDecay()) {
    Value exponents = cast(b, b.map(MapFn::Add, b.pos(dim), from), Float64Type::get(b.getContext()));
    Value log = b.map(MapFn::Mul, {base, cast(b, exponents, getElement(base))});
    return cast(b, b.map(MapFn::Exp, log), element);
  }
  // Repeated products: a power of what may be negative or zero.
  NamedDims dims = getDims(base);
  dims.push_back(b.dim(dim));
  Value all = b.align(cast(b, base, wide), getTensorType(dims, wide));
  Value powers = CumulateOp::create(b, all.getType(), Monoid::Mul, all, dim); // a^(l + 1)
  if (from == 0) {
    Value shifted = ShiftOp::create(b, powers.getType(), powers, dim, b.integer(1));
    Value first = b.map(MapFn::Eq, {b.pos(dim), b.integer(0)});
    powers = b.map(MapFn::Select, {first, makeScalar(b, wide, 1), shifted});
  }
  return cast(b, powers, element);
}

/// The sum of a product over dimensions; the product itself over none.
static Value contract(NamedBuilder &b, ArrayRef<Value> factors, ArrayRef<StringRef> over, Type element) {
  SmallVector<Value> all;
  for (Value factor : factors)
    all.push_back(cast(b, factor, element));
  if (over.empty())
    return product(b, all, element);
  // A dimension that is summed and that no factor has counts its length: it stands in one.
  return b.contract(all, over);
}

Value makeKernel(NamedBuilder &b, LinearRecurrenceOp op, unsigned readout) {
  LinearRecurrenceOp::Readout read = op.getReadouts()[readout];
  SmallVector<Value> factors(read.factors);
  factors.push_back(makePowers(b, op, 0));
  for (Value input : op.getInputs())
    if (!hasDim(input, op.getDim()))
      factors.push_back(input);
  return contract(b, factors, read.over, getElement(op.getInit()));
}

namespace {

struct ConvolvePass : PassWrapper<ConvolvePass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvolvePass)
  StringRef getArgument() const override { return "ssm-convolve"; }
  StringRef getDescription() const override { return "Time-invariant recurrences as convolutions with their kernels"; }

  void runOnOperation() override {
    SmallVector<LinearRecurrenceOp> list;
    getOperation().walk([&](LinearRecurrenceOp op) {
      if (op.allows(FormKind::Convolution))
        list.push_back(op);
    });
    NamedBuilder b(getOperation());
    for (LinearRecurrenceOp op : list) {
      b.setInsertionPoint(op);
      b.setLoc(op.getLoc());
      convolve(b, op);
    }
  }

private:
  void convolve(NamedBuilder &b, LinearRecurrenceOp op) {
    StringRef dim = op.getDim();
    Type element = getElement(op.getInit());
    Value u = cast(b, varyingInput(op), element);
    Value later = makePowers(b, op, 1);
    ConvMode mode = op.getReverse() ? ConvMode::Anticausal : ConvMode::Causal;
    for (auto [i, read] : llvm::enumerate(op.getReadouts())) {
      Value y = ConvOp::create(b, mode, u, dim, makeKernel(b, op, i), dim);
      SmallVector<Value> factors(read.factors);
      factors.append({fromEnd(b, op, later), op.getInit()});
      y = b.map(MapFn::Add, {y, contract(b, factors, read.over, element)});
      read.result.replaceAllUsesWith(b.align(y, llvm::cast<RankedTensorType>(read.result.getType())));
    }
    op.getFinal().replaceAllUsesWith(last(b, op, u));
    op->erase();
  }

  /// What counts positions from the start counts them from the end where it runs so.
  static Value fromEnd(NamedBuilder &b, LinearRecurrenceOp op, Value along) {
    if (!op.getReverse())
      return along;
    Value back = b.map(MapFn::Sub, {b.map(MapFn::Sub, b.size(op.getDim()), 1), b.pos(op.getDim())});
    return b.gather(along, op.getDim(), back);
  }

  static Value last(NamedBuilder &b, LinearRecurrenceOp op, Value u) {
    StringRef dim = op.getDim();
    Type element = getElement(op.getInit());
    auto type = llvm::cast<RankedTensorType>(op.getInit().getType());
    SmallVector<Value> factors{u};
    for (Value input : op.getInputs())
      if (!hasDim(input, dim))
        factors.push_back(input);
    // Weights a^(L - 1 - j): the powers, from the other end than the recurrence runs.
    Value powers = makePowers(b, op, 0);
    Value back = b.map(MapFn::Sub, {b.map(MapFn::Sub, b.size(dim), 1), b.pos(dim)});
    factors.push_back(op.getReverse() ? powers : b.gather(powers, dim, back));
    Value state = b.align(contract(b, factors, {dim}, element), type);
    // And a^L, one power behind the last: a times the last one, or one where there is none.
    Value total = wholePower(b, op);
    return b.align(b.map(MapFn::Add, {b.map(MapFn::Mul, {total, op.getInit()}), state}), type);
  }

  static Value wholePower(NamedBuilder &b, LinearRecurrenceOp op) {
    Type element = getElement(op.getInit());
    Value decay = op.getAnyDecay();
    Value base = cast(b, decay, doubled(getElement(decay)));
    if (op.getLogDecay()) {
      Value length = cast(b, cast(b, b.size(op.getDim()), Float64Type::get(b.getContext())), getElement(base));
      return cast(b, b.map(MapFn::Exp, b.map(MapFn::Mul, {base, length})), element);
    }
    NamedDims dims = getDims(base);
    dims.push_back(b.dim(op.getDim()));
    Value all = b.align(base, getTensorType(dims, getElement(base)));
    return cast(b, b.reduce(Monoid::Mul, all, {op.getDim()}), element);
  }
};

} // namespace

std::unique_ptr<Pass> createConvolvePass() { return std::make_unique<ConvolvePass>(); }

} // namespace ssm
