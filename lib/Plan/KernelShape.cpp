//===- KernelShape.cpp - what a kernel allows, whatever the plan ------------===//
#include "Choose.h"

#include "ssm/Plan/RecurrenceForms.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ssm {

/// Dimensions that products have beside a row and a column of theirs, and that are then
/// combined element by element: a step of one leaves the products as they are, and what is
/// open may be as short as one. What is combined first is taken first.
static SmallVector<StringAttr> aloneDims(KernelOp kernel) {
  llvm::SetVector<StringAttr> reduced;
  llvm::SmallDenseSet<StringAttr> multiplied;
  SmallVector<ContractOp> products;
  for (Operation &op : kernel.getBody().front()) {
    auto fold = llvm::dyn_cast<OnlineFoldOp>(op);
    bool plain = llvm::isa<ReduceOp>(op) ||
                 (fold && llvm::all_of(fold.getTerms(), [](const OnlineFoldOp::Sum &term) { return term.factors.empty(); }));
    for (StringAttr dim : combinedDims(&op))
      plain ? void(reduced.insert(dim)) : void(multiplied.insert(dim));
    if (auto contract = llvm::dyn_cast<ContractOp>(op); contract && contract.getOperands().size() == 2)
      products.push_back(contract);
  }
  SmallVector<StringAttr> alone;
  for (StringAttr dim : reduced) {
    auto hasOwn = [&](ContractOp product, unsigned side) {
      return llvm::any_of(getDims(product.getOperands()[side]), [&](const NamedDim &d) {
        return d.name != dim && !llvm::is_contained(alone, d.name) && hasDim(product.getResult(), d.name) &&
               !hasDim(product.getOperands()[1 - side], d.name);
      });
    };
    if (!multiplied.contains(dim) && llvm::any_of(products, [&](ContractOp product) {
          return hasDim(product.getResult(), dim) && hasOwn(product, 0) && hasOwn(product, 1);
        }))
      alone.push_back(dim);
  }
  return alone;
}

KernelShape::KernelShape(KernelOp kernel) {
  bool chunk = false, toeplitz = false, online = false;
  llvm::SmallDenseSet<StringAttr> barred;
  llvm::SmallDenseSet<Value> ordered;
  llvm::SetVector<StringAttr> sums, carries, inStep, kept, shared, summed;
  for (Operation &op : kernel.getBody().front()) {
    if (StringAttr dim = sequentialDim(&op)) {
      along = dim;
    }
    for (StringAttr dim : combinedDims(&op))
      sums.insert(dim);
    online |= llvm::isa<OnlineFoldOp>(op);
    if (auto linear = llvm::dyn_cast<LinearRecurrenceOp>(op)) {
      for (StringAttr dim : heldDims(linear))
        inStep.insert(dim);
      if (llvm::isa<ComplexType>(getElement(linear.getInit())))
        stateParts = 2;
      if (bool plain = hasChunkForm(linear); plain || factorDecay(linear)) {
        chunk = true;
        factored |= !plain;
        for (const NamedDim &d : getDims(linear.getInit()))
          if (isValueDim(linear, d.name))
            kept.insert(d.name);
      }
      if (hasToeplitzForm(linear)) {
        toeplitz = true;
        for (const NamedDim &d : kernelDims(linear))
          shared.insert(d.name);
        for (StringAttr dim : combinedDims(linear))
          summed.insert(dim);
      }
    }
    if (auto scan = llvm::dyn_cast<ScanOp>(op)) {
      shifts |= shiftsState(scan);
      for (Value init : scan.getInits())
        for (const NamedDim &d : getDims(init))
          carries.insert(d.name);
      scan.getBody().walk([&](Operation *inner) {
        for (StringAttr dim : combinedDims(inner))
          sums.insert(dim);
      });
    }
    for (StringAttr dim : barredDims(&op))
      barred.insert(dim);
    // What is made of a sequence in order is made where it is: no item combines others' parts.
    bool fromOrder = sequentialDim(&op) != nullptr;
    for (Value operand : op.getOperands())
      if (ordered.contains(operand))
        fromOrder = true;
    if (!fromOrder)
      continue;
    ordered.insert(op.result_begin(), op.result_end());
    for (StringAttr dim : combinedDims(&op))
      barred.insert(dim);
  }
  // What a result has that lacks another's dimension is made by each of that one's items
  // and written by the first.
  for (Value value : kernel.getYielded())
    uniteDims(owned, getDims(value));
  llvm::erase_if(owned, [&](const NamedDim &d) { return barred.contains(d.name); });
  llvm::SetVector<StringAttr> ones;
  for (Operation &op : kernel.getBody().front()) {
    // All but the fastest part of what is split, and all that an index into what does
    // not lie in memory has, is taken an element at a time.
    if (auto split = llvm::dyn_cast<SplitOp>(op))
      for (auto dim : llvm::drop_end(split.getInto().getAsRange<StringAttr>()))
        ones.insert(dim);
    if (auto gather = llvm::dyn_cast<GatherOp>(op)) {
      Value source = gather.getOperand();
      while (auto map = source.getDefiningOp<MapOp>())
        if (map.getFn() == MapFn::Cast)
          source = map.getOperands()[0];
        else
          break;
      // A position in what is another dimension's is a window of it.
      auto pos = gather.getIndices()[0].getDefiningOp<PosOp>();
      bool window = gather.getIndices().size() == 1 && pos && !hasDim(gather.getOperand(), pos.getDim());
      if (source.getDefiningOp() && !window)
        for (Value index : gather.getIndices())
          for (const NamedDim &d : getDims(index))
            ones.insert(d.name);
    }
  }
  if (along) {
    forms = {PlanForm::Sequential};
    auto function = kernel->getParentOfType<func::FuncOp>();
    bool single = PlanningSizes(function)[along] == 1; // one position is a step
    if (chunk && !single)
      forms.push_back(PlanForm::Chunk);
    if (toeplitz && !single)
      forms.push_back(PlanForm::Toeplitz);
  } else {
    forms = {online ? PlanForm::Online : PlanForm::Direct};
  }
  single = ones.takeVector();
  alone = aloneDims(kernel);
  held = inStep.takeVector();
  // What a recurrence's state lacks is made of it, by each item that shares it out again.
  for (auto linear : kernel.getBody().getOps<LinearRecurrenceOp>())
    for (const NamedDim &d : owned)
      if (!findDim(getDims(linear.getInit()), d.name))
        kept.insert(d.name);
  values = kept.takeVector();
  kernels = shared.takeVector();
  responses = summed.takeVector();
  combined = sums.takeVector();
  carried = carries.takeVector();
}

} // namespace ssm
