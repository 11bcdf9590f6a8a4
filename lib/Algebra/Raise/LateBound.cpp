//===- LateBound.cpp - sums of exponentials under a running maximum ---------===//
//
// A sum over m whose terms depend on an earlier reduction r over m can run in the same
// pass as r if exchanging r for r' multiplies each term by what is free of m. That is
// so of exp(x[m] - r), whatever x is and whatever multiplies it:
//
//   %p = ssm.softmax %s over ["M"]; %y = ssm.contract(%p, %v) over ["M"]
//   %r = ssm.reduce max %s ...; %e = exp(%s - %r); %a = ssm.contract(%e, %v) over ["M"]
//
// each become one ssm.online_fold, all sums of one exponential together.
//
//===----------------------------------------------------------------------===//
#include "LateBound.h"
#include "Remarks.h"

#include <limits>

using namespace mlir;

namespace ssm {

namespace {

/// A sum whose terms have the exponential as a factor.
struct Use {
  Operation *op;
  SmallVector<Value> factors;
  SmallVector<StringRef> over;
};

/// exp(exponent - max[dims] reference), or a softmax of the reference.
struct Candidate {
  Value exponential, reference, exponent;
  SmallVector<StringRef> maxDims;
  SoftmaxOp softmax;
  ReduceOp maximum;
  Location loc;
};

class LateBinder {
public:
  LateBinder(NamedBuilder &b, func::FuncOp function) : b(b), function(function) {}

  void run() {
    SmallVector<Candidate> candidates;
    function.walk([&](Operation *op) {
      if (auto softmax = llvm::dyn_cast<SoftmaxOp>(op))
        candidates.push_back({softmax.getResult(), softmax.getOperand(), {}, names(softmax.getDims()), softmax, {},
                              op->getLoc()});
      else if (auto map = llvm::dyn_cast<MapOp>(op); map && map.getFn() == MapFn::Exp)
        if (std::optional<Candidate> candidate = matchExponential(map))
          candidates.push_back(*candidate);
    });
    for (Candidate &candidate : candidates)
      bind(candidate);
  }

private:
  static SmallVector<StringRef> names(ArrayAttr dims) { return SmallVector<StringRef>(dims.getAsValueRange<StringAttr>()); }

  /// exp(x - r), r a maximum.
  static std::optional<Candidate> matchExponential(MapOp exp) {
    auto difference = exp.getOperands()[0].getDefiningOp<MapOp>();
    if (!difference || difference.getFn() != MapFn::Sub)
      return std::nullopt;
    Value subtracted = difference.getOperands()[1];
    auto maximum = subtracted.getDefiningOp<ReduceOp>();
    if (!maximum || maximum.getMonoid() != Monoid::Max || !llvm::isa<FloatType>(getElement(subtracted)))
      return std::nullopt;
    Value x = difference.getOperands()[0];
    return Candidate{exp.getResult(), maximum.getOperand(), x == maximum.getOperand() ? Value() : x,
                     names(maximum.getDims()), {}, maximum, exp.getLoc()};
  }

  /// The user as a sum over a dimension of the maximum; nothing, and why, where it is not.
  std::optional<Use> matchUse(Candidate candidate, Operation *user, std::string &why) {
    Use use{user, {}, {}};
    ValueRange product;
    if (auto contract = llvm::dyn_cast<ContractOp>(user)) {
      product = contract.getOperands();
      use.over = names(contract.getDims());
    } else if (auto reduce = llvm::dyn_cast<ReduceOp>(user); reduce && reduce.getMonoid() == Monoid::Add) {
      product = reduce->getOperands();
      use.over = names(reduce.getDims());
    } else {
      why = "'" + user->getName().getStringRef().str() + "' is no sum";
      return std::nullopt;
    }
    auto summed = [&](StringRef name) { return llvm::is_contained(use.over, name); };
    if (llvm::none_of(candidate.maxDims, summed)) {
      why = "it sums over other dimensions than the maximum";
      return std::nullopt;
    }
    for (const NamedDim &dim : getDims(candidate.reference))
      if (summed(dim.name.getValue()) && !llvm::is_contained(candidate.maxDims, dim.name.getValue())) {
        why = "it also sums over " + dim.name.getValue().str() + ", along which the maximum varies";
        return std::nullopt;
      }
    unsigned found = 0;
    for (Value operand : product) {
      if (operand == candidate.exponential)
        ++found;
      else if (getElement(operand) == getElement(candidate.reference))
        use.factors.push_back(operand);
      else
        why = "it multiplies by elements of another type";
    }
    if (found != 1 && why.empty())
      why = "the exponential stands in it more than once";
    return why.empty() ? std::optional(use) : std::nullopt;
  }

