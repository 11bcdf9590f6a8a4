//===- OwnResults.cpp - a kernel for every result ---------------------------===//
//
//   return %x, %k, %k   %x an argument, %k what a kernel makes
// becomes
//   %x' = ssm.kernel(%x) { yield } ; %k' = ssm.kernel(%k) { yield } ; return %x', %k, %k'
//
// A GPU's entry only launches kernels: what it returns as it got it, or twice, is a copy
// that a kernel makes too.
//
//===----------------------------------------------------------------------===//
#include "MakeKernels.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace ssm {

/// What lies in memory under other names of its dimensions.
static Value inMemory(Value value) {
  while (llvm::isa_and_nonnull<JoinOp, RenameOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

void giveResultsKernels(func::FuncOp function) {
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  unsigned number = std::distance(block.getOps<KernelOp>().begin(), block.getOps<KernelOp>().end());
  llvm::SmallPtrSet<Value, 8> returned;
  for (OpOperand &operand : end->getOpOperands()) {
    Value value = operand.get(), memory = inMemory(value);
    if (memory.getDefiningOp<KernelOp>() && returned.insert(memory).second)
      continue;
    ImplicitLocOpBuilder b(end->getLoc(), end);
    std::string name = (function.getName() + "." + Twine(number++)).str();
    auto kernel = KernelOp::create(b, value.getType(), name, ValueRange(value), PlanAttr(), LedgerAttr());
    Block &body = kernel.getBody().emplaceBlock();
    b.setInsertionPointToStart(&body);
    YieldOp::create(b, Value(body.addArgument(value.getType(), value.getLoc())));
    operand.set(kernel.getOutputs()[0]);
  }
}

} // namespace ssm
