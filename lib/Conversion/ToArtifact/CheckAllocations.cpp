//===- CheckAllocations.cpp - the pass ssm-check-allocations ----------------===//
//
//   %p = llvm.call @malloc(%n)
// becomes
//   %p = llvm.call @malloc(%n)
//   llvm.cond_br %p == null && %n != 0, ^none, ^rest
//  ^none:
//   llvm.call @ssm_rt_fail("not enough memory for a temporary of %a bytes", %n, 0)
//   llvm.return
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {
namespace {

struct CheckAllocations : PassWrapper<CheckAllocations, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckAllocations)
  StringRef getArgument() const override { return "ssm-check-allocations"; }
  StringRef getDescription() const override { return "Fail the call where there is no memory for a temporary"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<LLVM::LLVMDialect>(); }

  void runOnOperation() override {
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call.getCallee() == "malloc" && returnsNothing(call))
        calls.push_back(call);
    });
    for (LLVM::CallOp call : calls)
      check(call);
  }

private:
  static bool returnsNothing(LLVM::CallOp call) {
    auto function = call->getParentOfType<LLVM::LLVMFuncOp>();
    return function && llvm::isa<LLVM::LLVMVoidType>(function.getFunctionType().getReturnType());
  }

  LLVM::GlobalOp message() {
    constexpr StringLiteral name = "ssm_text_memory";
    if (auto known = getOperation().lookupSymbol<LLVM::GlobalOp>(name))
      return known;
    OpBuilder top = OpBuilder::atBlockBegin(getOperation().getBody());
    constexpr char characters[] = "not enough memory for a temporary of %a bytes";
    StringRef text(characters, sizeof characters);
    auto type = LLVM::LLVMArrayType::get(top.getI8Type(), text.size());
    return LLVM::GlobalOp::create(top, getOperation().getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Private, name,
                                  top.getStringAttr(text));
  }

  LLVM::LLVMFuncOp service() {
    constexpr StringLiteral name = "ssm_rt_fail";
    if (auto known = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name))
      return known;
    OpBuilder top = OpBuilder::atBlockBegin(getOperation().getBody());
    Type pointer = LLVM::LLVMPointerType::get(top.getContext()), i64 = top.getI64Type();
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(top.getContext()), {pointer, i64, i64});
    return LLVM::LLVMFuncOp::create(top, getOperation().getLoc(), name, type);
  }

  void check(LLVM::CallOp call) {
    LLVM::GlobalOp text = message();
    LLVM::LLVMFuncOp fail = service();
    Block *before = call->getBlock(), *rest = before->splitBlock(call->getNextNode());
    Block *none = new Block();
    none->insertBefore(rest);
    ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(call.getLoc(), before);
    Value address = call.getResult(), size = call.getArgOperands()[0];
    Value null = LLVM::ZeroOp::create(b, address.getType());
    Value zero = LLVM::ConstantOp::create(b, size.getType(), b.getI64IntegerAttr(0));
    Value isNull = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, address, null);
    Value isAsked = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ne, size, zero);
    LLVM::CondBrOp::create(b, LLVM::AndOp::create(b, isNull, isAsked), none, rest);
    b.setInsertionPointToStart(none);
    LLVM::CallOp::create(b, fail, ValueRange{LLVM::AddressOfOp::create(b, text), size, zero});
    LLVM::ReturnOp::create(b, ValueRange{});
  }
};

} // namespace

std::unique_ptr<Pass> createCheckAllocationsPass() { return std::make_unique<CheckAllocations>(); }

} // namespace ssm
