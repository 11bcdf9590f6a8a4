//===- HalvesToBits.cpp - the pass ssm-halves-to-bits -----------------------===//
//
//   %x = llvm.load %p : !llvm.ptr -> vector<16xbf16>;  %y = llvm.fpext %x
// becomes
//   %x = llvm.load %p : !llvm.ptr -> vector<16xi16>;   %y = bitcast (zext %x << 16)
//
// Where the processor has no registers of a type of 16 bits, LLVM widens every load and
// shuffle of it to f32 and calls the C library to narrow it again, once an element.
// bf16 is always taken so where nothing computes with it; f16 where it is asked for,
// which is where there are no instructions that widen and narrow it.
//
//===----------------------------------------------------------------------===//
#include "../SsmToLinalg/Functions.h"
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace ssm {
namespace {

/// One of the types, wherever it is found.
class Half {
public:
  explicit Half(FloatType type) : type(type) {}

  bool is(Type other) const { return getElementTypeOrSelf(other) == type; }

  /// Whether an operation takes the type for a number, where most only move it.
  bool isComputedBy(Operation *op) const {
    auto is = [&](Type other) { return this->is(other); };
    if (llvm::none_of(op->getOperandTypes(), is) && llvm::none_of(op->getResultTypes(), is))
      return false;
    if (llvm::isa<LLVM::FPExtOp, LLVM::FPTruncOp, LLVM::SelectOp>(op))
      return false;
    return llvm::isa<LLVM::FastmathFlagsInterface, LLVM::CallIntrinsicOp, LLVM::SIToFPOp, LLVM::UIToFPOp, LLVM::FPToSIOp,
                     LLVM::FPToUIOp>(op) ||
           !llvm::isa<LLVM::LLVMDialect>(op->getDialect());
  }

  /// Widening and narrowing by arithmetic on the bits.
  void convert(Operation *op) const {
    bool widens = llvm::isa<LLVM::FPExtOp>(op) && is(op->getOperand(0).getType());
    bool narrows = llvm::isa<LLVM::FPTruncOp>(op) && is(op->getResult(0).getType());
    if (!widens && !narrows)
      return;
    OpBuilder b(op);
    op->getResult(0).replaceAllUsesWith(emitCast(b, op->getLoc(), op->getOperand(0), op->getResult(0).getType()));
    op->erase();
  }

  void retype(ModuleOp module) const {
    AttrTypeReplacer replacer;
    Type bits = IntegerType::get(module.getContext(), 16);
    replacer.addReplacement([&](FloatType other) -> std::optional<Type> {
      return other == type ? std::optional<Type>(bits) : std::nullopt;
    });
    replacer.addReplacement([&](FloatAttr attr) -> Attribute {
      return attr.getType() == type ? Attribute(IntegerAttr::get(bits, attr.getValue().bitcastToAPInt())) : attr;
    });
    replacer.addReplacement([&](DenseElementsAttr attr) -> Attribute {
      return attr.getElementType() == type ? attr.bitcast(bits) : attr;
    });
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
  }

private:
  FloatType type;
};

struct HalvesToBits : PassWrapper<HalvesToBits, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HalvesToBits)
  HalvesToBits(bool f16 = false) { this->f16 = f16; }
  HalvesToBits(const HalvesToBits &other) : PassWrapper(other) { f16 = other.f16; }
  StringRef getArgument() const override { return "ssm-halves-to-bits"; }
  StringRef getDescription() const override {
    return "In functions of the LLVM dialect that only move bf16 (and f16), widen and narrow it, it is whole numbers";
  }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<arith::ArithDialect, math::MathDialect>(); }

  void runOnOperation() override {
    run(Half(BFloat16Type::get(&getContext())));
    if (f16)
      run(Half(Float16Type::get(&getContext())));
  }

private:
  void run(const Half &half) {
    ModuleOp module = getOperation();
    // Dot products of bf16 are there for a processor that has the rest too.
    auto computed = [&](Operation *op) { return half.isComputedBy(op) ? WalkResult::interrupt() : WalkResult::advance(); };
    if (module.walk(computed).wasInterrupted())
      return;
    module.walk([&](Operation *op) { half.convert(op); });
    half.retype(module);
    // Where the bits are read, they now are what is read.
    module.walk([](arith::BitcastOp op) {
      if (op.getIn().getType() != op.getType())
        return;
      op.replaceAllUsesWith(op.getIn());
      op.erase();
    });
  }

  Option<bool> f16{*this, "f16", llvm::cl::desc("f16 too: the processor does not convert it"), llvm::cl::init(false)};
};

} // namespace

std::unique_ptr<Pass> createHalvesToBitsPass(bool f16) { return std::make_unique<HalvesToBits>(f16); }

} // namespace ssm
