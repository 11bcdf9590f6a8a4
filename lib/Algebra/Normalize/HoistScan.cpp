//===- HoistScan.cpp - what a scan need not compute step by step ------------===//
//
//   ssm.scan "L" over(%x) { ^(%l, %h, %xl): %e = exp(%a) ; %g = tanh(%xl) ; h' = f(h, %e, %g) }
//   =>  %e = exp(%a) ; %g = tanh(%x) ; ssm.scan "L" over(%g) { ... }
//
// What does not vary moves out as it is. What varies but sees no carry becomes a map of
// the whole sequence and is read step by step, if it is no wider than what the scan
// reads anyway; a product of two slices stays where it is.
//
//===----------------------------------------------------------------------===//
#include "../Raise/Lift.h"
#include "Patterns.h"

using namespace mlir;

namespace ssm {

namespace {

class Hoister {
public:
  Hoister(NamedBuilder &b, ScanOp scan) : b(b), scan(scan), body(scan.getBody().front()), lift(b, scan) {}

  void run() {
    b.setInsertionPoint(scan);
    SmallVector<Operation *> hoisted;
    llvm::SmallDenseSet<Operation *> set;
    for (Operation &op : body.without_terminator())
      if (op.getNumResults() == 1 && op.getNumRegions() == 0 && isMemoryEffectFree(&op) &&
          lift.canLift(op.getResult(0)) && isWorth(&op)) {
        hoisted.push_back(&op);
        set.insert(&op);
      }
    // All are made before any is replaced: one may be made of another.
    SmallVector<std::pair<Value, Value>> lifted;
    for (Operation *op : hoisted) {
      Value inside = op->getResult(0);
      if (llvm::any_of(inside.getUsers(), [&](Operation *user) { return !set.contains(user); }))
        lifted.push_back({inside, lift(inside)});
    }
    for (auto [inside, whole] : lifted)
      replace(inside, whole);
    for (Operation *op : llvm::reverse(hoisted))
      if (op->use_empty())
        op->erase();
    dropUnusedSlices();
  }

private:
  /// The slices on which a value rests, through what stays inside too.
  void collectSlices(Value value, llvm::SmallSetVector<Value, 4> &slices, bool &position,
                     llvm::SmallPtrSetImpl<Operation *> &seen) {
    auto argument = llvm::dyn_cast<BlockArgument>(value);
    if (argument && argument.getOwner() == &body) {
      if (argument == scan.getPosition())
        position = true;
      else
        slices.insert(argument);
      return;
    }
    Operation *op = value.getDefiningOp();
    if (op && op->getBlock() == &body && seen.insert(op).second)
      for (Value operand : op->getOperands())
        collectSlices(operand, slices, position, seen);
  }

  bool isWorth(Operation *op) {
    if (isa<arith::ConstantOp, SizeOfOp, PosOp>(op))
      return true;
    llvm::SmallSetVector<Value, 4> slices;
    llvm::SmallPtrSet<Operation *, 8> seen;
    bool position = false;
    collectSlices(op->getResult(0), slices, position, seen);
    if (slices.empty())
      return !position || getDims(op->getResult(0)).empty();
    NamedDims dims = getDims(op->getResult(0));
    return llvm::any_of(slices, [&](Value slice) {
      return llvm::all_of(dims, [&](const NamedDim &dim) { return hasDim(slice, dim.name.getValue()); });
    });
  }

  void replace(Value inside, Value whole) {
    if (!hasDim(whole, scan.getDim())) {
      inside.replaceAllUsesWith(whole);
      return;
    }
    for (auto [slice, argument] : llvm::zip_equal(scan.getSlices(), scan.getSliceArguments()))
      if (slice == whole) {
        inside.replaceAllUsesWith(argument);
        return;
      }
    Type type = getTensorType(withoutDims(getDims(whole), {scan.getDim()}), getElement(whole));
    scan.getSlicesMutable().append(whole);
    Value argument = body.addArgument(type, inside.getLoc());
    if (type == inside.getType()) {
      inside.replaceAllUsesWith(argument);
      return;
    }
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&body);
    inside.replaceAllUsesWith(b.align(argument, llvm::cast<RankedTensorType>(inside.getType())));
  }

  void dropUnusedSlices() {
    for (int i = scan.getSlices().size() - 1; i >= 0; --i) {
      unsigned argument = 1 + scan.getInits().size() + i;
      if (!body.getArgument(argument).use_empty())
        continue;
      body.eraseArgument(argument);
      scan.getSlicesMutable().erase(i);
    }
  }

  NamedBuilder &b;
  ScanOp scan;
  Block &body;
  Lift lift;
};

} // namespace

void hoistFromScans(func::FuncOp function) {
  SmallVector<ScanOp> scans;
  function.walk([&](ScanOp scan) { scans.push_back(scan); }); // inner ones first
  NamedBuilder b(function);
  for (ScanOp scan : scans)
    Hoister(b, scan).run();
}

} // namespace ssm
