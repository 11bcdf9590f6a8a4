//===- Scopes.cpp - loops, and what is hoisted out of them ------------------===//
#include "Lowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::tile {

void Scopes::goTo(unsigned depth) {
  Scope &scope = scopes[depth];
  if (scope.before)
    b.setInsertionPoint(scope.before);
  else
    b.setInsertionPoint(scope.block, scope.end);
}

void Scopes::enter(llvm::ArrayRef<Value> indices, llvm::function_ref<void()> body) {
  Block *block = b.getInsertionBlock();
  if (!scopes.empty())
    scopes.back().before = block->getParentOp();
  scopes.push_back({block, nullptr, b.getInsertionPoint(), {}});
  for (Value index : indices)
    depths[index] = depth();
  body();
  scopes.pop_back();
  if (!scopes.empty())
    scopes.back().before = nullptr;
}

void Scopes::isolate(llvm::function_ref<void()> body) {
  llvm::SmallVector<Scope, 8> outer;
  llvm::DenseMap<Value, unsigned> known;
  std::swap(outer, scopes);
  std::swap(known, depths);
  scopes.push_back({b.getInsertionBlock(), nullptr, b.getInsertionPoint(), {}});
  body();
  goTo(0);
  std::swap(outer, scopes);
  std::swap(known, depths);
}

Buffer Scratch::make(RankedTensorType tile) {
  Buffer buffer;
  buffer.dims = getDims(tile);
  llvm::SmallVector<int64_t> shape(tile.getShape());
  if (!shape.empty())
    shape.back() = llvm::alignTo(shape.back(), lanesFor(shape.back(), widest));
  Type element = tile.getElementType();
  if (element.isInteger(1)) // masks lie in memory as bytes
    element = IntegerType::get(element.getContext(), 8);
  auto type = MemRefType::get(shape, element);
  if (auto known = unused.find(type); known != unused.end() && !known->second.empty()) {
    buffer.memory = known->second.pop_back_val();
    return buffer;
  }
  OpBuilder b = OpBuilder::atBlockBegin(entry);
  Location loc = entry->getParentOp()->getLoc();
  buffer.memory = memref::AllocaOp::create(b, loc, type, b.getI64IntegerAttr(64));
  total += llvm::alignTo(type.getNumElements() * std::max(element.getIntOrFloatBitWidth() / 8, 1u), 64);
  return buffer;
}

void forRange(Lowering &lowering, int64_t begin, int64_t end, int64_t step, ValueRange carried,
              llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)> body,
              llvm::SmallVectorImpl<Value> &results) {
  if (begin + step >= end && begin < end) { // once
    lowering.scopes.goTo(lowering.scopes.depth());
    results = body(lowering.index(begin), carried);
    return;
  }
  forRange(lowering, begin, lowering.index(end), step, carried, body, results);
}

void forRange(Lowering &lowering, int64_t begin, Value end, int64_t step, ValueRange carried,
              llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)> body,
              llvm::SmallVectorImpl<Value> &results) {
  ImplicitLocOpBuilder &b = lowering.b;
  lowering.scopes.goTo(lowering.scopes.depth());
  auto loop = scf::ForOp::create(b, lowering.index(begin), end, lowering.index(step), carried);
  b.setInsertionPointToStart(loop.getBody());
  lowering.scopes.enter({loop.getInductionVar()}, [&] {
    llvm::SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    lowering.scopes.goTo(lowering.scopes.depth());
    if (!carried.empty())
      scf::YieldOp::create(b, next);
  });
  b.setInsertionPointAfter(loop);
  results.assign(loop.getResults().begin(), loop.getResults().end());
}

} // namespace ssm::tile
