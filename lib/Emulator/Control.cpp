//===- Control.cpp - operations with regions, calls, and the step -----------===//
#include "Machine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::emulator {

/// The rows of a tile that a warp of a warpgroup has: 16 of each 64.
static Datum rowsOf(const Datum &datum, RankedTensorType type, int64_t warp) {
  if (datum.kind == Datum::Kind::Warps)
    return datum.warps[warp];
  auto layout = tile::layoutOf(type);
  if (datum.kind != Datum::Kind::Tile || !isa<tile::AccAttr, tile::PartAttr, tile::RowAttr, tile::QuadAttr>(layout))
    return datum;
  unsigned axis = type.getRank() - tile::layoutRank(layout);
  int64_t rows = type.getDimSize(axis), outer = 1, inner = 1;
  for (unsigned i = 0; i < axis; ++i)
    outer *= type.getDimSize(i);
  for (unsigned i = axis + 1; i < type.getRank(); ++i)
    inner *= type.getDimSize(i);
  TileValue part;
  part.shape.assign(type.getShape().begin(), type.getShape().end());
  part.shape[axis] = rows / 4;
  part.isFloat = datum.tile->isFloat;
  auto take = [&](const auto &from, auto &to) {
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t r = 0; r < rows; ++r)
        if (r % 64 / 16 == warp)
          to.insert(to.end(), from.begin() + (o * rows + r) * inner, from.begin() + (o * rows + r + 1) * inner);
  };
  if (part.isFloat)
    take(datum.tile->floats, part.floats);
  else
    take(datum.tile->integers, part.integers);
  return Datum::ofTile(std::move(part));
}

/// The other way: what the four warps yielded as the warpgroup's value.
static Datum together(std::vector<Datum> parts, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto layout = tensor ? tile::layoutOf(tensor) : Attribute();
  if (!tensor || !isa<tile::AccAttr, tile::PartAttr, tile::RowAttr, tile::QuadAttr>(layout)) {
    if (isa<tile::WarpsType>(type)) {
      Datum datum;
      datum.kind = Datum::Kind::Warps;
      datum.warps = std::move(parts);
      return datum;
    }
    return parts.front();
  }
  unsigned axis = tensor.getRank() - tile::layoutRank(layout);
  int64_t rows = tensor.getDimSize(axis), outer = 1, inner = 1;
  for (unsigned i = 0; i < axis; ++i)
    outer *= tensor.getDimSize(i);
  for (unsigned i = axis + 1; i < tensor.getRank(); ++i)
    inner *= tensor.getDimSize(i);
  TileValue whole = TileValue::of(tensor);
  auto put = [&](auto member) {
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t r = 0; r < rows; ++r) {
        const auto &from = (*parts[r % 64 / 16].tile).*member;
        int64_t row = o * (rows / 4) + r / 64 * 16 + r % 16;
        std::copy_n(from.begin() + row * inner, inner, (whole.*member).begin() + (o * rows + r) * inner);
      }
  };
  if (whole.isFloat)
    put(&TileValue::floats);
  else
    put(&TileValue::integers);
  return Datum::ofTile(std::move(whole));
}

Machine::Step Machine::split(Core &core, tile::PerWarpOp op, int64_t warp) {
  Frame &frame = core.frames.back();
  frame.induction = warp;
  frame.next = frame.block->begin();
  core.warp = warp;
  set(core, frame.block->getArgument(0), Datum::ofScalar(warp));
  for (auto [argument, input] : llvm::zip(frame.block->getArguments().drop_front(), op.getInputs()))
    set(core, argument, rowsOf(value(core, input), dyn_cast<RankedTensorType>(input.getType()), warp));
  return Step::Done;
}

