//===- Anchors.cpp - what each operation is to a kernel ---------------------===//
#include "ssm/Plan/Anchors.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

/// What a step of a recurrence may do inside a kernel.
static bool hasPlainBody(ScanOp scan) {
  return !scan.getBody().walk([](Operation *op) {
    bool plain = llvm::isa<MapOp, PosOp, SizeOfOp, AlignOp, RenameOp, ShiftOp, ReduceOp, ContractOp, arith::ConstantOp, YieldOp>(op);
    return plain ? WalkResult::advance() : WalkResult::interrupt();
  }).wasInterrupted();
}

bool shiftsState(ScanOp scan) {
  return scan.getBody().walk([](ShiftOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

/// Joins what lies one after the other in memory already: the result is its operand,
/// read in another way.
static bool isView(JoinOp op) {
  SmallVector<StringAttr> joined;
  for (const NamedDim &d : getDims(op.getResult()))
    if (d.name == op.getIntoAttr())
      for (auto part : op.getDims().getAsRange<StringAttr>())
        joined.push_back(part);
    else
      joined.push_back(d.name);
  return llvm::equal(joined, getDims(op.getOperand()), [](StringAttr a, const NamedDim &b) { return a == b.name; });
}

FusionRole fusionRole(Operation *op) {
  // Kernels hold real products and complex sums only.
  if (auto reduce = llvm::dyn_cast<ReduceOp>(op))
    if (reduce.getMonoid() != Monoid::Add && llvm::isa<ComplexType>(getElement(reduce.getResult())))
      return FusionRole::Outside;
  if (auto join = llvm::dyn_cast<JoinOp>(op); join && isView(join))
    return FusionRole::Outside;
  if (auto conv = llvm::dyn_cast<ConvOp>(op); conv && conv.getTransformed())
    return FusionRole::Outside;
  if (auto scan = llvm::dyn_cast<ScanOp>(op))
    return hasPlainBody(scan) ? FusionRole::Anchor : FusionRole::Outside;
  return llvm::TypeSwitch<Operation *, FusionRole>(op)
      .Case<MapOp, PosOp, SizeOfOp, AlignOp, RenameOp, GatherOp, ShiftOp, ConcatOp, SplitOp, JoinOp, arith::ConstantOp>(
          [](auto) { return FusionRole::Glue; })
      .Case<ReduceOp, SoftmaxOp, CumulateOp, ContractOp, ConvOp, ArgmaxOp, LinearRecurrenceOp,
            OnlineFoldOp>(
          [](auto) { return FusionRole::Anchor; })
      .Default([](Operation *) { return FusionRole::Outside; });
}

StringAttr sequentialDim(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringAttr>(op)
      .Case<ScanOp, CumulateOp, LinearRecurrenceOp>([](auto scan) { return scan.getDimAttr(); })
      .Default([](Operation *) { return StringAttr(); });
}

bool isReverse(Operation *op) {
  if (auto linear = llvm::dyn_cast<LinearRecurrenceOp>(op))
    return linear.getReverse();
  auto scan = llvm::dyn_cast<ScanOp>(op);
  return scan && scan.getReverse();
}

SmallVector<StringAttr> combinedDims(Operation *op) {
  auto names = [](ArrayAttr array) {
    auto range = array.getAsRange<StringAttr>();
    return SmallVector<StringAttr>(range.begin(), range.end());
  };
  return llvm::TypeSwitch<Operation *, SmallVector<StringAttr>>(op)
      .Case<ReduceOp, SoftmaxOp, ContractOp>([&](auto typed) { return names(typed.getDims()); })
      .Case([&](LinearRecurrenceOp linear) {
        llvm::SetVector<StringAttr> dims;
        for (LinearRecurrenceOp::Readout &readout : linear.getReadouts())
          for (StringRef dim : readout.over)
            dims.insert(StringAttr::get(op->getContext(), dim));
        return SmallVector<StringAttr>(dims.begin(), dims.end());
      })
      .Case([&](OnlineFoldOp fold) {
        llvm::SetVector<StringAttr> dims;
        for (StringAttr dim : names(fold.getMaxDims()))
          dims.insert(dim);
        for (OnlineFoldOp::Sum &term : fold.getTerms())
          for (StringRef dim : term.over)
            dims.insert(StringAttr::get(op->getContext(), dim));
        return SmallVector<StringAttr>(dims.begin(), dims.end());
      })
      .Case([](ArgmaxOp argmax) { return SmallVector<StringAttr>{argmax.getDimAttr()}; })
      .Case([](ConvOp conv) { return SmallVector<StringAttr>{conv.getKernelDimAttr()}; })
      .Default([](Operation *) { return SmallVector<StringAttr>(); });
}

bool isMatrixProduct(Operation *op) {
  auto product = llvm::dyn_cast<ContractOp>(op);
  if (!product || product.getOperands().size() != 2)
    return false;
  NamedDims a = getDims(product.getOperands()[0]), b = getDims(product.getOperands()[1]);
  auto hasOwn = [](const NamedDims &these, const NamedDims &others) {
    return llvm::any_of(these, [&](const NamedDim &d) { return !findDim(others, d.name); });
  };
  return hasOwn(a, b) && hasOwn(b, a);
}

bool movesAlong(Operation *glue, StringRef dim) {
  auto has = [&](ArrayAttr names) { return llvm::is_contained(names.getAsValueRange<StringAttr>(), dim); };
  return llvm::TypeSwitch<Operation *, bool>(glue)
      .Case([&](RenameOp op) { return has(op.getFrom()) || has(op.getTo()); })
      .Case([&](GatherOp op) { return has(op.getDims()); })
      .Case([&](ShiftOp op) { return op.getDim() == dim; })
      .Case([&](ConcatOp op) { return op.getFirst() == dim || op.getSecond() == dim || op.getTo() == dim; })
      .Case([&](SplitOp op) { return op.getDim() == dim || has(op.getInto()); })
      .Case([&](JoinOp op) { return op.getInto() == dim || has(op.getDims()); })
      .Default([](Operation *) { return false; });
}

/// What the body of a scan combines or moves along: no item can do with a part of it.
static llvm::SmallDenseSet<StringAttr> mixedDims(ScanOp scan) {
  llvm::SmallDenseSet<StringAttr> mixed;
  NamedDims all;
  for (Value carry : scan.getCarries())
    uniteDims(all, getDims(carry));
  scan.getBody().walk([&](Operation *op) {
    for (StringAttr dim : combinedDims(op))
      mixed.insert(dim);
    if (StringAttr dim = sequentialDim(op))
      mixed.insert(dim);
    for (const NamedDim &d : all)
      if (movesAlong(op, d.name))
        mixed.insert(d.name);
  });
  return mixed;
}

llvm::SmallDenseSet<StringAttr> barredDims(Operation *op) {
  llvm::SmallDenseSet<StringAttr> barred;
  if (StringAttr dim = sequentialDim(op))
    barred.insert(dim);
  if (auto scan = llvm::dyn_cast<ScanOp>(op))
    for (StringAttr dim : mixedDims(scan))
      barred.insert(dim);
  if (llvm::isa<SoftmaxOp, LinearRecurrenceOp>(op))
    for (StringAttr dim : combinedDims(op))
      barred.insert(dim);
  return barred;
}

NamedDims freeDims(Operation *op) {
  NamedDims dims;
  for (Value result : op->getResults())
    if (!result.use_empty())
      uniteDims(dims, getDims(result));
  llvm::SmallDenseSet<StringAttr> barred = barredDims(op);
  llvm::erase_if(dims, [&](const NamedDim &d) { return barred.contains(d.name); });
  return dims;
}

// Planning sizes.

/// Dimensions along which something runs, folds or looks: sequences, as a rule.
static llvm::SmallDenseSet<StringAttr> longDims(func::FuncOp function) {
  llvm::SmallDenseSet<StringAttr> dims;
  function.walk([&](Operation *op) {
    if (StringAttr dim = sequentialDim(op))
      dims.insert(dim);
    if (auto softmax = llvm::dyn_cast<SoftmaxOp>(op))
      for (StringAttr dim : combinedDims(softmax))
        dims.insert(dim);
    if (auto conv = llvm::dyn_cast<ConvOp>(op))
      dims.insert(conv.getDimAttr());
    if (auto pos = llvm::dyn_cast<PosOp>(op))
      dims.insert(pos.getDimAttr());
  });
  return dims;
}

PlanningSizes::PlanningSizes(func::FuncOp function) {
  constexpr int64_t longSize = 2048, shortSize = 64;
  auto table = function->getAttrOfType<ArrayAttr>(kDimsAttr);
  if (!table)
    return;
  for (StringAttr dim : longDims(function))
    running.insert(dim);
  // Entries are in the order of binding, so what a size needs comes before it.
  std::function<SizeAttr(SizeAttr)> evaluate = [&](SizeAttr size) -> SizeAttr {
    if (size.getOp() == SizeOp::Const)
      return size;
    if (size.getOp() == SizeOp::Dim)
      return SizeAttr::constant(size.getContext(), (*this)[size.getDim()]);
    SmallVector<SizeAttr> operands;
    for (unsigned i = 0; i < size.getOperands().size(); ++i)
      operands.push_back(evaluate(size.operand(i)));
    return SizeAttr::make(size.getOp(), operands);
  };
  for (auto dim : table.getAsRange<DimAttr>()) {
    StringRef name = dim.getName().getValue();
    if (SizeAttr size = dim.getSize()) {
      if (size.constantValue())
        known[name] = true;
      if (std::optional<int64_t> value = evaluate(size).constantValue()) {
        sizes[name] = *value;
        continue;
      }
    }
    sizes[name] = running.contains(name) ? longSize : shortSize;
  }
}

int64_t PlanningSizes::operator[](StringRef dim) const {
  auto found = sizes.find(dim);
  return found == sizes.end() ? 64 : std::max<int64_t>(found->second, 1);
}

double PlanningSizes::count(ArrayRef<NamedDim> dims) const {
  double product = 1;
  for (const NamedDim &d : dims)
    product *= d.isStatic() ? std::max<int64_t>(d.size, 1) : (*this)[d.name];
  return product;
}

} // namespace ssm
