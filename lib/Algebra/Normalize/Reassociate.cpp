//===- Reassociate.cpp - chains of contractions in their cheapest order -----===//
//
//   sum[I] (sum[R] U * V) * x   ->   sum[R] U * (sum[I] V * x)
//
// where that takes fewer multiplications, counted from the sizes; an open dimension
// counts as 1024. A chain is a tree of contractions each used once; a tie stays as it
// is written.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"

#include "llvm/ADT/StringSet.h"

#include <limits>

using namespace mlir;

namespace ssm {

namespace {

constexpr unsigned kMostOperands = 8;

/// A flattened tree: a product of the leaves, summed over the dimensions.
struct Chain {
  SmallVector<Value> leaves;
  SmallVector<StringRef> summed;
  double cost = 0;
};

class Flattener {
public:
  Flattener(NamedBuilder &b, ContractOp root) : b(b), root(root) {
    for (const NamedDim &dim : getDims(root.getResult()))
      taken.insert(dim.name.getValue());
  }

  Chain run() {
    flatten(root, {}, {});
    return std::move(chain);
  }

private:
  /// Sums of an inner contraction are renamed where the name is used further out.
  void flatten(ContractOp op, SmallVector<StringRef> from, SmallVector<StringRef> to) {
    chain.cost += countElements(uniteDims(op.getOperands())) * (op.getOperands().size() - 1);
    for (StringRef name : op.getDims().getAsValueRange<StringAttr>()) {
      StringRef own = name;
      if (!taken.insert(name).second) {
        own = b.freshCopy(name).getValue();
        taken.insert(own);
        // A name that is summed here is not the outer one.
        for (auto [i, old] : llvm::enumerate(from))
          if (old == name)
            to[i] = own;
        if (!llvm::is_contained(from, name)) {
          from.push_back(name);
          to.push_back(own);
        }
      } else if (auto *at = llvm::find(from, name); at != from.end()) {
        to[at - from.begin()] = own;
      }
      chain.summed.push_back(own);
    }
    for (Value operand : op.getOperands()) {
      auto inner = operand.getDefiningOp<ContractOp>();
      if (inner && inner->hasOneUse() && inner->getBlock() == root->getBlock() &&
          getElement(inner) == getElement(root.getResult()))
        flatten(inner, from, to);
      else
        chain.leaves.push_back(b.rename(operand, from, to));
    }
  }

  NamedBuilder &b;
  ContractOp root;
  Chain chain;
  llvm::StringSet<> taken;
};

/// The cheapest tree of two-sided contractions, over all subsets of the leaves; of
/// infinite cost where every tree has an outer product.
class Cheapest {
public:
  explicit Cheapest(const Chain &chain) : chain(chain) {
    unsigned count = chain.leaves.size();
    best.assign(1u << count, {});
    for (unsigned i = 0; i < count; ++i)
      best[1u << i] = {0, 0, dimsOf(1u << i)};
    for (unsigned set = 1; set < best.size(); ++set) {
      if (llvm::has_single_bit(set))
        continue;
      best[set].cost = std::numeric_limits<double>::infinity();
      best[set].dims = dimsOf(set);
      for (unsigned left = (set - 1) & set; left; left = (left - 1) & set) {
        unsigned right = set & ~left;
        if (left < right)
          continue;
        NamedDims loop = best[left].dims;
        uniteDims(loop, best[right].dims);
        // An outer product is no step on the way: it would be written.
        if (loop.size() == best[set].dims.size() && loop.size() > best[left].dims.size() &&
            loop.size() > best[right].dims.size())
          continue;
        double cost = best[left].cost + best[right].cost + countElements(loop);
        if (cost < best[set].cost)
          best[set].cost = cost, best[set].left = left;
      }
    }
  }

  double cost() const { return best.back().cost; }

  Value build(NamedBuilder &b) const { return build(b, best.size() - 1); }

private:
  struct Choice {
    double cost = 0;
    unsigned left = 0;
    NamedDims dims; // of the partial product, what is summed within it gone
  };

