//===- Turns.cpp - each turn that is taken is passed on ---------------------===//
//
// take and pass stand in pairs in one block, so that every path has as many of both;
// every instance then goes round equally often if its loops do.
//
//===----------------------------------------------------------------------===//
#include "Verify.h"

using namespace mlir;

namespace ssm::tile {

static LogicalResult verifyBlock(Block &block) {
  llvm::MapVector<Value, TakeOp> taken; // by circle
  bool failed = false;
  for (Operation &op : block) {
    if (auto take = dyn_cast<TakeOp>(op)) {
      TakeOp &open = taken[take.getTurns()];
      if (open) {
        failed = true;
        take.emitError() << "takes a turn that it has already and has not passed on";
      }
      open = take;
    } else if (auto pass = dyn_cast<PassOp>(op)) {
      TakeOp &open = taken[pass.getTurns()];
      if (!open) {
        failed = true;
        pass.emitError() << "passes on a turn that this block has not taken: take and pass stand in pairs in one block";
      } else if (open.getIndex() != pass.getIndex()) {
        failed = true;
        pass.emitError() << "passes on another instance's turn";
      }
      open = {};
    }
  }
  for (auto &[turns, open] : taken)
    if (open) {
      failed = true;
      open.emitError() << "takes a turn that this block does not pass on: the next instance waits for ever";
    }
  return failure(failed);
}

LogicalResult verifyTurns(KernelOp kernel) {
  bool failed = false;
  kernel->walk([&](Block *block) { failed |= mlir::failed(verifyBlock(*block)); });
  for (auto turns : kernel.getBody().getOps<TurnsOp>()) {
    RoleOp user;
    for (Operation *op : turns.getTurns().getUsers()) {
      auto role = op->getParentOfType<RoleOp>();
      if (user && role && role != user) {
        failed = true;
        op->emitError() << "role @" << role.getName() << " takes turns with role @" << user.getName()
                        << ": a circle goes round the instances of one role";
      }
      user = role ? role : user;
    }
  }
  return failure(failed);
}

} // namespace ssm::tile
