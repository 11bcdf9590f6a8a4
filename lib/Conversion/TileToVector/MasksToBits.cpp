//===- MasksToBits.cpp - the pass ssm-masks-to-bits --------------------------===//
//
// A mask of the first lanes, where masks have registers of their own: the bits of a
// number, made by the scalar units and once where it does not change. As a comparison of
// vectors it takes the units that multiply, and LLVM puts it back into the loop that it
// was hoisted out of.
//
//===----------------------------------------------------------------------===//
#include "ssm/Conversion/TileToVector.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace ssm {
namespace {

struct MasksToBits : PassWrapper<MasksToBits, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MasksToBits)
  StringRef getArgument() const override { return "ssm-masks-to-bits"; }
  StringRef getDescription() const override { return "Masks of the first lanes as the bits of numbers"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, vector::VectorDialect>();
  }

  void runOnOperation() override {
    SmallVector<vector::CreateMaskOp> masks;
    getOperation().walk([&](vector::CreateMaskOp op) {
      VectorType type = op.getType();
      int64_t lanes = type.getRank() == 1 && !type.isScalable() ? type.getNumElements() : 0;
      if (lanes == 8 || lanes == 16 || lanes == 32)
        masks.push_back(op);
    });
    for (vector::CreateMaskOp op : masks) {
      ImplicitLocOpBuilder b(op.getLoc(), op);
      int64_t lanes = op.getType().getNumElements();
      auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 64); };
      Value count = arith::IndexCastOp::create(b, b.getI64Type(), op.getOperand(0));
      count = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, count, constant(0)), constant(lanes));
      Value bits = arith::SubIOp::create(b, arith::ShLIOp::create(b, constant(1), count), constant(1));
      Type word = b.getIntegerType(lanes);
      bits = arith::TruncIOp::create(b, word, bits);
      bits = vector::BroadcastOp::create(b, VectorType::get(1, word), bits);
      op.replaceAllUsesWith(vector::BitCastOp::create(b, op.getType(), bits).getResult());
      op.erase();
    }
  }
};

} // namespace

std::unique_ptr<Pass> createMasksToBitsPass() { return std::make_unique<MasksToBits>(); }

} // namespace ssm
