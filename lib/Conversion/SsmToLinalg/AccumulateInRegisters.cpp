//===- AccumulateInRegisters.cpp - the pass ssm-accumulate-in-registers -----===//
//
// A reduction lowered to loops reads and writes its result in memory at every
// step. Where a loop loads an element first and stores it last, at a place that
// does not move, the loop carries the value instead:
//
//   scf.for %k {                             %0 = memref.load %sum[%i]
//     %0 = memref.load %sum[%i]              %1 = scf.for %k iter_args(%acc = %0) {
//     %1 = arith.addf %0, %x           =>      %2 = arith.addf %acc, %x
//     memref.store %1, %sum[%i]                scf.yield %2
//   }                                        }
//                                            memref.store %1, %sum[%i]
//
// The buffer of a reduction is filled before the loop and so is none of its
// operands; nothing else in the loop may write, and nothing else may name it.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ssm {

static bool onlyReads(Operation &op) {
  if (op.getNumRegions() == 0)
    return isMemoryEffectFree(&op) || isa<memref::LoadOp>(op);
  return llvm::all_of(op.getRegions(), [](Region &region) {
    return llvm::all_of(region.getOps(), [](Operation &inner) { return onlyReads(inner); });
  });
}

/// The load and the store of the accumulator in a loop's body, if it has one.
static std::pair<memref::LoadOp, memref::StoreOp> findAccumulator(scf::ForOp loop) {
  memref::StoreOp store;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (auto s = dyn_cast<memref::StoreOp>(op)) {
      if (store)
        return {};
      store = s;
    } else if (!onlyReads(op)) {
      return {};
    }
  }
  if (!store || !store.getMemRef().getDefiningOp<memref::AllocOp>())
    return {};
  if (!llvm::all_of(store.getIndices(), [&](Value i) { return loop.isDefinedOutsideOfLoop(i); }))
    return {};
  memref::LoadOp load;
  for (Operation *user : store.getMemRef().getUsers()) {
    if (!loop->isProperAncestor(user) || user == store)
      continue;
    auto l = dyn_cast<memref::LoadOp>(user);
    if (!l || load || l.getIndices() != store.getIndices())
      return {};
    load = l;
  }
  // What is loaded after the store is the new value.
  if (!load || !loop.getBody()->findAncestorOpInBlock(*load)->isBeforeInBlock(store))
    return {};
  return {load, store};
}

/// From the innermost loop outwards, so that a value carried by nested loops goes
/// all the way up.
static bool promote(scf::ForOp loop) {
  auto [load, store] = findAccumulator(loop);
  if (!load)
    return false;
  IRRewriter rewriter(loop.getContext());
  rewriter.setInsertionPoint(loop);
  Value initial = memref::LoadOp::create(rewriter, loop.getLoc(), store.getMemRef(), store.getIndices());
  Value next = store.getValue();
  FailureOr<LoopLikeOpInterface> carried = loop.replaceWithAdditionalYields(
      rewriter, {initial}, /*replaceInitOperandUsesInLoop=*/false,
      [&](OpBuilder &, Location, ArrayRef<BlockArgument>) { return SmallVector<Value>{next}; });
  if (failed(carried))
    return false;
  auto result = cast<scf::ForOp>(**carried);
  rewriter.replaceOp(load, result.getRegionIterArgs().back());
  rewriter.setInsertionPointAfter(result);
  memref::StoreOp::create(rewriter, result.getLoc(), result.getResults().back(), store.getMemRef(),
                          store.getIndices());
  rewriter.eraseOp(store);
  return true;
}

namespace {
struct AccumulateInRegisters : PassWrapper<AccumulateInRegisters, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AccumulateInRegisters)
  StringRef getArgument() const override { return "ssm-accumulate-in-registers"; }
  StringRef getDescription() const override { return "Carry what a loop accumulates as a value of the loop"; }
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk<WalkOrder::PostOrder>([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops)
      promote(loop);
  }
};
} // namespace

std::unique_ptr<Pass> createAccumulateInRegistersPass() { return std::make_unique<AccumulateInRegisters>(); }

} // namespace ssm