  void bind(Candidate candidate) {
    SmallVector<Use> uses;
    SmallVector<Operation *> others;
    for (Operation *user : llvm::SetVector<Operation *>(candidate.exponential.user_begin(), candidate.exponential.user_end())) {
      std::string why;
      if (user->getBlock() != candidate.exponential.getParentBlock())
        others.push_back(user);
      else if (std::optional<Use> use = matchUse(candidate, user, why))
        uses.push_back(*use);
      else {
        others.push_back(user);
        if (candidate.softmax || llvm::isa<ContractOp, ReduceOp>(user))
          reportDeclined(user->getLoc(), "late-bound", "not in one pass with the maximum: " + why);
      }
    }
    // In the order of the text: the last one has everybody's operands before it.
    llvm::sort(uses, [](const Use &a, const Use &b) { return a.op->isBeforeInBlock(b.op); });
    if (uses.empty())
      return;
    Operation *point = place(candidate, uses);
    if (!point)
      return;
    fold(candidate, uses, others, point);
  }

  /// Where all factors are there and no use is behind; uses that would have to wait for
  /// another's result are left out.
  Operation *place(Candidate candidate, SmallVectorImpl<Use> &uses) {
    Operation *point = uses.front().op;
    llvm::erase_if(uses, [&](Use &use) {
      return llvm::any_of(use.factors, [&](Value factor) { return !bring(factor, point); });
    });
    return uses.empty() ? nullptr : point;
  }

  /// Moves a value before the point, unless it needs what comes from there on.
  static bool bring(Value value, Operation *point) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != point->getBlock() || op->isBeforeInBlock(point))
      return true;
    if (op == point || !isMemoryEffectFree(op) || op->getNumRegions())
      return false;
    if (!llvm::all_of(op->getOperands(), [&](Value operand) { return bring(operand, point); }))
      return false;
    op->moveBefore(point);
    return true;
  }

  void fold(Candidate candidate, ArrayRef<Use> uses, ArrayRef<Operation *> others, Operation *point) {
    b.setInsertionPoint(point);
    b.setLoc(candidate.loc);
    bool softmax = static_cast<bool>(candidate.softmax);
    Type element = getElement(candidate.reference);
    Value exponent = candidate.exponent ? candidate.exponent : candidate.reference;
    NamedDims left = withoutDims(getDims(candidate.reference), candidate.maxDims);
    NamedDims exponential = getDims(exponent);
    uniteDims(exponential, left);
    SmallVector<Value> factors;
    SmallVector<int64_t> counts;
    SmallVector<Attribute> over;
    SmallVector<Type> types;
    auto add = [&](ArrayRef<Value> product, ArrayRef<StringRef> dims) {
      NamedDims all = exponential;
      for (Value factor : product)
        uniteDims(all, getDims(factor));
      factors.append(product.begin(), product.end());
      counts.push_back(product.size());
      over.push_back(b.getStrArrayAttr(dims));
      types.push_back(getTensorType(withoutDims(all, dims), element));
    };
    if (softmax)
      add({}, candidate.maxDims);
    for (const Use &use : uses)
      add(use.factors, use.over);
    auto fold = OnlineFoldOp::create(b, getTensorType(left, element), types, candidate.reference,
                                     b.getStrArrayAttr(candidate.maxDims), candidate.exponent, factors, counts,
                                     b.getArrayAttr(over), false);
    unsigned first = softmax ? 1 : 0;
    for (auto [i, use] : llvm::enumerate(uses)) {
      Value sum = fold.getSums()[first + i];
      if (softmax)
        sum = normalise(sum, fold.getSums()[0]);
      use.op->getResult(0).replaceAllUsesWith(
          b.align(sum, llvm::cast<RankedTensorType>(use.op->getResult(0).getType())));
    }
    if (candidate.maximum)
      candidate.maximum.getResult().replaceUsesWithIf(fold.getMaximum(), [&](OpOperand &use) {
        return use.getOwner()->getBlock() == fold->getBlock() && fold->isBeforeInBlock(use.getOwner());
      });
    if (softmax)
      restOfSoftmax(candidate, fold, others);
    for (const Use &use : uses)
      use.op->erase();
    fold.setFreeReference(hasFreeReference(fold));
    reportRaised(candidate.loc, "late-bound",
                 std::to_string(fold.getSums().size()) + " sums in one pass over " +
                     llvm::join(fold.getFoldedDims(), ", ") + " with their maximum" +
                     (fold.getFreeReference() ? ", whose reference is free" : ""));
  }

