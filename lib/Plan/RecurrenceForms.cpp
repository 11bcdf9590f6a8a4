//===- RecurrenceForms.cpp - how a kernel may make a linear recurrence ------===//
#include "ssm/Plan/RecurrenceForms.h"

#include "ssm/Plan/Anchors.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ssm {

bool hasChunkForm(LinearRecurrenceOp op) {
  auto readouts = op.getReadouts();
  if (!(op.allows(FormKind::Chunk) || op.allows(FormKind::Sum)) || op.getSemiring() != Semiring::Real ||
      readouts.size() != 1 || readouts[0].over.empty() || readouts[0].factors.empty())
    return false;
  llvm::SmallDenseSet<StringRef> summed(readouts[0].over.begin(), readouts[0].over.end());
  NamedDims state = getDims(op.getInit());
  auto hasSummed = [&](Value value) { return llvm::any_of(getDims(value), [&](const NamedDim &d) { return summed.contains(d.name.getValue()); }); };
  if (Value decay = op.getAnyDecay(); decay && hasSummed(decay))
    return false;
  NamedDims keys, values;
  for (Value input : op.getInputs())
    uniteDims(hasSummed(input) ? keys : values, getDims(input));
  // What only values have is left to make a product of; what is summed all keys have.
  NamedDims factors;
  for (Value factor : readouts[0].factors)
    uniteDims(factors, getDims(factor));
  int64_t kept = 1;
  for (const NamedDim &d : state) {
    if (summed.contains(d.name.getValue())) {
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

bool isValueDim(LinearRecurrenceOp op, StringRef dim) {
  NamedDims others;
  LinearRecurrenceOp::Readout readout = op.getReadouts().front();
  for (Value factor : readout.factors)
    uniteDims(others, getDims(factor));
  for (Value input : op.getInputs())
    if (llvm::any_of(readout.over, [&](StringRef d) { return hasDim(input, d); }))
      uniteDims(others, getDims(input));
  if (Value decay = op.getAnyDecay())
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
  if (op.getSemiring() != Semiring::Real || op.getReverse() || op.getResets() || llvm::any_of(op.getFactors(), varies) ||
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
  if ((form == PlanForm::Chunk && hasChunkForm(op)) || (form == PlanForm::Toeplitz && hasToeplitzForm(op)))
    return form;
  return PlanForm::Sequential;
}

} // namespace ssm