  /// Summed within the set: no leaf outside has it.
  bool isInner(StringRef name, unsigned set) const {
    if (!llvm::is_contained(chain.summed, name))
      return false;
    for (auto [i, leaf] : llvm::enumerate(chain.leaves))
      if (!(set >> i & 1) && hasDim(leaf, name))
        return false;
    return true;
  }
  NamedDims dimsOf(unsigned set) const {
    NamedDims all;
    for (auto [i, leaf] : llvm::enumerate(chain.leaves))
      if (set >> i & 1)
        uniteDims(all, getDims(leaf));
    // A leaf alone is summed only where it meets another.
    if (llvm::has_single_bit(set))
      return all;
    llvm::erase_if(all, [&](const NamedDim &dim) { return isInner(dim.name.getValue(), set); });
    return all;
  }

  Value build(NamedBuilder &b, unsigned set) const {
    if (llvm::has_single_bit(set))
      return chain.leaves[llvm::countr_zero(set)];
    unsigned left = best[set].left;
    Value x = build(b, left), y = build(b, set & ~left);
    SmallVector<StringRef> over;
    NamedDims loop = uniteDims({x, y});
    for (const NamedDim &dim : loop)
      if (!findDim(best[set].dims, dim.name))
        over.push_back(dim.name.getValue());
    return over.empty() ? b.map(MapFn::Mul, {x, y}) : b.contract({x, y}, over);
  }

  const Chain &chain;
  std::vector<Choice> best;
};

struct Reassociate : OpRewritePattern<ContractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ContractOp op, PatternRewriter &rewriter) const override {
    if (op->hasOneUse() && isa<ContractOp>(*op->user_begin()))
      return rewriter.notifyMatchFailure(op, "part of a longer chain");
    if (llvm::none_of(op.getOperands(), [](Value v) { return v.getDefiningOp<ContractOp>() != nullptr; }) &&
        op.getOperands().size() < 3)
      return rewriter.notifyMatchFailure(op, "no chain");
    Type element = getElement(op);
    for (Value operand : op.getOperands())
      if (getElement(operand) != element)
        return rewriter.notifyMatchFailure(op, "factors of several types");
    // Renames are built to be thrown away where nothing is gained: count first.
    if (countLeaves(op) > kMostOperands)
      return rewriter.notifyMatchFailure(op, "too many factors to try all orders");
    auto function = op->getParentOfType<func::FuncOp>();
    Attribute table = function->getAttr(kDimsAttr);
    Operation *before = op->getPrevNode();
    NamedBuilder trial(function); // unseen by the rewriter
    trial.setInsertionPoint(op);
    trial.setLoc(op->getLoc());
    Chain chain = Flattener(trial, op).run();
    Cheapest cheapest(chain);
    if (cheapest.cost() >= 0.99 * chain.cost) {
      // Take back what was only tried.
      Operation *tried = before ? before->getNextNode() : &op->getBlock()->front();
      SmallVector<Operation *> added;
      for (; tried != op.getOperation(); tried = tried->getNextNode())
        added.push_back(tried);
      for (Operation *one : llvm::reverse(added))
        one->erase();
      if (table)
        function->setAttr(kDimsAttr, table);
      return rewriter.notifyMatchFailure(op, "no other order takes fewer multiplications");
    }
    NamedBuilder b = builderAt(rewriter, op);
    rewriter.replaceOp(op, b.align(cheapest.build(b), op.getType()));
    return success();
  }

  static unsigned countLeaves(ContractOp op) {
    unsigned count = 0;
    for (Value operand : op.getOperands()) {
      auto inner = operand.getDefiningOp<ContractOp>();
      count += inner && inner->hasOneUse() ? countLeaves(inner) : 1;
    }
    return count;
  }
};

} // namespace

void addReassociatePatterns(RewritePatternSet &patterns) { patterns.add<Reassociate>(patterns.getContext()); }

} // namespace ssm
