//===- WideSums.cpp - complex sums, and what is made of them ----------------===//
//
//   contract(a * b, x) + contract(c, y)            a, b, c, x, y of complex<f32>
// becomes
//   cast(contract(wide a, wide b, wide x) + contract(wide c, wide y)) : complex<f32>
//
// A complex sum's terms turn, and sums of them often cancel (a Cauchy kernel and its
// low-rank correction): then the rounding of each is much of what is left. Where an
// operand's elements are used a few times at most, a sum runs in f64 at no cost, since
// it waits for reading. So does then what is made of it within the kernel, as long as
// that has no more elements than the sum; it is rounded once, where it is stored or
// meets the rest.
//
//===----------------------------------------------------------------------===//
#include "Expand.h"
#include "ssm/Plan/Counts.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {
namespace {

bool isSingle(Type element) {
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  return element.isF32();
}

Type widened(Type element) {
  Type f64 = Float64Type::get(element.getContext());
  return llvm::isa<ComplexType>(element) ? Type(ComplexType::get(f64)) : f64;
}

/// Where each element of some operand serves at most as often, reading bounds the sum.
constexpr double fewUses = 4;

bool usesElementsRarely(ContractOp op, const PlanningSizes &sizes) {
  NamedDims all;
  for (Value operand : op.getOperands())
    uniteDims(all, getDims(operand));
  double terms = sizes.count(all);
  return llvm::any_of(op.getOperands(), [&](Value operand) { return terms <= fewUses * sizes.count(getDims(operand)); });
}

bool isArithmetic(MapFn fn) {
  switch (fn) {
  case MapFn::Add: case MapFn::Sub: case MapFn::Mul: case MapFn::Div: case MapFn::Neg: case MapFn::Conj:
  case MapFn::Re: case MapFn::Im: case MapFn::Complex: case MapFn::Select: case MapFn::Cast:
    return true;
  default:
    return false;
  }
}

class Widener {
public:
  explicit Widener(const PlanningSizes &sizes) : sizes(sizes) {}

  void run(KernelOp kernel) {
    kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
      Operation *twin = nullptr;
      if (auto contract = llvm::dyn_cast<ContractOp>(op); contract && isSum(contract))
        twin = widen(contract);
      else if (follows(op))
        twin = widen(op);
      if (!twin)
        return;
      twins[op->getResult(0)] = twin->getResult(0);
      widenedOps.push_back(op);
    });
    // What is left of the narrow ones is rounded from the wide; the last go first.
    for (Operation *op : llvm::reverse(widenedOps)) {
      Value narrow = op->getResult(0);
      if (!narrow.use_empty()) {
        ImplicitLocOpBuilder b(op->getLoc(), op);
        narrow.replaceAllUsesWith(MapOp::create(b, twins[narrow], getElement(narrow)).getResult());
      }
      op->erase();
    }
  }

private:
  bool isSum(ContractOp op) const {
    Type element = getElement(op.getResult());
    return llvm::isa<ComplexType>(element) && isSingle(element) && usesElementsRarely(op, sizes);
  }

  /// Whether it is made of wide values, has no more elements than one of them, and is cheap.
  bool follows(Operation *op) {
    auto isWide = [&](Value operand) { return twins.contains(operand); };
    if (op->getNumResults() != 1 || op->getNumRegions() || llvm::none_of(op->getOperands(), isWide) ||
        !isSingle(getElement(op->getResult(0))))
      return false;
    auto reduce = llvm::dyn_cast<ReduceOp>(op);
    if (llvm::isa<RenameOp>(op) || (reduce && reduce.getMonoid() == Monoid::Add))
      return true;
    auto map = llvm::dyn_cast<MapOp>(op);
    if (!(map && isArithmetic(map.getFn())) && !llvm::isa<AlignOp, GatherOp>(op))
      return false;
    double elements = sizes.count(getDims(op->getResult(0)));
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      return isWide(operand) && elements <= sizes.count(getDims(operand));
    });
  }

  Operation *widen(ContractOp op) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    SmallVector<Value> factors;
    NamedDims all;
    for (Value operand : op.getOperands())
      uniteDims(all, getDims(operand));
    for (Value operand : op.getOperands())
      addFactors(b, operand, all.size(), factors);
    OperationState state(b.getLoc(), op->getName(), factors, wideType(op.getResult()), op->getAttrs());
    return b.create(state);
  }

  /// A product that is made again for less than what it is summed with, or serves nothing
  /// else, is not rounded before the sum.
  void addFactors(ImplicitLocOpBuilder &b, Value operand, size_t most, SmallVectorImpl<Value> &factors, bool conjugate = false) {
    auto map = operand.getDefiningOp<MapOp>();
    if (map && !twins.contains(operand) && (operand.hasOneUse() || getDims(operand).size() < most)) {
      if (map.getFn() == MapFn::Conj && isProduct(map.getOperands()[0]))
        return addFactors(b, map.getOperands()[0], most, factors, !conjugate);
      if (map.getFn() == MapFn::Mul) {
        for (Value factor : map.getOperands())
          addFactors(b, factor, most, factors, conjugate);
        return;
      }
    }
    Value factor = wide(b, operand);
    factors.push_back(conjugate ? MapOp::create(b, MapFn::Conj, factor).getResult() : factor);
  }
  static bool isProduct(Value value) {
    auto map = value.getDefiningOp<MapOp>();
    return map && map.getFn() == MapFn::Mul;
  }

  Operation *widen(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    auto map = llvm::dyn_cast<MapOp>(op);
    if (map && map.getFn() == MapFn::Cast)
      return MapOp::create(b, wide(b, map.getOperands()[0]), widened(getElement(map.getResult())));
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isSingle(getElement(operand)) ? wide(b, operand) : operand);
    OperationState state(b.getLoc(), op->getName(), operands, wideType(op->getResult(0)), op->getAttrs());
    return b.create(state);
  }

  static Type wideType(Value value) { return getTensorType(getDims(value), widened(getElement(value))); }

  Value wide(ImplicitLocOpBuilder &b, Value value) {
    if (Value twin = twins.lookup(value))
      return twin;
    return MapOp::create(b, value, widened(getElement(value)));
  }

  const PlanningSizes &sizes;
  llvm::DenseMap<Value, Value> twins;
  SmallVector<Operation *> widenedOps;
};

} // namespace

void runComplexSumsWide(func::FuncOp function) {
  PlanningSizes sizes(function);
  function.walk([&](KernelOp kernel) { Widener(sizes).run(kernel); });
}

} // namespace ssm