/// The end of a block: what its owner does with the values.
Machine::Step Machine::leave(Core &core, Operation *terminator) {
  Frame &frame = core.frames.back();
  Operation *owner = frame.owner;
  std::vector<Datum> values = valuesOf(core, terminator->getOperands());
  auto finish = [&](ArrayRef<Datum> results) {
    core.frames.pop_back();
    for (auto [result, datum] : llvm::zip(owner->getResults(), results))
      set(core, result, datum);
    return Step::Done;
  };
  if (auto loop = dyn_cast<scf::ForOp>(owner)) {
    frame.induction += frame.step;
    if (frame.induction >= frame.upper)
      return finish(values);
    set(core, loop.getInductionVar(), Datum::ofScalar(frame.induction));
    for (auto [argument, datum] : llvm::zip(loop.getRegionIterArgs(), values))
      set(core, argument, datum);
    frame.next = frame.block->begin();
    return Step::Done;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(owner)) {
    Block *to = loop.getBeforeBody();
    if (isa<scf::ConditionOp>(terminator)) {
      bool again = values.front().scalar;
      values.erase(values.begin());
      if (!again)
        return finish(values);
      to = loop.getAfterBody();
    }
    for (auto [argument, datum] : llvm::zip(to->getArguments(), values))
      set(core, argument, datum);
    frame.block = to;
    frame.next = to->begin();
    return Step::Done;
  }
  if (auto warps = dyn_cast<tile::PerWarpOp>(owner)) {
    frame.gathered.push_back(std::move(values));
    if (frame.gathered.size() < core.warps.size())
      return split(core, warps, frame.gathered.size());
    core.warp = -1;
    std::vector<Datum> results;
    for (auto [i, result] : llvm::enumerate(warps.getResults())) {
      std::vector<Datum> parts;
      for (std::vector<Datum> &of : frame.gathered)
        parts.push_back(of[i]);
      results.push_back(together(std::move(parts), result.getType()));
    }
    return finish(results);
  }
  if (isa<tile::RoleOp>(owner)) {
    if (!core.products.empty())
      return fault(core, terminator, "ends with a product in flight");
    if (!core.bulk.empty())
      return fault(core, terminator, "ends with a bulk store that it has not waited for");
  }
  return finish(values); // scf.if, a call, a role
}

Machine::Step Machine::step(Core &core) {
  Frame &frame = core.frames.back();
  Operation *op = &*frame.next;
  if (core.warps.empty() && isa<tile::RoleOp>(op)) { // a prologue
    core.frames.clear();
    return Step::Done;
  }
  if (op->hasTrait<OpTrait::IsTerminator>())
    return leave(core, op);

  Step result = Step::Done;
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    ++frame.next;
    std::vector<Datum> inits = valuesOf(core, loop.getInitArgs());
    int64_t lower = value(core, loop.getLowerBound()).scalar, upper = value(core, loop.getUpperBound()).scalar;
    if (lower >= upper) {
      for (auto [r, datum] : llvm::zip(loop.getResults(), inits))
        set(core, r, datum);
      return Step::Done;
    }
    int64_t by = value(core, loop.getStep()).scalar;
    set(core, loop.getInductionVar(), Datum::ofScalar(lower));
    for (auto [argument, datum] : llvm::zip(loop.getRegionIterArgs(), inits))
      set(core, argument, datum);
    core.frames.push_back({op, loop.getBody(), loop.getBody()->begin(), lower, upper, by});
    return Step::Done;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    ++frame.next;
    enter(core, op, *loop.getBeforeBody(), valuesOf(core, loop.getInits()));
    return Step::Done;
  }
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    ++frame.next;
    bool taken = value(core, branch.getCondition()).scalar;
    if (taken)
      enter(core, op, *branch.thenBlock(), {});
    else if (branch.elseBlock())
      enter(core, op, *branch.elseBlock(), {});
    return Step::Done;
  }
  if (auto call = dyn_cast<func::CallOp>(op)) {
    ++frame.next;
    auto callee = launch.symbols->lookup<func::FuncOp>(call.getCallee());
    enter(core, op, callee.getBody().front(), valuesOf(core, call.getOperands()));
    return Step::Done;
  }
  if (auto warps = dyn_cast<tile::PerWarpOp>(op)) {
    ++frame.next;
    Block &body = warps.getBody().front();
    core.frames.push_back({op, &body, body.begin()});
    return split(core, warps, 0);
  }
  for (auto family : {runElementwise, runShape, runMemory, runSync, runCopy, runMma})
    if (Handled handled = family(*this, core, op)) {
      result = *handled;
      if (result == Step::Done)
        ++frame.next;
      return result;
    }
  return fault(core, op, "meets '" + op->getName().getStringRef() + "', which the emulator does not know");
}

} // namespace ssm::emulator
