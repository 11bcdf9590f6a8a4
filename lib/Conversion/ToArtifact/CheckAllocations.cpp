//===- CheckAllocations.cpp - the pass ssm-check-allocations ----------------===//
//
//   %p = llvm.call @malloc(%n)
// becomes
//   %p = llvm.call @malloc(%n)
//   llvm.cond_br %p == null && %n != 0, ^exit(%n), ^rest
//  ^exit(%size):
//   llvm.call @ssm_rt_fail("not enough memory for a temporary of %a bytes", %size, 0)
//   llvm.return
//
// What the function holds by then is freed before it returns: each allocation has
// a slot on the stack, null while it holds nothing.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ssm {
namespace {

class Checker {
public:
  explicit Checker(ModuleOp module) : module(module), pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  void check(LLVM::LLVMFuncOp function);

private:
  /// Gives every allocation a slot, unless a pointer is freed whose allocation is
  /// not plain to see: then what the function holds is lost where it fails.
  void makeSlots(LLVM::LLVMFuncOp function, ArrayRef<LLVM::CallOp> frees);
  /// The block that reports the size that it is given, frees and returns.
  Block *makeExit(LLVM::LLVMFuncOp function);
  void check(LLVM::CallOp call, Block *exit);
  LLVM::GlobalOp message();
  LLVM::LLVMFuncOp declared(StringRef name, ArrayRef<Type> arguments);

  ModuleOp module;
  Type pointer;
  llvm::MapVector<Operation *, Value> slots; // of the calls of malloc
};

LLVM::GlobalOp Checker::message() {
  constexpr StringLiteral name = "ssm_text_memory";
  if (auto known = module.lookupSymbol<LLVM::GlobalOp>(name))
    return known;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  constexpr char characters[] = "not enough memory for a temporary of %a bytes";
  StringRef text(characters, sizeof characters);
  auto type = LLVM::LLVMArrayType::get(top.getI8Type(), text.size());
  return LLVM::GlobalOp::create(top, module.getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Private, name,
                                top.getStringAttr(text));
}

LLVM::LLVMFuncOp Checker::declared(StringRef name, ArrayRef<Type> arguments) {
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(top.getContext()), arguments);
  return LLVM::LLVMFuncOp::create(top, module.getLoc(), name, type);
}

void Checker::makeSlots(LLVM::LLVMFuncOp function, ArrayRef<LLVM::CallOp> frees) {
  for (LLVM::CallOp free : frees)
    if (!slots.contains(free.getArgOperands()[0].getDefiningOp()))
      return slots.clear();
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockBegin(function.getLoc(), &function.getBody().front());
  Value one = LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(1));
  Value null = LLVM::ZeroOp::create(b, pointer);
  for (auto &[call, slot] : slots)
    slot = LLVM::AllocaOp::create(b, pointer, pointer, one);
  for (auto &[call, slot] : slots) {
    b.setInsertionPointAfterValue(slots.back().second);
    LLVM::StoreOp::create(b, null, slot);
    b.setInsertionPointAfter(call);
    LLVM::StoreOp::create(b, call->getResult(0), slot);
  }
  for (LLVM::CallOp free : frees) {
    b.setInsertionPoint(free);
    LLVM::StoreOp::create(b, null, slots[free.getArgOperands()[0].getDefiningOp()]);
  }
}

Block *Checker::makeExit(LLVM::LLVMFuncOp function) {
  Block *exit = &function.getBody().emplaceBlock();
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(function.getLoc(), exit);
  Value size = exit->addArgument(b.getI64Type(), function.getLoc());
  LLVM::LLVMFuncOp fail = declared("ssm_rt_fail", {pointer, b.getI64Type(), b.getI64Type()});
  Value zero = LLVM::ConstantOp::create(b, b.getI64Type(), b.getI64IntegerAttr(0));
  LLVM::CallOp::create(b, fail, ValueRange{LLVM::AddressOfOp::create(b, message()), size, zero});
  for (auto [call, slot] : slots)
    LLVM::CallOp::create(b, declared("free", {pointer}), ValueRange{LLVM::LoadOp::create(b, pointer, slot)});
  LLVM::ReturnOp::create(b, ValueRange{});
  return exit;
}

void Checker::check(LLVM::CallOp call, Block *exit) {
  Block *before = call->getBlock(), *rest = before->splitBlock(call->getNextNode());
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(call.getLoc(), before);
  Value address = call.getResult(), size = call.getArgOperands()[0];
  Value null = LLVM::ZeroOp::create(b, pointer);
  Value zero = LLVM::ConstantOp::create(b, size.getType(), b.getI64IntegerAttr(0));
  Value isNull = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, address, null);
  Value isAsked = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ne, size, zero);
  LLVM::CondBrOp::create(b, LLVM::AndOp::create(b, isNull, isAsked), exit, size, rest, ValueRange{});
}

void Checker::check(LLVM::LLVMFuncOp function) {
  slots.clear();
  SmallVector<LLVM::CallOp> allocations, frees;
  function.walk([&](LLVM::CallOp call) {
    if (call.getCallee() == "malloc") {
      allocations.push_back(call);
      slots.insert({call, Value()});
    } else if (call.getCallee() == "free") {
      frees.push_back(call);
    }
  });
  if (allocations.empty() || !llvm::isa<LLVM::LLVMVoidType>(function.getFunctionType().getReturnType()))
    return;
  makeSlots(function, frees);
  Block *exit = makeExit(function);
  for (LLVM::CallOp call : allocations)
    check(call, exit);
}

struct CheckAllocations : PassWrapper<CheckAllocations, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckAllocations)
  StringRef getArgument() const override { return "ssm-check-allocations"; }
  StringRef getDescription() const override { return "Fail the call where there is no memory for a temporary"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<LLVM::LLVMDialect>(); }

  void runOnOperation() override {
    Checker checker(getOperation());
    SmallVector<LLVM::LLVMFuncOp> functions(getOperation().getOps<LLVM::LLVMFuncOp>());
    for (LLVM::LLVMFuncOp function : functions)
      if (!function.isExternal())
        checker.check(function);
  }
};

} // namespace

std::unique_ptr<Pass> createCheckAllocationsPass() { return std::make_unique<CheckAllocations>(); }

} // namespace ssm
