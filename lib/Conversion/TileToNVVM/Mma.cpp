//===- Mma.cpp - products, their waits, and what holds a schedule -----------===//
//
// One asm statement a product (fence, all k-steps, commit). The accumulators' registers
// belong to the tensor cores until a wait names them; the wait passes them on, so that
// nothing which reads them can stand before it. The registers of an A operand are
// inputs of the wait that covers their product: nobody may reuse them before.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "ssm/Layout/Shared.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

Value lowWord(Value address, const layout::Descriptor &d, Lowering &l) {
  Value units = l.divide(address, 16);
  return arith::OrIOp::create(l.b, units, l.constant(d.leading << 16));
}

LogicalResult lowerMma(MmaOp op, Lowering &l) {
  auto memoryB = cast<SmemType>(op.getB().getType());
  WgmmaGroup group;
  group.blocks = op.getM() / 64;
  group.n = op.getN();
  group.element = memoryB.getElementType();
  group.transposeB = !op.getTb();
  layout::Descriptor b = layout::describe(memoryB, op.getTb(), op.getK(), group.n);
  group.lowB = lowWord(l.single(op.getB()), b, l);
  group.highB = b.high;
  group.offsetsB.assign(b.steps.begin(), b.steps.end());
  Values a, accumulators;
  if (op.isRegisterA()) {
    a = l.of(op.getA());
    group.registersA = a;
  } else {
    group.transposeA = op.getTa();
    layout::Descriptor d = layout::describe(cast<SmemType>(op.getA().getType()), !op.getTa(), op.getK(), op.getM());
    group.lowA = lowWord(l.single(op.getA()), d, l);
    group.highA = d.high;
    for (int64_t block : d.blocks) {
      group.offsetsA.emplace_back();
      for (int64_t step : d.steps)
        group.offsetsA.back().push_back(block + step);
    }
  }
  if (op.getAcc()) {
    accumulators = l.of(op.getAcc());
    group.accumulators = accumulators;
    if (op.getUnless())
      group.unless = l.single(op.getUnless());
  }
  l.bind(op.getResult(), l.ptx.wgmma(group));
  l.flying.push_back(a);
  return success();
}

/// The A registers of all groups but the last `groups`, of those that are seen here.
Values retired(int64_t groups, Lowering &l) {
  Values held;
  Block *here = l.b.getInsertionBlock();
  unsigned done = l.flying.size() > size_t(groups) ? l.flying.size() - groups : 0;
  for (const Values &registers : ArrayRef(l.flying).take_front(done))
    for (Value value : registers)
      if (value.getParentRegion()->isAncestor(here->getParent()))
        held.push_back(value);
  l.flying.erase(l.flying.begin(), l.flying.begin() + done);
  llvm::SmallDenseSet<Value> seen;
  llvm::erase_if(held, [&](Value value) { return !seen.insert(value).second; });
  return held;
}

LogicalResult lowerLand(LandOp op, Lowering &l) {
  Values landed = l.ptx.wgmmaWait(op.getGroups(), l.flat(op.getFlights()), retired(op.getGroups(), l));
  l.bindFlat(op.getTiles(), landed);
  return success();
}

LogicalResult lowerRetire(RetireOp op, Lowering &l) {
  l.ptx.wgmmaWait(op.getGroups(), {}, retired(op.getGroups(), l));
  return success();
}

LogicalResult lowerMmaSync(MmaSyncOp op, Lowering &l) {
  auto a = cast<RankedTensorType>(op.getA().getType()), b = cast<RankedTensorType>(op.getB().getType());
  if (l.scope.threads != 32)
    return op.emitOpError("is a warp's product; it stands in a warp's role or in tile.per_warp");
  int64_t blocks = a.getDimSize(0) / 16, steps = a.getDimSize(1) / 16, columns = b.getDimSize(1) / 8;
  Values rows = l.of(op.getA()), cols = l.of(op.getB()), sums = l.of(op.getAcc());
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t j = 0; j < columns; ++j)
      for (int64_t k = 0; k < steps; ++k) {
        unsigned at = (block * columns + j) * 4;
        Values next = l.ptx.mmaSync(ValueRange(rows).slice((block * steps + k) * 4, 4),
                                    ValueRange(cols).slice((k * columns + j) * 2, 2), ValueRange(sums).slice(at, 4),
                                    a.getElementType());
        llvm::copy(next, sums.begin() + at);
      }
  l.bind(op.getResult(), sums);
  return success();
}

LogicalResult lowerPin(PinOp op, Lowering &l) {
  Values values = l.flat(op.getInputs());
  if (op.getWho() == PinFor::Ptxas) {
    // Stands in the scratch word that every kernel keeps at the end of its shared memory.
    l.ptx.pinForPtxas(values, {l.sharedBase, l.scratch()});
    for (auto [output, input] : llvm::zip(op.getOutputs(), op.getInputs()))
      l.bind(output, l.of(input));
    return success();
  }
  l.bindFlat(op.getOutputs(), l.ptx.pinForLlvm(values));
  return success();
}

} // namespace

void addMmaLowerings(LoweringTable &table) {
  table.add<MmaOp, lowerMma>();
  table.add<LandOp, lowerLand>();
  table.add<RetireOp, lowerRetire>();
  table.add<MmaSyncOp, lowerMmaSync>();
  table.add<PinOp, lowerPin>();
}

} // namespace ssm::tile::gpu
