//===- Structure.cpp - loops, branches and scalar indices -------------------===//
#include "Lowering.h"

#include "ssm/Tile/AffineArith.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

/// Lowers a region's block into an emptied one whose arguments are there already, and
/// ends it with what `finish` makes of the terminator's operands.
template <typename Finish>
LogicalResult lowerInto(Block &from, Block *to, Lowering &l, Finish finish) {
  OpBuilder::InsertionGuard guard(l.b);
  l.b.setInsertionPointToEnd(to);
  if (failed(l.lowerBody(from)))
    return failure();
  l.b.setLoc(from.getTerminator()->getLoc());
  return finish();
}

/// A new block with the registers of another's arguments.
Block *addBlock(Region &region, Block &like, Lowering &l) {
  Block *block = &region.emplaceBlock();
  for (BlockArgument argument : like.getArguments()) {
    Values registers;
    for (Type type : l.types(argument.getType()))
      registers.push_back(block->addArgument(type, argument.getLoc()));
    l.bind(argument, registers);
  }
  return block;
}

LogicalResult lowerFor(scf::ForOp op, Lowering &l) {
  OperationState state(op.getLoc(), scf::ForOp::getOperationName());
  Values init = l.flat(op.getInitArgs());
  state.addOperands({l.single(op.getLowerBound()), l.single(op.getUpperBound()), l.single(op.getStep())});
  state.addOperands(init);
  state.addTypes(l.types(op.getInitArgs().getTypes()));
  state.addRegion();
  auto loop = cast<scf::ForOp>(l.b.create(state));
  Block *body = addBlock(loop.getRegion(), *op.getBody(), l);
  if (failed(lowerInto(*op.getBody(), body, l, [&] {
        scf::YieldOp::create(l.b, l.flat(op.getBody()->getTerminator()->getOperands()));
        return success();
      })))
    return failure();
  l.bindFlat(op.getResults(), loop.getResults());
  return success();
}

LogicalResult lowerWhile(scf::WhileOp op, Lowering &l) {
  OperationState state(op.getLoc(), scf::WhileOp::getOperationName());
  state.addOperands(l.flat(op.getInits()));
  state.addTypes(l.types(op.getResultTypes()));
  state.addRegion();
  state.addRegion();
  auto loop = cast<scf::WhileOp>(l.b.create(state));
  Block *before = addBlock(loop.getBefore(), *op.getBeforeBody(), l);
  if (failed(lowerInto(*op.getBeforeBody(), before, l, [&] {
        scf::ConditionOp::create(l.b, l.single(op.getConditionOp().getCondition()), l.flat(op.getConditionOp().getArgs()));
        return success();
      })))
    return failure();
  Block *after = addBlock(loop.getAfter(), *op.getAfterBody(), l);
  if (failed(lowerInto(*op.getAfterBody(), after, l, [&] {
        scf::YieldOp::create(l.b, l.flat(op.getAfterBody()->getTerminator()->getOperands()));
        return success();
      })))
    return failure();
  l.bindFlat(op.getResults(), loop.getResults());
  return success();
}

LogicalResult lowerIf(scf::IfOp op, Lowering &l) {
  OperationState state(op.getLoc(), scf::IfOp::getOperationName());
  state.addOperands(l.single(op.getCondition()));
  state.addTypes(l.types(op.getResultTypes()));
  state.addRegion();
  state.addRegion();
  auto branch = cast<scf::IfOp>(l.b.create(state));
  for (auto [from, to] : {std::pair<Region *, Region *>{&op.getThenRegion(), &branch.getThenRegion()},
                          {&op.getElseRegion(), &branch.getElseRegion()}}) {
    if (from->empty())
      continue;
    if (failed(lowerInto(from->front(), addBlock(*to, from->front(), l), l, [&] {
          scf::YieldOp::create(l.b, l.flat(from->front().getTerminator()->getOperands()));
          return success();
        })))
      return failure();
  }
  l.bindFlat(op.getResults(), branch.getResults());
  return success();
}

LogicalResult lowerPoison(ub::PoisonOp op, Lowering &l) {
  Values registers;
  for (Type type : l.types(op.getType()))
    registers.push_back(ub::PoisonOp::create(l.b, type));
  if (registers.empty()) { // of a tile that the prologue's threads could not hold
    auto flight = dyn_cast<FlightType>(op.getType());
    Type tile = flight ? Type(flight.getTile()) : op.getType();
    if (isRegisterTile(tile)) {
      Type element = getElementTypeOrSelf(tile);
      registers.push_back(ub::PoisonOp::create(l.b, isHalf(element) ? l.b.getI32Type() : element));
    }
  }
  l.bind(op.getResult(), registers);
  return success();
}

LogicalResult lowerConstant(arith::ConstantOp op, Lowering &l) {
  if (!isRegisterTile(op.getType()))
    return lowerScalar(op, l);
  auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
  if (!splat)
    return op.emitOpError("is a tile whose elements differ; only one value for all of them is a constant here");
  auto tile = cast<RankedTensorType>(op.getType());
  Value one;
  if (isHalf(tile.getElementType())) {
    uint64_t bits = splat.getSplatValue<APFloat>().bitcastToAPInt().getZExtValue();
    one = l.constant(int64_t(int32_t(bits << 16 | bits)));
  } else {
    one = arith::ConstantOp::create(l.b, cast<TypedAttr>(splat.getSplatValue<Attribute>()));
  }
  l.bind(op.getResult(), Values(std::max<size_t>(1, l.types(tile).size()), one));
  return success();
}

} // namespace

Value lowerAffine(AffineExpr expression, ValueRange dims, ValueRange symbols, Lowering &l) {
  return expandAffine(l.b, expression, dims, symbols, l.b.getI32Type());
}

template <typename Op, Value (*Divide)(ImplicitLocOpBuilder &, Value, Value)>
static LogicalResult lowerDivision(Op op, Lowering &l) {
  if (isRegisterTile(op.getType()))
    return lowerElementwise(op, l);
  l.bind(op.getResult(), {Divide(l.b, l.single(op.getLhs()), l.single(op.getRhs()))});
  return success();
}

void addStructureLowerings(LoweringTable &table) {
  table.add<scf::ForOp, lowerFor>();
  table.add<scf::WhileOp, lowerWhile>();
  table.add<scf::IfOp, lowerIf>();
  table.add<ub::PoisonOp, lowerPoison>();
  table.add<arith::ConstantOp, lowerConstant>();
  table.add<arith::FloorDivSIOp, lowerDivision<arith::FloorDivSIOp, floorDivide>>();
  table.add<arith::CeilDivSIOp, lowerDivision<arith::CeilDivSIOp, ceilDivide>>();
}

} // namespace ssm::tile::gpu