  /// sum / total, 0 where nothing is visible.
  Value normalise(Value sum, Value total) {
    Value zero = makeScalar(b, getElement(sum), 0);
    Value quotient = b.map(MapFn::Div, {sum, total});
    return b.map(MapFn::Select, {b.map(MapFn::Eq, {total, zero}), zero, quotient});
  }

  /// Other uses of the softmax take exp(s - r) / total; a logsumexp of the same scores is
  /// r + log(total).
  void restOfSoftmax(Candidate candidate, OnlineFoldOp fold, ArrayRef<Operation *> others) {
    Value total = fold.getSums()[0], r = fold.getMaximum();
    Value logTotal;
    for (Operation *user : llvm::make_early_inc_range(candidate.reference.getUsers())) {
      auto reduce = llvm::dyn_cast<ReduceOp>(user);
      if (!reduce || reduce.getMonoid() != Monoid::LogSumExp || reduce->getBlock() != fold->getBlock() ||
          reduce.getDims() != fold.getMaxDims() || !usedBehind(reduce, fold))
        continue;
      if (!logTotal)
        logTotal = b.map(MapFn::Add, {r, b.map(MapFn::Log, total)});
      reduce.getResult().replaceAllUsesWith(b.align(logTotal, llvm::cast<RankedTensorType>(reduce.getType())));
      reduce->erase();
    }
    if (others.empty() || !llvm::all_of(others, [&](Operation *user) {
          Operation *above = fold->getBlock()->findAncestorOpInBlock(*user);
          return above && fold->isBeforeInBlock(above);
        }))
      return;
    Value zero = makeScalar(b, getElement(r), 0);
    Value infinite = makeScalar(b, getElement(r), -std::numeric_limits<double>::infinity());
    Value ref = b.map(MapFn::Select, {b.map(MapFn::Eq, {r, infinite}), zero, r});
    Value p = normalise(b.map(MapFn::Exp, b.map(MapFn::Sub, {candidate.reference, ref})), total);
    Value whole = b.align(p, llvm::cast<RankedTensorType>(candidate.exponential.getType()));
    candidate.exponential.replaceUsesWithIf(
        whole, [&](OpOperand &use) { return llvm::is_contained(others, use.getOwner()); });
  }

  static bool usedBehind(Operation *op, Operation *fold) {
    return llvm::all_of(op->getUsers(), [&](Operation *user) {
      Operation *above = fold->getBlock()->findAncestorOpInBlock(*user);
      return above && fold->isBeforeInBlock(above);
    });
  }

  NamedBuilder &b;
  func::FuncOp function;
};

} // namespace

void bindLate(NamedBuilder &b, func::FuncOp function) { LateBinder(b, function).run(); }

} // namespace ssm
