//===- Barrier.cpp - turns and syncs ----------------------------------------===//
#include "ssm/Dialect/Tile/Tile.h"

using namespace mlir;

namespace ssm::tile {

LogicalResult TurnsOp::verify() {
  if ((*this)->getParentOfType<RoleOp>())
    return emitOpError() << "belongs in the kernel's prologue, before the roles";
  if (getTurns().getType().getCount() > 15)
    return emitOpError() << "a CTA has 15 named barriers beside the one of the prologue, not "
                         << getTurns().getType().getCount();
  return success();
}

/// Turns go round the instances of one role of warpgroups.
template <typename Op> static LogicalResult verifyTurn(Op op) {
  auto role = op->template getParentOfType<RoleOp>();
  if (!role)
    return success();
  int64_t count = op.getTurns().getType().getCount();
  if (role.getKind() != RoleKind::Group || int64_t(role.getInstances()) != count)
    return op.emitOpError() << "goes round " << count << " warpgroups; role @" << role.getName() << " has "
                            << role.getInstances() << " instances of kind " << stringifyRoleKind(role.getKind());
  return success();
}

LogicalResult TakeOp::verify() { return verifyTurn(*this); }
LogicalResult PassOp::verify() { return verifyTurn(*this); }

LogicalResult SyncOp::verify() {
  auto role = (*this)->getParentOfType<RoleOp>();
  if (role && role.getKind() == RoleKind::Thread)
    return emitOpError() << "role @" << role.getName() << " is one thread, which has nobody to meet";
  return success();
}

} // namespace ssm::tile
