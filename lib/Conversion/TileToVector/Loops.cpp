//===- Loops.cpp - blocks, folds, conditions --------------------------------===//
//
// A fold's carries lie in scratch for as long as it runs. The value that a carry
// takes next is computed in its place where nothing reads the old one later; else
// it is copied there at the end of the step.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"
#include "Reorder.h"
#include "Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile {

/// Whether everything that reads the carry is done when `group` is, or reads in it
/// the element that it replaces.
static bool isLastUse(BlockArgument carry, unsigned group, const Schedule &schedule, Block &block) {
  for (OpOperand &use : carry.getUses()) {
    Operation *user = block.findAncestorOpInBlock(*use.getOwner());
    if (user->hasTrait<OpTrait::IsTerminator>())
      return false;
    bool elementwise = user == use.getOwner() && isPointwise(user) && !changesDomain(user);
    if (auto product = llvm::dyn_cast<ProductOp>(use.getOwner()))
      elementwise = product.getAcc() == carry && product.getLhs() != carry && product.getRhs() != carry;
    auto in = schedule.evaluatedIn.find(user);
    if (in == schedule.evaluatedIn.end())
      continue; // unused
    for (unsigned other : in->second)
      if (other > group || (other == group && !elementwise))
        return false;
  }
  return true;
}

/// Elementwise uses in the pass itself must stay elementwise up to its end.
static bool staysInPlace(Value value, BlockArgument carry, llvm::SmallPtrSetImpl<Operation *> &seen) {
  Operation *op = value.getDefiningOp();
  if (!op || !seen.insert(op).second || op->getBlock() != carry.getOwner())
    return true;
  if (changesDomain(op))
    return !llvm::is_contained(op->getOperands(), carry);
  if (!isPointwise(op))
    return true;
  return llvm::all_of(op->getOperands(), [&](Value operand) { return staysInPlace(operand, carry, seen); });
}

LogicalResult Lowering::emitGroups(Block &block, const Schedule &schedule) {
  for (auto [i, group] : llvm::enumerate(schedule.groups)) {
    if (failed(emitGroup(group, schedule)))
      return failure();
    for (Operation *root : group.roots)
      for (Value result : root->getResults())
        if (auto place = places.find(result); place != places.end())
          buffers[result] = place->second;
    releaseAfter(i, block, schedule);
  }
  return success();
}

/// Gives back the scratch of tiles that no later group of the block reads. What a fold
/// carries, and what takes a carry's place, stays.
void Lowering::releaseAfter(unsigned group, Block &block, const Schedule &schedule) {
  for (unsigned i = 0; i <= group; ++i)
    for (Operation *root : schedule.groups[i].roots)
      for (Value result : root->getResults()) {
        auto buffer = buffers.find(result);
        if (buffer == buffers.end() || llvm::isa<LoopOp>(root) || kept.contains(buffer->second.memory) ||
            released.contains(result))
          continue;
        unsigned last = i;
        bool ends = true;
        for (Operation *user : result.getUsers()) {
          Operation *inBlock = block.findAncestorOpInBlock(*user);
          ends &= inBlock && !inBlock->hasTrait<OpTrait::IsTerminator>();
          auto in = ends ? schedule.evaluatedIn.find(inBlock) : schedule.evaluatedIn.end();
          if (in != schedule.evaluatedIn.end())
            for (unsigned other : in->second)
              last = std::max(last, other);
        }
        if (!ends || last != group)
          continue;
        released.insert(result);
        scratch.release(buffer->second);
      }
}

LogicalResult Lowering::emitGroup(const Group &group, const Schedule &schedule) {
  if (group.kind == Group::Pass)
    return emitPass(group, schedule);
  Operation *op = group.roots.front();
  b.setLoc(op->getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](ProductOp product) { return emitProduct(product); })
      .Case([&](SpreadOp spread) { return isPairing(spread) ? emitPairing(spread) : emitTurn(spread); })
      .Case([&](LoopOp loop) { return emitLoop(loop); })
      .Case([&](RecurOp recur) { return emitRecur(recur); })
      .Case([&](scf::IfOp condition) { return emitIf(condition); })
      .Default([&](Operation *other) { return emitScalar(other); });
}

LogicalResult Lowering::lower(Block &block) { return emitGroups(block, makeSchedule(block)); }

