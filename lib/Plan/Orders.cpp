//===- Orders.cpp - values lie in the order in which they are used ----------===//
//
// What lies last in memory lies along vectors, so what is made takes the order of
// dimensions in which it leaves, from the results backwards: through maps, splits,
// joins and sums of products, as long as the last dimension is theirs.
//
//   %0 = ssm.contract(%W, %x) over ["I"] -> [O, X, B]         -> [B, O, X]
//   %1 = ssm.map gelu(%0) -> [O, X, B]                        -> [B, O, X]
//   %2 = ssm.align %1 : [O, X, B] -> [B, O, X]                gone
//   return %2
//
//===----------------------------------------------------------------------===//
#include "Orders.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace ssm {
namespace {

/// The dimensions of `value` in this order, those that it lacks before the last one.
NamedDims inOrder(Value value, ArrayRef<NamedDim> order) {
  NamedDims own = getDims(value), sorted, rest;
  for (const NamedDim &d : order)
    if (std::optional<unsigned> place = findDim(own, d.name))
      sorted.push_back(own[*place]);
  for (const NamedDim &d : own)
    if (!findDim(order, d.name))
      rest.push_back(d);
  sorted.insert(sorted.empty() ? sorted.end() : std::prev(sorted.end()), rest.begin(), rest.end());
  return sorted;
}

/// With `from`, which must lie side by side in this order, replaced by `to`; empty where
/// they do not.
NamedDims replaced(ArrayRef<NamedDim> order, ArrayAttr from, const NamedDims &to) {
  SmallVector<StringAttr> names(from.getAsRange<StringAttr>());
  std::optional<unsigned> first = findDim(order, names.front());
  if (!first || *first + names.size() > order.size())
    return {};
  for (auto [i, name] : llvm::enumerate(names))
    if (order[*first + i].name != name)
      return {};
  NamedDims result(order.take_front(*first));
  result.append(to.begin(), to.end());
  result.append(order.begin() + *first + names.size(), order.end());
  return result;
}

NamedDims only(Value value, ArrayAttr names) {
  NamedDims dims, all = getDims(value);
  for (auto name : names.getAsRange<StringAttr>())
    dims.push_back(all[*findDim(all, name)]);
  return dims;
}

/// The order that an operation would have an operand in; empty where it does not care.
NamedDims wishOf(OpOperand &use) {
  Operation *op = use.getOwner();
  Value operand = use.get();
  NamedDims made = op->getNumResults() == 1 && isNamedTensor(op->getResult(0).getType()) ? getDims(op->getResult(0)) : NamedDims();
  if (llvm::isa<MapOp, AlignOp>(op))
    return getDims(operand).size() == made.size() ? inOrder(operand, made) : NamedDims();
  if (llvm::isa<ContractOp>(op)) // it lies along vectors with what has the last dimension
    return !made.empty() && hasDim(operand, made.back().name) ? inOrder(operand, made) : NamedDims();
  Builder b(op->getContext());
  if (auto split = llvm::dyn_cast<SplitOp>(op))
    return replaced(made, split.getInto(), only(operand, b.getArrayAttr({split.getDimAttr()})));
  if (auto join = llvm::dyn_cast<JoinOp>(op))
    return replaced(made, b.getArrayAttr({join.getIntoAttr()}), only(operand, join.getDims()));
  return {};
}

/// Whether an operation reads by names alone, and makes its one result in any order.
bool makesAnyOrder(Operation *op) { return llvm::isa<MapOp, ContractOp, SplitOp, JoinOp, AlignOp>(op); }

/// Gives what `op` makes the order that all its uses agree on, where each of them leaves
/// itself. Returns whether it does now.
bool settle(Operation *op, const DenseSet<Operation *> &leaving) {
  NamedDims order;
  for (OpOperand &use : op->getUses()) {
    NamedDims wish;
    if (llvm::isa<func::ReturnOp>(use.getOwner()))
      wish = getDims(use.get());
    else if (leaving.contains(use.getOwner()))
      wish = wishOf(use);
    if (wish.empty() || (!order.empty() && wish != order))
      return false;
    order = wish;
  }
  if (order.empty() || !makesAnyOrder(op))
    return false;
  op->getResult(0).setType(getTensorType(order, getElement(op->getResult(0))));
  return true;
}

} // namespace

void settleOrders(func::FuncOp function) {
  DenseSet<Operation *> leaving;
  for (Operation &op : llvm::reverse(function.getBody().front()))
    if (settle(&op, leaving))
      leaving.insert(&op);
  for (auto align : llvm::make_early_inc_range(function.getBody().front().getOps<AlignOp>()))
    if (align.getOperand().getType() == align.getType()) {
      align.replaceAllUsesWith(align.getOperand());
      align.erase();
    }
}

} // namespace ssm
