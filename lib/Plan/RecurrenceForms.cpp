//===- RecurrenceForms.cpp - how a kernel may make a linear recurrence ------===//
#include "ssm/Plan/RecurrenceForms.h"

#include "ssm/Plan/Anchors.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ssm {

/// Whether the value has a dimension that the first read-out sums.
static bool isSummed(LinearRecurrenceOp op, Value value) {
  return llvm::any_of(op.getReadouts().front().over, [&](StringRef dim) { return hasDim(value, dim); });
}

/// What forms by products over chunks ask of a recurrence beside its decay.
static bool hasProducts(LinearRecurrenceOp op) {
  auto readouts = op.getReadouts();
  if (op.getSemiring() != Semiring::Real || readouts.size() != 1 || readouts[0].over.empty() || readouts[0].factors.empty())
    return false;
  NamedDims state = getDims(op.getInit()), keys, factors;
  for (Value input : op.getInputs())
    if (isSummed(op, input))
      uniteDims(keys, getDims(input));
  for (Value factor : readouts[0].factors)
    uniteDims(factors, getDims(factor));
  // What only values have is left to make a product of; what is summed all keys have.
  int64_t kept = 1;
  for (const NamedDim &d : state) {
    if (llvm::is_contained(readouts[0].over, d.name.getValue())) {
      if (!findDim(keys, d.name) || !findDim(factors, d.name))
        return false;
    } else if (!findDim(keys, d.name) && !findDim(factors, d.name)) {
      kept *= d.isStatic() ? d.size : 64;
    }
  }
  for (const NamedDim &d : factors)
    if (!findDim(state, d.name) && d.name != op.getDimAttr())
      return false;
  return (kept >= 8 || op.getScoreGroup()) && !keys.empty();
}

bool hasChunkForm(LinearRecurrenceOp op) {
  return (op.allows(FormKind::Chunk) || op.allows(FormKind::Sum)) && hasProducts(op) &&
         !(op.getAnyDecay() && isSummed(op, op.getAnyDecay()));
}

/// Sorts the factors of a product, or the terms of a sum, by where they lie; false where
/// one joins the two sides.
static bool sortTerms(LinearRecurrenceOp op, Value value, bool minus, FactoredDecay &sorted) {
  bool anyValue = llvm::any_of(getDims(value), [&](const NamedDim &d) { return d.name != op.getDimAttr() && isValueDim(op, d.name); });
  bool onlyValues = llvm::none_of(getDims(value), [&](const NamedDim &d) { return llvm::is_contained(op.getReadouts()[0].over, d.name.getValue()); });
  if (!anyValue || onlyValues) {
    (anyValue ? sorted.values : sorted.keys).push_back({value, minus});
    return true;
  }
  if (auto align = value.getDefiningOp<AlignOp>())
    return sortTerms(op, align.getOperand(), minus, sorted);
  auto map = value.getDefiningOp<MapOp>();
  if (!map)
    return false;
  bool log = op.getLogDecay() != nullptr;
  auto both = [&](bool second) {
    return sortTerms(op, map.getOperands()[0], minus, sorted) && sortTerms(op, map.getOperands()[1], second, sorted);
  };
  if (log && map.getFn() == MapFn::Neg)
    return sortTerms(op, map.getOperands()[0], !minus, sorted);
  if (log && (map.getFn() == MapFn::Add || map.getFn() == MapFn::Sub))
    return both(minus != (map.getFn() == MapFn::Sub));
  return !log && map.getFn() == MapFn::Mul && both(false);
}

std::optional<FactoredDecay> factorDecay(LinearRecurrenceOp op) {
  FactoredDecay sorted;
  if (!op.allows(FormKind::ChunkFactored) || !hasProducts(op) || !op.getAnyDecay() || !isSummed(op, op.getAnyDecay()) ||
      !sortTerms(op, op.getAnyDecay(), false, sorted) || sorted.keys.empty())
    return std::nullopt;
  return sorted;
}

bool isValueDim(LinearRecurrenceOp op, StringRef dim) {
  NamedDims others;
  LinearRecurrenceOp::Readout readout = op.getReadouts().front();
  for (Value factor : readout.factors)
    uniteDims(others, getDims(factor));
  for (Value input : op.getInputs())
    if (isSummed(op, input))
      uniteDims(others, getDims(input));
  // A decay without what is summed weighs the scores, each of its dimensions on its own.
  if (Value decay = op.getAnyDecay(); decay && !isSummed(op, decay))
    uniteDims(others, getDims(decay));
  return !findDim(others, dim) && !llvm::is_contained(readout.over, dim);
}

SmallVector<StringAttr> heldDims(LinearRecurrenceOp op) {
  llvm::SetVector<StringAttr> held;
  NamedDims state = getDims(op.getInit());
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
    NamedDims factors;
    for (Value factor : readout.factors)
      uniteDims(factors, withoutDims(getDims(factor), {op.getDim()}));
    if (llvm::all_of(factors, [&](const NamedDim &d) { return findDim(state, d.name).has_value(); }))
      for (StringRef dim : readout.over)
        held.insert(StringAttr::get(op.getContext(), dim));
  }
  return held.takeVector();
}

bool hasToeplitzForm(LinearRecurrenceOp op) {
  auto varies = [&](Value value) { return hasDim(value, op.getDim()); };
  if (op.getSemiring() != Semiring::Real || op.getResets() || llvm::any_of(op.getFactors(), varies) ||
      (op.getAnyDecay() && varies(op.getAnyDecay())))
    return false;
  NamedDims state = getDims(op.getInit()), varying;
  for (Value input : op.getInputs())
    if (varies(input))
      uniteDims(varying, getDims(input));
  bool any = false;
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
    if (readout.result.use_empty())
      continue;
    any = true;
    if (readout.over.empty())
      return false; // nothing is summed: a step costs less than a position of a kernel
    for (StringRef name : readout.over) {
      auto place = findDim(state, name);
      if (!place || !state[*place].isStatic() || findDim(varying, name))
        return false;
    }
    for (Value factor : readout.factors)
      for (const NamedDim &d : getDims(factor))
        if (!findDim(state, d.name))
          return false;
  }
  return any && !varying.empty();
}

NamedDims kernelDims(LinearRecurrenceOp op) {
  NamedDims dims, summed;
  auto add = [&](Value value) {
    if (value && !hasDim(value, op.getDim()))
      uniteDims(dims, getDims(value));
  };
  add(op.getAnyDecay());
  for (Value value : op.getInputs())
    add(value);
  for (Value value : op.getFactors())
    add(value);
  for (StringAttr name : combinedDims(op))
    llvm::erase_if(dims, [&](const NamedDim &d) { return d.name == name; });
  return dims;
}

PlanForm formUnder(LinearRecurrenceOp op, PlanForm form) {
  if ((form == PlanForm::Chunk && (hasChunkForm(op) || factorDecay(op))) || (form == PlanForm::Toeplitz && hasToeplitzForm(op)))
    return form;
  return PlanForm::Sequential;
}

} // namespace ssm