LogicalResult Lowering::emitScalar(Operation *op) {
  if (auto get = llvm::dyn_cast<GetOp>(op)) {
    Value value;
    scopes.isolate([&] { value = this->get(get.getOperand(), Point()); });
    if (get.getType().isIndex())
      value = arith::IndexCastOp::create(b, get.getType(), value);
    scalars.map(get.getResult(), value);
    return success();
  }
  if (auto view = llvm::dyn_cast<ViewOp>(op))
    return mapView(view);
  if (auto own = llvm::dyn_cast<ScratchOp>(op)) {
    ViewType type = own.getType();
    llvm::SmallVector<int64_t> shape(type.getShape());
    if (llvm::isa<ComplexType>(type.getElementType()))
      shape.push_back(2); // as asReals has it
    auto memory = MemRefType::get(shape, type.getTileElement());
    llvm::SmallVector<Value> sizes;
    for (Value size : own.getSizes())
      sizes.push_back(scalars.lookupOrDefault(size));
    if (sizes.empty()) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(scratchBlock);
      scalars.map(own.getResult(), memref::AllocaOp::create(b, memory, b.getI64IntegerAttr(64)).getResult());
      return success();
    }
    allocated.push_back(memref::AllocOp::create(b, memory, sizes, b.getI64IntegerAttr(64)));
    scalars.map(own.getResult(), allocated.back());
    return success();
  }
  bool tiles = llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>) ||
               llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>) || op->getNumRegions() != 0;
  if (tiles)
    return op->emitOpError() << "is no operation of the synchronous tile form that the CPU's lowering knows";
  b.clone(*op, scalars);
  return success();
}

LogicalResult Lowering::emitIf(scf::IfOp op) {
  if (op.getNumResults() != 0)
    return op.emitOpError() << "gives values; in a tile program a condition only writes";
  auto made = scf::IfOp::create(b, scalars.lookupOrDefault(op.getCondition()), !op.getElseRegion().empty());
  OpBuilder::InsertionGuard guard(b);
  for (auto [from, to] : llvm::zip(op.getRegions(), made.getRegions())) {
    if (from->empty())
      continue;
    b.setInsertionPoint(to->front().getTerminator());
    if (failed(lower(from->front())))
      return failure();
  }
  return success();
}

LogicalResult Lowering::emitLoop(LoopOp op) {
  Block &block = op.getBody().front();
  Schedule schedule = makeSchedule(block);
  for (auto [init, carry, result] : llvm::zip(op.getInits(), op.getCarries(), op.getResults())) {
    Buffer buffer = scratch.make(llvm::cast<RankedTensorType>(init.getType()));
    emitStore(init, buffer);
    buffers[carry] = buffer;
    buffers[result] = buffer;
    kept.insert(buffer.memory);
  }
  // The values that may take their carry's place, each by the group that makes it.
  llvm::SmallVector<std::pair<Value, Buffer>> copied;
  llvm::SmallPtrSet<Value, 4> placed;
  for (auto [next, carry] : llvm::zip(op.getYield()->getOperands(), op.getCarries())) {
    if (next == carry)
      continue;
    Operation *maker = next.getDefiningOp();
    auto group = maker && maker->getBlock() == &block ? schedule.groupOf.find(maker) : schedule.groupOf.end();
    llvm::SmallPtrSet<Operation *, 8> seen;
    bool single = llvm::isa_and_nonnull<ProductOp, CombineOp>(maker) || (maker && isPointwise(maker));
    bool inPlace = group != schedule.groupOf.end() && single && !placed.contains(next) &&
                   isLastUse(carry, group->second, schedule, block);
    if (auto product = llvm::dyn_cast_or_null<ProductOp>(maker); inPlace && product)
      inPlace = !product.getAcc() || staysInPlace(product.getAcc(), carry, seen);
    else if (inPlace && isPointwise(maker))
      inPlace = staysInPlace(next, carry, seen);
    if (inPlace) {
      placed.insert(next);
      places[next] = buffers[carry];
    } else {
      copied.push_back({next, buffers[carry]});
    }
  }

  Value from = scalars.lookupOrDefault(op.getFrom()), to = scalars.lookupOrDefault(op.getTo());
  auto step = index(op.getStep());
  auto loop = scf::ForOp::create(b, from, to, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  Value at = loop.getInductionVar();
  if (op.getOrder() == Order::Down) {
    // The last tile begins at from + (ceil((to - from) / step) - 1) * step.
    Value trips = arith::CeilDivSIOp::create(b, arith::SubIOp::create(b, to, from), step);
    Value last = arith::MulIOp::create(b, arith::SubIOp::create(b, trips, index(1)), step);
    at = arith::SubIOp::create(b, arith::AddIOp::create(b, arith::AddIOp::create(b, from, last), from), at);
  }
  scalars.map(op.getPosition(), at);
  if (failed(emitGroups(block, schedule)))
    return failure();
  // What is a carry itself, or used by another, is set aside before any is overwritten.
  llvm::SmallVector<std::pair<Buffer, Buffer>> moves;
  for (auto &[next, into] : copied) {
    if (llvm::isa<BlockArgument>(next) && buffers.contains(next)) {
      Buffer aside = scratch.make(llvm::cast<RankedTensorType>(next.getType()));
      emitStore(next, aside);
      moves.push_back({aside, into});
    }
  }
  unsigned moved = 0;
  for (auto &[next, into] : copied) {
    if (llvm::isa<BlockArgument>(next) && buffers.contains(next)) {
      Buffer saved = buffers[next];
      buffers[next] = moves[moved++].first;
      emitStore(next, into);
      buffers[next] = saved;
      continue;
    }
    emitStore(next, into);
  }
  return success();
}

} // namespace ssm::tile
