//===- Bf16ToBits.cpp - the pass ssm-bf16-to-bits ---------------------------===//
//
//   %x = llvm.load %p : !llvm.ptr -> vector<16xbf16>;  %y = llvm.fpext %x
// becomes
//   %x = llvm.load %p : !llvm.ptr -> vector<16xi16>;   %y = bitcast (zext %x << 16)
//
// Where the processor has no registers of bf16, LLVM widens every load and shuffle of
// it to f32 and calls the C library to narrow it again, once an element.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/ToArtifact.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {
namespace {

bool isBf16(Type type) { return getElementTypeOrSelf(type).isBF16(); }

Type withElement(Type type, Type element) {
  if (auto vector = llvm::dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

/// Whether an operation takes bf16 for a number, where most only move it.
bool computes(Operation *op) {
  if (llvm::none_of(op->getOperandTypes(), isBf16) && llvm::none_of(op->getResultTypes(), isBf16))
    return false;
  if (llvm::isa<LLVM::FPExtOp, LLVM::SelectOp>(op))
    return false;
  if (auto narrow = llvm::dyn_cast<LLVM::FPTruncOp>(op))
    return !getElementTypeOrSelf(narrow.getArg().getType()).isF32();
  return llvm::isa<LLVM::FastmathFlagsInterface, LLVM::CallIntrinsicOp, LLVM::SIToFPOp, LLVM::UIToFPOp, LLVM::FPToSIOp,
                   LLVM::FPToUIOp>(op) ||
         !llvm::isa<LLVM::LLVMDialect>(op->getDialect());
}

class Bits {
public:
  explicit Bits(Operation *op) : b(op->getLoc(), op) {}

  Value widen(LLVM::FPExtOp op) {
    Value x = op.getArg();
    Type wide = withElement(x.getType(), b.getI32Type()), single = withElement(x.getType(), b.getF32Type());
    Value bits = LLVM::ZExtOp::create(b, wide, LLVM::BitcastOp::create(b, withElement(x.getType(), b.getI16Type()), x));
    Value f32 = LLVM::BitcastOp::create(b, single, LLVM::ShlOp::create(b, bits, number(wide, 16)).getResult());
    return op.getType() == single ? f32 : LLVM::FPExtOp::create(b, op.getType(), f32).getResult();
  }

  /// To nearest, ties to even; a NaN stays one.
  Value narrow(LLVM::FPTruncOp op) {
    Value x = op.getArg();
    Type wide = withElement(x.getType(), b.getI32Type()), half = withElement(x.getType(), b.getI16Type());
    Value bits = LLVM::BitcastOp::create(b, wide, x);
    Value high = LLVM::LShrOp::create(b, bits, number(wide, 16));
    Value odd = LLVM::AndOp::create(b, high, number(wide, 1));
    Value up = LLVM::AddOp::create(b, bits, LLVM::AddOp::create(b, odd, number(wide, 0x7fff)).getResult());
    Value rounded = LLVM::LShrOp::create(b, up, number(wide, 16));
    Value quiet = LLVM::OrOp::create(b, high, number(wide, 0x40));
    Value isNan = LLVM::FCmpOp::create(b, LLVM::FCmpPredicate::uno, x, x);
    Value chosen = LLVM::SelectOp::create(b, isNan, quiet, rounded);
    return LLVM::BitcastOp::create(b, op.getType(), LLVM::TruncOp::create(b, half, chosen).getResult());
  }

private:
  Value number(Type type, int64_t value) {
    TypedAttr attr = b.getI32IntegerAttr(value);
    if (auto vector = llvm::dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, static_cast<int32_t>(value));
    return LLVM::ConstantOp::create(b, type, attr);
  }

  ImplicitLocOpBuilder b;
};

struct Bf16ToBits : PassWrapper<Bf16ToBits, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Bf16ToBits)
  StringRef getArgument() const override { return "ssm-bf16-to-bits"; }
  StringRef getDescription() const override {
    return "In functions of the LLVM dialect that only move bf16, and widen and narrow it, it is 16-bit whole numbers";
  }
  void runOnOperation() override {
    ModuleOp module = getOperation();
    // Dot products of bf16 are there for a processor that has the rest too.
    if (module.walk([](Operation *op) { return computes(op) ? WalkResult::interrupt() : WalkResult::advance(); })
            .wasInterrupted())
      return;
    module.walk([](Operation *op) {
      Value value;
      if (auto widen = llvm::dyn_cast<LLVM::FPExtOp>(op); widen && isBf16(widen.getArg().getType()))
        value = Bits(op).widen(widen);
      else if (auto narrow = llvm::dyn_cast<LLVM::FPTruncOp>(op); narrow && isBf16(narrow.getType()))
        value = Bits(op).narrow(narrow);
      if (!value)
        return;
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    });
    AttrTypeReplacer replacer;
    Type bits = IntegerType::get(&getContext(), 16);
    replacer.addReplacement([&](BFloat16Type) -> Type { return bits; });
    replacer.addReplacement([&](FloatAttr attr) -> Attribute {
      return attr.getType().isBF16() ? Attribute(IntegerAttr::get(bits, attr.getValue().bitcastToAPInt())) : attr;
    });
    replacer.addReplacement([&](DenseElementsAttr attr) -> Attribute {
      return attr.getElementType().isBF16() ? attr.bitcast(bits) : attr;
    });
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
  }
};

} // namespace

std::unique_ptr<Pass> createBf16ToBitsPass() { return std::make_unique<Bf16ToBits>(); }

} // namespace ssm
