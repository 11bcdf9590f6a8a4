//===- Memory.cpp - views of global memory, fills, counters -----------------===//
#include "Memory.h"
#include "Ring.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

LogicalResult lowerGlobal(GlobalOp op, Lowering &l) {
  auto from = cast<GlobalType>(op.getSource().getType());
  Values source = l.of(op.getSource()), view;
  int64_t bytes = from.getElementType().getIntOrFloatBitWidth() / 8, rank = from.getRank();
  Value at = source[0];
  for (auto [i, offset] : llvm::enumerate(op.getMixedOffsets()))
    if (Lowering::constantOf(offset) != 0)
      at = l.add(at, l.mul(elementOffset(l.valueOf(offset), source[1 + rank + i], l), bytes));
  view.push_back(at);
  for (OpFoldResult size : op.getMixedSizes())
    view.push_back(l.valueOf(size));
  for (OpFoldResult stride : op.getMixedStrides()) {
    if (std::optional<int64_t> known = Lowering::constantOf(stride))
      view.push_back(arith::ConstantOp::create(l.b, l.b.getI64IntegerAttr(*known)));
    else
      view.push_back(l.widen(l.valueOf(stride)));
  }
  l.bind(op.getView(), view);
  return success();
}

LogicalResult lowerPresent(PresentOp op, Lowering &l) {
  Value null = arith::ConstantOp::create(l.b, l.b.getI64IntegerAttr(0));
  l.bind(op.getResult(), {l.compare(arith::CmpIPredicate::ne, l.of(op.getSource()).front(), null)});
  return success();
}

/// 32 bits of a constant, over and over.
FailureOr<int64_t> wordOf(Attribute value, Operation *op) {
  if (auto real = dyn_cast<FloatAttr>(value)) {
    APInt bits = real.getValue().bitcastToAPInt();
    uint64_t word = bits.getZExtValue();
    if (bits.getBitWidth() == 16)
      word |= word << 16;
    if (bits.getBitWidth() <= 32)
      return int64_t(int32_t(word));
  } else if (auto integer = dyn_cast<IntegerAttr>(value); integer && integer.getType().isInteger(32)) {
    return integer.getInt();
  }
  return op->emitOpError("fills with a constant that is not 16 or 32 bits wide");
}

LogicalResult lowerFill(FillOp op, Lowering &l) {
  FailureOr<int64_t> word = wordOf(op.getValue(), op);
  if (failed(word))
    return failure();
  Value from;
  int64_t bytes;
  if (auto ring = dyn_cast<RingType>(op.getTarget().getType())) {
    from = l.add(l.sharedBase, int64_t(*ringOf(op.getTarget()).getData()));
    bytes = ring.getBytes();
  } else {
    from = l.single(op.getTarget());
    bytes = cast<SmemType>(op.getTarget().getType()).getBytes();
  }
  Value constant = l.constant(*word);
  int64_t unit = bytes % 16 ? 4 : 16;
  if (bytes % unit)
    return op.emitOpError("fills ") << bytes << " bytes, which is no multiple of 4";
  // All threads go round equally often: ptxas takes what follows a loop that depends on
  // the thread for divergent, and gives up on uniform registers everywhere after it.
  Value mine = l.add(from, l.mul(l.scope.thread, unit));
  Values words(unit / 4, constant);
  int64_t round = unit * l.scope.threads, rounds = bytes / round, rest = bytes % round;
  if (rounds <= 32) {
    for (int64_t i = 0; i < rounds; ++i)
      l.ptx.storeShared({mine, i * round}, words);
  } else {
    auto loop = scf::ForOp::create(l.b, l.constant(int64_t(0)), l.constant(rounds * round), l.constant(round));
    OpBuilder::InsertionGuard guard(l.b);
    l.b.setInsertionPointToStart(loop.getBody());
    l.ptx.storeShared({l.add(mine, loop.getInductionVar())}, words);
  }
  if (rest) {
    Value some = l.compare(arith::CmpIPredicate::slt, l.scope.thread, l.constant(rest / unit));
    l.ptx.storeShared({mine, rounds * round}, words, some);
  }
  return success();
}

LogicalResult lowerAtomicAdd(AtomicAddOp op, Lowering &l) {
  auto type = cast<GlobalType>(op.getTarget().getType());
  Values parts = l.of(op.getTarget());
  Value at = parts[0];
  for (auto [i, offset] : llvm::enumerate(op.getMixedOffsets()))
    at = l.add(at, l.mul(elementOffset(l.valueOf(offset), parts[1 + type.getRank() + i], l), 4));
  Value pointer = LLVM::IntToPtrOp::create(l.b, LLVM::LLVMPointerType::get(l.b.getContext(), 1), at);
  Value old = LLVM::AtomicRMWOp::create(l.b, LLVM::AtomicBinOp::add, pointer, l.single(op.getValue()),
                                        LLVM::AtomicOrdering::monotonic, "device");
  l.bind(op.getResult(), {old});
  return success();
}

} // namespace

void addMemoryLowerings(LoweringTable &table) {
  table.add<GlobalOp, lowerGlobal>();
  table.add<PresentOp, lowerPresent>();
  table.add<FillOp, lowerFill>();
  table.add<AtomicAddOp, lowerAtomicAdd>();
  addLoadStoreLowerings(table);
}

} // namespace ssm::tile::gpu
