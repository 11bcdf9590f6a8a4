//===- LowerRaised.cpp - the pass ssm-lower-raised --------------------------===//
//
// Raised operations by their definition, in operations that the reference path knows:
// a recurrence is a scan and a read-out a sum over its states; a fold is a maximum and
// sums of exponentials relative to it.
//
//===----------------------------------------------------------------------===//
#include "Combine.h"
#include "ssm/Algebra/Passes.h"

using namespace mlir;

namespace ssm {

namespace {

class LowerRaised {
public:
  explicit LowerRaised(func::FuncOp function) : b(function), function(function) {}

  void run() {
    SmallVector<Operation *> raised;
    function.walk([&](Operation *op) {
      if (isa<LinearRecurrenceOp, OnlineFoldOp>(op))
        raised.push_back(op);
    });
    for (Operation *op : raised)
      run(op);
  }

  void run(Operation *op) {
    b.setInsertionPoint(op);
    b.setLoc(op->getLoc());
    if (auto recurrence = llvm::dyn_cast<LinearRecurrenceOp>(op))
      lower(recurrence);
    else
      lower(llvm::cast<OnlineFoldOp>(op));
    op->erase();
  }

private:
  Value cast(Value value, Type element) {
    return getElement(value) == element ? value : MapOp::create(b, value, element).getResult();
  }

  Value product(ValueRange factors, Type element, MapFn fn) {
    Value whole;
    for (Value factor : factors) {
      Value next = cast(factor, element);
      whole = whole ? b.map(fn, {whole, next}) : next;
    }
    return whole;
  }

  void lower(LinearRecurrenceOp op) {
    StringRef dim = op.getDim();
    auto type = llvm::cast<RankedTensorType>(op.getInit().getType());
    Type element = type.getElementType();
    MapFn times = op.getSemiring() == Semiring::Real ? MapFn::Mul : MapFn::Add;
    // What varies along the sequence is handed to the body step by step.
    SmallVector<Value> operands(op.getInputs()), slices;
    if (Value decay = op.getAnyDecay())
      operands.push_back(decay);
    for (Value operand : operands)
      if (hasDim(operand, dim))
        slices.push_back(operand);
    NamedDims stackedDims{b.dim(dim)};
    llvm::append_range(stackedDims, getDims(type));
    auto scan = ScanOp::create(b, TypeRange{type}, TypeRange{getTensorType(stackedDims, element)}, op.getDimAttr(),
                               op.getReverseAttr(), ValueRange{op.getInit()}, slices);
    {
      OpBuilder::InsertionGuard guard(b);
      SmallVector<Type> types{RankedTensorType::get({}, b.getI64Type()), type};
      for (Value slice : slices)
        types.push_back(getTensorType(withoutDims(getDims(slice), {dim}), getElement(slice)));
      Block *body = b.createBlock(&scan.getBody(), {}, types, SmallVector<Location>(types.size(), op.getLoc()));
      unsigned place = 2;
      for (Value &operand : operands)
        if (hasDim(operand, dim))
          operand = body->getArgument(place++);
      RecurrencePart step;
      step.state = product(ArrayRef(operands).take_front(op.getInputs().size()), element, times);
      if (op.getAnyDecay())
        step.decay = op.getLogDecay() ? b.map(MapFn::Exp, operands.back()) : operands.back();
      Value next = b.align(advance(b, op.getSemiring(), step, body->getArgument(1)), type);
      YieldOp::create(b, ValueRange{next, next});
    }
    op.getFinal().replaceAllUsesWith(scan.getFinals()[0]);
    Value states = scan.getOutputs()[0];
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      SmallVector<Value> factors{states};
      for (Value factor : readout.factors)
        factors.push_back(cast(factor, element));
      Value read = readout.over.empty() ? product(factors, element, times)
                   : op.getSemiring() == Semiring::Real
                       ? b.contract(factors, readout.over)
                       : b.reduce(monoid(op.getSemiring()), product(factors, element, times), readout.over);
      readout.result.replaceAllUsesWith(b.align(read, llvm::cast<RankedTensorType>(readout.result.getType())));
    }
  }

  static Monoid monoid(Semiring semiring) {
    return semiring == Semiring::MaxPlus   ? Monoid::Max
           : semiring == Semiring::MinPlus ? Monoid::Min
                                           : Monoid::LogSumExp;
  }

  void lower(OnlineFoldOp op) {
    SmallVector<StringRef> dims(op.getMaxDims().getAsValueRange<StringAttr>());
    Value maximum = b.reduce(Monoid::Max, op.getReference(), dims);
    Value exponential = b.map(MapFn::Exp, b.map(MapFn::Sub, {op.getExponentOrReference(), referenceOf(b, maximum)}));
    auto replace = [&](Value result, Value by) {
      result.replaceAllUsesWith(b.align(by, llvm::cast<RankedTensorType>(result.getType())));
    };
    replace(op.getMaximum(), maximum);
    for (OnlineFoldOp::Sum &sum : op.getTerms()) {
      SmallVector<Value> factors{exponential};
      llvm::append_range(factors, sum.factors);
      replace(sum.result, sum.over.empty() ? product(factors, getElement(exponential), MapFn::Mul)
                                           : b.contract(factors, sum.over));
    }
  }

  NamedBuilder b;
  func::FuncOp function;
};

struct LowerRaisedPass : PassWrapper<LowerRaisedPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerRaisedPass)
  StringRef getArgument() const override { return "ssm-lower-raised"; }
  StringRef getDescription() const override {
    return "Raised operations by their definition, in operations of the reference path";
  }
  void runOnOperation() override { LowerRaised(getOperation()).run(); }
};

} // namespace

void lowerRaised(Operation *op) { LowerRaised(op->getParentOfType<func::FuncOp>()).run(op); }

std::unique_ptr<Pass> createLowerRaisedPass() { return std::make_unique<LowerRaisedPass>(); }

} // namespace ssm
