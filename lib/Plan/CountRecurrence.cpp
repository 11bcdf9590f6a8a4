//===- CountRecurrence.cpp - what a linear recurrence costs in each form ----===//
//
// With |d| the state, r what a read-out sums, C a chunk's positions (layers.md's table):
// sequential 2|d| and the read-out 2|d|, without reuse; chunk, by products, scores C|r|,
// values C|d - r|, state 4|d|; toeplitz, by products, C|d - r| and 4|d|, and the kernels,
// made again by each item.
//
//===----------------------------------------------------------------------===//
#include "ssm/Plan/Counts.h"
#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {
namespace {

/// Real operations of a product: of complex ones, of one with a real one, of reals.
double width(bool x, bool y) { return x && y ? 4 : x || y ? 2 : 1; }
bool isComplex(Value value) { return llvm::isa<ComplexType>(getElement(value)); }

struct Counter {
  LinearRecurrenceOp op;
  const PlanningSizes &sizes;
  Again again;
  double length, state, parts; // positions, elements of the state
  NamedDims stateDims;

  Counter(LinearRecurrenceOp op, const PlanningSizes &sizes, Again again)
      : op(op), sizes(sizes), again(again), length(sizes[op.getDim()]), parts(isComplex(op.getInit()) ? 2 : 1),
        stateDims(getDims(op.getInit())) {
    state = elements(stateDims);
  }

  double elements(const NamedDims &dims) { return sizes.count(dims) * again(dims); }
  double elements(ValueRange values, ArrayRef<StringRef> without = {}) {
    NamedDims dims;
    for (Value value : values)
      uniteDims(dims, withoutDims(getDims(value), {op.getDim()}));
    return elements(withoutDims(dims, without));
  }
  bool anyComplex(ValueRange values) { return llvm::any_of(values, isComplex); }
  double decays() { return op.getLogDecay() ? sizes.count(getDims(op.getLogDecay())) * again(getDims(op.getLogDecay())) : 0; }

  Counts steps() {
    Counts total;
    bool complex = parts == 2;
    // A sum of two products of state and decay, and of the inputs, of which there is one at least.
    Value decay = op.getAnyDecay();
    total.steps = length * state * ((decay ? 2 * width(complex, isComplex(decay)) : parts) + parts * (op.getInputs().size() - 1));
    total.exps = decays() * parts;
    SmallVector<StringAttr> held = heldDims(op);
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      if (readout.result.use_empty())
        continue;
      double whole = elements(withoutDims(getDims(readout.result), {op.getDim()}));
      for (StringRef dim : readout.over)
        whole *= sizes[dim];
      double work = 2 * length * whole * width(complex, anyComplex(readout.factors));
      bool inStep = llvm::all_of(readout.over, [&](StringRef d) {
        return llvm::any_of(held, [&](StringAttr h) { return h == d; });
      });
      (inStep ? total.steps : total.products) += work;
    }
    return total;
  }

  /// Each key of a chunk decays, comes in and is summed at each step; and the decays' own products.
  Counts decayingKeys(const FactoredDecay &decay, SmallVector<Value> keys, double chunk) {
    Counts total;
    SmallVector<Value> values;
    for (const DecayTerm &term : decay.keys)
      keys.push_back(term.value);
    for (const DecayTerm &term : decay.values)
      values.push_back(term.value);
    double all = elements(keys), own = 2 * all + elements(values);
    total.flops = length * (4 * all * chunk + 5 * own) * (anyComplex(keys) ? 4 : 1);
    total.exps = op.getLogDecay() ? length * (all + elements(values)) * parts : 0;
    return total;
  }

  Counts chunks(double chunk) {
    Counts total;
    LinearRecurrenceOp::Readout readout = op.getReadouts().front();
    SmallVector<Value> keys(readout.factors);
    for (Value input : op.getInputs())
      if (llvm::any_of(readout.over, [&](StringRef d) { return hasDim(input, d); }))
        keys.push_back(input);
    double scores = elements(keys, readout.over) * length * chunk, summed = 1;
    for (StringRef dim : readout.over)
      summed *= sizes[dim];
    // Those of a group make their scores once: the first counts them.
    bool first = true;
    if (op.getScoreGroup())
      for (auto other : op->getBlock()->getOps<LinearRecurrenceOp>())
        if (other.getScoreGroup() == op.getScoreGroup()) {
          first = other == op;
          break;
        }
    double results = elements(withoutDims(getDims(readout.result), {op.getDim()}));
    if (std::optional<FactoredDecay> factored = hasChunkForm(op) ? std::nullopt : factorDecay(op)) {
      total += decayingKeys(*factored, keys, first ? chunk : 0);
      if (!factored->values.empty())
        total.flops += 4 * results * length * chunk * parts;
    } else if (first) {
      total.products += 2 * scores * summed * (anyComplex(keys) ? 4 : 1);
      total.flops += 2 * scores;
      if (Value decay = op.getAnyDecay()) { // multiplied up row by row
        keys.push_back(decay);
        total.exps += decays();
        total.flops += 4 * elements(keys, readout.over) * length * chunk;
      }
    }
    // Of a complex recurrence the other factors are real, as a rule.
    total.products += (2 * length * chunk * results + 4 * length * state) * parts;
    return total;
  }

  Counts convolutions(double chunk) {
    Counts total;
    SmallVector<Value> varying;
    for (Value input : op.getInputs())
      if (hasDim(input, op.getDim()))
        varying.push_back(input);
    bool complex = anyComplex(varying);
    double kernels = elements(kernelDims(op));
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      double results = elements(withoutDims(getDims(readout.result), {op.getDim()}));
      double summed = 1;
      for (StringRef dim : readout.over)
        summed *= sizes[dim];
      total.products += 2 * length * results * (chunk * (complex ? 2 : 1) + summed * parts);
      // Powers and their sums, in f64, and the matrix of shifts.
      total.flops += kernels * (chunk * summed * parts * 16 + 4 * chunk * chunk);
    }
    total.products += 2 * length * state * (parts == 2 ? width(true, complex) : 1);
    return total;
  }
};

} // namespace

Counts countRecurrence(LinearRecurrenceOp op, const PlanningSizes &sizes, Again again, PlanAttr plan) {
  Counter counter(op, sizes, again);
  switch (plan ? formUnder(op, plan.getForm()) : PlanForm::Sequential) {
  case PlanForm::Chunk:
    return counter.chunks(plan.stepTile(op.getDim()).value_or(64));
  case PlanForm::Toeplitz:
    return counter.convolutions(std::max<int64_t>(plan.getSub(), 1));
  default:
    return counter.steps();
  }
}

} // namespace ssm
