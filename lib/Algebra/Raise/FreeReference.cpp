//===- FreeReference.cpp - what does not depend on a fold's reference -------===//
//
// Moving the reference by d adds d to the maximum and multiplies every sum by exp(-d).
// Values made of these are followed forward, each known to scale by exp(n d), to move by
// n d, or to stay; all that leaves must stay:
//
//   acc / sum stays     r + log(sum) stays     acc / (sum + eps) does not
//
//===----------------------------------------------------------------------===//
#include "LateBound.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

namespace ssm {

namespace {

struct Degree {
  enum Kind { Scales, Moves } kind = Scales;
  int by = 0; // 0: stays

  bool stays() const { return by == 0; }
};

class References {
public:
  explicit References(OnlineFoldOp fold) : shift(getDims(fold.getMaximum())) {
    degrees[fold.getMaximum()] = {Degree::Moves, 1};
    for (Value sum : fold.getSums())
      degrees[sum] = {Degree::Scales, -1};
    follow(fold);
  }

  bool free = true;

private:
  Degree of(Value value) {
    auto at = degrees.find(value);
    return at == degrees.end() ? Degree() : at->second;
  }

  /// Whether d varies along one of the dimensions.
  bool varies(ArrayAttr dims) {
    return llvm::any_of(dims.getAsValueRange<StringAttr>(), [&](StringRef name) { return findDim(shift, name).has_value(); });
  }

  void follow(OnlineFoldOp fold) {
    // Operands first: everything behind the fold in its block, in order.
    for (Operation *op = fold->getNextNode(); op && free; op = op->getNextNode()) {
      bool touched = llvm::any_of(op->getOperands(), [&](Value v) { return !of(v).stays(); });
      if (op->getNumRegions())
        op->walk([&](Operation *inner) {
          for (Value operand : inner->getOperands())
            free &= of(operand).stays();
        });
      if (!touched)
        continue;
      std::optional<Degree> result = degree(op);
      if (!result)
        free = false;
      else if (!result->stays())
        degrees[op->getResult(0)] = *result;
    }
  }

  std::optional<Degree> degree(Operation *op) {
    return llvm::TypeSwitch<Operation *, std::optional<Degree>>(op)
        .Case([&](MapOp map) { return this->map(map); })
        .Case<AlignOp, RenameOp>([&](auto moved) -> std::optional<Degree> {
          if (llvm::isa<RenameOp>(moved) && !shift.empty())
            return std::nullopt;
          return of(moved.getOperand());
        })
        .Case([&](ContractOp contract) -> std::optional<Degree> {
          Degree sum;
          for (Value operand : contract.getOperands()) {
            if (of(operand).kind == Degree::Moves && !of(operand).stays())
              return std::nullopt;
            sum.by += of(operand).by;
          }
          return varies(contract.getDims()) && !sum.stays() ? std::nullopt : std::optional(sum);
        })
        .Case([&](ReduceOp reduce) -> std::optional<Degree> {
          Degree degree = of(reduce.getOperand());
          bool keeps = degree.kind == Degree::Scales
                           ? reduce.getMonoid() == Monoid::Add || reduce.getMonoid() == Monoid::Max ||
                                 reduce.getMonoid() == Monoid::Min
                           : reduce.getMonoid() == Monoid::Max || reduce.getMonoid() == Monoid::Min ||
                                 reduce.getMonoid() == Monoid::LogSumExp;
          return keeps && !varies(reduce.getDims()) ? std::optional(degree) : std::nullopt;
        })
        .Default([](Operation *) { return std::nullopt; });
  }

  std::optional<Degree> map(MapOp op) {
    auto at = [&](unsigned i) { return of(op.getOperands()[i]); };
    bool known = false;
    switch (op.getFn()) {
    case MapFn::Neg:
      return Degree{at(0).kind, at(0).kind == Degree::Moves ? -at(0).by : at(0).by};
    case MapFn::Abs:
      return at(0).kind == Degree::Scales ? std::optional(at(0)) : std::nullopt;
    case MapFn::Re:
    case MapFn::Im:
    case MapFn::Conj:
      return at(0);
    case MapFn::Exp:
      return at(0).kind == Degree::Moves ? std::optional(Degree{Degree::Scales, at(0).by}) : std::nullopt;
    case MapFn::Log:
      return at(0).kind == Degree::Scales ? std::optional(Degree{Degree::Moves, at(0).by}) : std::nullopt;
    case MapFn::Mul:
    case MapFn::Div: {
      for (unsigned i : {0u, 1u})
        if (at(i).kind == Degree::Moves && !at(i).stays())
          return std::nullopt;
      return Degree{Degree::Scales, op.getFn() == MapFn::Mul ? at(0).by + at(1).by : at(0).by - at(1).by};
    }
    case MapFn::Add:
    case MapFn::Sub: {
      Degree x = at(0), y = at(1);
      int sign = op.getFn() == MapFn::Add ? 1 : -1;
      if ((x.kind == Degree::Moves || x.stays()) && (y.kind == Degree::Moves || y.stays()))
        return Degree{Degree::Moves, x.by + sign * y.by};
      return x.kind == y.kind && x.by == y.by ? std::optional(x) : std::nullopt;
    }
    case MapFn::Eq:
    case MapFn::Ne:
    case MapFn::Lt:
    case MapFn::Le:
    case MapFn::Gt:
    case MapFn::Ge: {
      // Against zero, against infinity, or of two that scale alike.
      for (unsigned i : {0u, 1u})
        if (std::optional<double> number = getScalar(op.getOperands()[i]))
          known |= at(1 - i).kind == Degree::Scales ? *number == 0.0 : std::isinf(*number);
      bool alike = at(0).kind == at(1).kind && at(0).by == at(1).by;
      return known || alike ? std::optional(Degree()) : std::nullopt;
    }
    case MapFn::Select: {
      if (!at(0).stays())
        return std::nullopt;
      // where(r == -inf, 0, r): any finite number will do where nothing is visible.
      if (auto equal = op.getOperands()[0].getDefiningOp<MapOp>())
        if (equal.getFn() == MapFn::Eq && equal.getOperands()[0] == op.getOperands()[2] &&
            at(2).kind == Degree::Moves && getScalar(op.getOperands()[1]))
          return at(2);
      for (unsigned i : {1u, 2u})
        if (getScalar(op.getOperands()[i]) == 0.0 && at(3 - i).kind == Degree::Scales)
          return at(3 - i);
      return at(1).kind == at(2).kind && at(1).by == at(2).by ? std::optional(at(1)) : std::nullopt;
    }
    default:
      return std::nullopt;
    }
  }

  NamedDims shift;
  llvm::DenseMap<Value, Degree> degrees;
};

} // namespace

bool hasFreeReference(OnlineFoldOp fold) { return References(fold).free; }

} // namespace ssm
