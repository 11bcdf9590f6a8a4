//===- Counts.cpp - what operations cost ------------------------------------===//
#include "ssm/Plan/Counts.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

int64_t bytesOf(Type element) {
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    return 2 * bytesOf(complex.getElementType());
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

static bool isExpensive(MapFn fn) {
  switch (fn) {
  case MapFn::Exp: case MapFn::Expm1: case MapFn::Log: case MapFn::Log1p: case MapFn::Sin: case MapFn::Cos:
  case MapFn::Tanh: case MapFn::Sigmoid: case MapFn::Softplus: case MapFn::Elu: case MapFn::Gelu:
  case MapFn::GeluTanh: case MapFn::Silu: case MapFn::Pow:
    return true;
  default:
    return false;
  }
}

Counts count(Operation *op, const PlanningSizes &sizes) {
  return count(op, sizes, [](const NamedDims &) { return 1.0; });
}

Counts count(Operation *op, const PlanningSizes &sizes, Again again, PlanAttr plan) {
  if (op->getNumResults() == 0 || !isNamedTensor(op->getResult(0).getType()))
    return {};
  Type element = getElement(op->getResult(0));
  double width = llvm::isa<ComplexType>(element) ? 4 : 1; // real operations of a complex product
  NamedDims dims = getDims(op->getResult(0));
  double results = sizes.count(dims) * again(dims);
  auto combined = [&] {
    double product = 1;
    for (StringAttr dim : combinedDims(op))
      product *= sizes[dim];
    return product;
  };
  return llvm::TypeSwitch<Operation *, Counts>(op)
      .Case([&](MapOp map) {
        return isExpensive(map.getFn()) ? Counts{0, 0, results * (width > 1 ? 3 : 1), 0} : Counts{0, results * width, 0, 0};
      })
      .Case([&](ContractOp) { return Counts{2 * width * results * combined(), 0, 0, 0}; })
      .Case([&](ConvOp conv) { // round the ring, each tap is added at both places where it may lie
        return Counts{0, (conv.getMode() == ConvMode::Circular ? 4 : 2) * width * results * combined(), 0, 0};
      })
      .Case([&](ReduceOp reduce) {
        double all = results * combined();
        return reduce.getMonoid() == Monoid::LogSumExp ? Counts{0, 2 * all, all, 0} : Counts{0, width * all, 0, 0};
      })
      .Case([&](SoftmaxOp) { return Counts{0, 3 * results, results, 0}; })
      .Case<CumulateOp, ArgmaxOp>([&](auto) { return Counts{0, results * combined(), 0, 0}; })
      .Case([&](LinearRecurrenceOp linear) { return countRecurrence(linear, sizes, again, plan); })
      .Case([&](OnlineFoldOp fold) {
        NamedDims scoreDims = getDims(fold.getExponentOrReference());
        double scores = sizes.count(scoreDims) * again(scoreDims);
        Counts total{0, 4 * scores, scores, 0};
        for (OnlineFoldOp::Sum &term : fold.getTerms()) {
          double product = sizes.count(getDims(term.result)) * again(getDims(term.result));
          for (StringRef dim : term.over)
            product *= sizes[dim];
          (term.factors.empty() ? total.flops : total.products) += 2 * product;
        }
        return total;
      })
      .Case([&](ScanOp scan) {
        Counts step;
        scan.getBody().walk([&](Operation *inner) { step += count(inner, sizes, again); });
        return step * sizes[scan.getDim()];
      })
      .Default([](Operation *) { return Counts(); });
}

Counts count(KernelOp kernel, const PlanningSizes &sizes, PlanAttr plan) {
  return count(kernel, sizes, [](const NamedDims &) { return 1.0; }, plan);
}

Counts count(KernelOp kernel, const PlanningSizes &sizes, Again again, PlanAttr plan) {
  Counts total;
  for (Operation &op : kernel.getBody().front())
    total += count(&op, sizes, again, plan);
  for (ValueRange values : {ValueRange(kernel.getInputs()), ValueRange(kernel.getOutputs())})
    for (Value value : values)
      total.bytes += sizes.count(getDims(value)) * bytesOf(getElement(value));
  return total;
}

} // namespace ssm
