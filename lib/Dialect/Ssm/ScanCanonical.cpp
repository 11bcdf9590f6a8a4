//===- ScanCanonical.cpp - what a recurrence need not carry -----------------===//
//
//   scan "L" init(%a, %h) over(%u, %u) { ^(%l, %ac, %hc, %x, %y): ... yield %ac, %next, %x }
//     =>  scan "L" init(%h) over(%u) { ^(%l, %hc, %x): ... yield %next }
//
// where %a's place never changes (it is %a), both slices are one and the output
// is the slice itself.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace ssm {

namespace {

/// A carry that the body hands on unchanged is its initial value; an output that
/// is a slice is what was sliced; of equal slices one is enough.
struct ForwardThroughScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    auto replace = [&](Value from, Value to) {
      if (from == to || from.use_empty() || from.getType() != to.getType())
        return;
      rewriter.replaceAllUsesWith(from, to);
      changed = true;
    };
    for (auto [i, carry] : llvm::enumerate(op.getCarries()))
      if (op.getNextCarries()[i] == carry) {
        replace(op.getFinals()[i], op.getInits()[i]);
        // The yield goes on using the carry: its own value stands for the place.
        for (OpOperand &use : llvm::make_early_inc_range(carry.getUses()))
          if (!isOwnYield(op, use, i)) {
            rewriter.modifyOpInPlace(use.getOwner(), [&] { use.set(op.getInits()[i]); });
            changed = true;
          }
      }
    auto slices = op.getSliceArguments();
    for (auto [i, slice] : llvm::enumerate(op.getSlices()))
      for (unsigned j = 0; j < i; ++j)
        if (op.getSlices()[j] == slice)
          replace(slices[i], slices[j]);
    for (auto [i, value] : llvm::enumerate(op.getYieldedOutputs()))
      if (auto *slice = llvm::find(slices, value); slice != slices.end())
        replace(op.getOutputs()[i], op.getSlices()[slice - slices.begin()]);
    return success(changed);
  }

  static bool isOwnYield(ScanOp op, OpOperand &use, unsigned place) {
    return use.getOwner() == op.getBody().front().getTerminator() && use.getOperandNumber() == place;
  }
};

/// Carries, slices and outputs that nothing reads.
struct DropUnread : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &rewriter) const override {
    Block &body = op.getBody().front();
    unsigned carries = op.getInits().size(), slices = op.getSlices().size();
    llvm::SmallBitVector dropArguments(body.getNumArguments()), dropYields(carries + op.getOutputs().size());
    for (unsigned i = 0; i < carries; ++i)
      if (op.getFinals()[i].use_empty() && feedsItselfOnly(op, i)) {
        dropArguments.set(1 + i);
        dropYields.set(i);
      }
    for (unsigned i = 0; i < slices; ++i)
      if (op.getSliceArguments()[i].use_empty())
        dropArguments.set(1 + carries + i);
    for (auto [i, output] : llvm::enumerate(op.getOutputs()))
      if (output.use_empty())
        dropYields.set(carries + i);
    if (dropArguments.none() && dropYields.none())
      return rewriter.notifyMatchFailure(op, "all that it carries, takes and stacks is read");

    // What only the dropped carries feed goes first: it uses their arguments.
    auto yield = llvm::cast<YieldOp>(body.getTerminator());
    rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(bits(dropYields)); });
    eraseUsers(body, dropArguments, rewriter);

    auto kept = [](ValueRange values, const llvm::SmallBitVector &drop, unsigned first) {
      llvm::SmallVector<Value> left;
      for (auto [i, value] : llvm::enumerate(values))
        if (!drop.test(first + i))
          left.push_back(value);
      return left;
    };
    llvm::SmallVector<Value> finals = kept(op.getFinals(), dropYields, 0),
                             outputs = kept(op.getOutputs(), dropYields, carries);
    auto lean = ScanOp::create(rewriter, op.getLoc(), ValueRange(finals).getTypes(), ValueRange(outputs).getTypes(),
                               op.getDimAttr(), op.getReverseAttr(), kept(op.getInits(), dropArguments, 1),
                               kept(op.getSlices(), dropArguments, 1 + carries));
    rewriter.inlineRegionBefore(op.getBody(), lean.getBody(), lean.getBody().end());
    rewriter.modifyOpInPlace(lean, [&] { lean.getBody().front().eraseArguments(bits(dropArguments)); });
    rewriter.replaceAllUsesWith(finals, lean.getFinals());
    rewriter.replaceAllUsesWith(outputs, lean.getOutputs());
    rewriter.eraseOp(op);
    return success();
  }

private:
  static llvm::BitVector bits(const llvm::SmallBitVector &small) {
    llvm::BitVector result(small.size());
    for (unsigned i : small.set_bits())
      result.set(i);
    return result;
  }

  /// The operations of the body that a value reaches; the yield is not among them.
  static void collectUsers(Block &body, Value value, llvm::SmallPtrSetImpl<Operation *> &users) {
    for (OpOperand &use : value.getUses()) {
      Operation *user = body.findAncestorOpInBlock(*use.getOwner());
      if (user == body.getTerminator() || !users.insert(user).second)
        continue;
      for (Value result : user->getResults())
        collectUsers(body, result, users);
    }
  }

  /// A carry whose value reaches its own next one and nothing else.
  static bool feedsItselfOnly(ScanOp op, unsigned place) {
    Block &body = op.getBody().front();
    llvm::SmallPtrSet<Operation *, 8> users;
    Value carry = op.getCarries()[place];
    collectUsers(body, carry, users);
    auto leaves = [&](Value value) {
      return llvm::any_of(value.getUses(), [&](OpOperand &use) {
        return use.getOwner() == body.getTerminator() && use.getOperandNumber() != place;
      });
    };
    return !leaves(carry) && llvm::all_of(users, [&](Operation *user) {
      return isMemoryEffectFree(user) && llvm::none_of(user->getResults(), leaves);
    });
  }

  static void eraseUsers(Block &body, const llvm::SmallBitVector &arguments, PatternRewriter &rewriter) {
    llvm::SmallPtrSet<Operation *, 8> users;
    for (unsigned i : arguments.set_bits())
      collectUsers(body, body.getArgument(i), users);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
      if (users.contains(&op))
        rewriter.eraseOp(&op);
  }
};

} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ForwardThroughScan, DropUnread>(context);
}

} // namespace ssm
