//===- DivideOnce.cpp - what all elements are divided by --------------------===//
//
// A division takes as long as ten multiplications. Where all elements of a tile have one
// divisor, made of sizes and numbers, they are multiplied by what it divides 1 to:
//
//   %s = tile.spread %d : tensor<f32> -> tensor<128x32xf32>;  %q = arith.divf %x, %s
//     =>
//   %r = arith.divf 1.0, %d;  %s = tile.spread %r;  %q = arith.mulf %x, %s
//
// A divisor that might be so small or large that 1 divided by it is no normal number
// stays one: it has to be a product of sizes, their roots and numbers.
//
//===----------------------------------------------------------------------===//
#include "Prepare.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// Powers of two that a value lies between.
struct Powers {
  double low, high;
};

std::optional<Powers> powersOf(Value value) {
  constexpr double largestSize = 48; // a size counts elements in memory
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (auto constant = llvm::dyn_cast<arith::ConstantOp>(op)) {
    auto dense = llvm::dyn_cast<DenseFPElementsAttr>(constant.getValue());
    if (!dense || !dense.isSplat() || dense.getSplatValue<APFloat>().isZero() || !dense.getSplatValue<APFloat>().isFinite())
      return std::nullopt;
    double power = ilogb(dense.getSplatValue<APFloat>());
    return Powers{power, power + 1};
  }
  if (auto spread = llvm::dyn_cast<SpreadOp>(op)) {
    if (spread.getOperand().getType().isIndex()) // where it is 0 there is nothing to divide
      return Powers{0, largestSize};
    return powersOf(spread.getOperand());
  }
  if (llvm::isa<arith::SIToFPOp, arith::TruncFOp, arith::ExtFOp>(op))
    return powersOf(op->getOperand(0));
  std::optional<Powers> x = llvm::isa<math::SqrtOp, arith::MulFOp, arith::DivFOp>(op) ? powersOf(op->getOperand(0)) : std::nullopt;
  if (!x)
    return std::nullopt;
  if (llvm::isa<math::SqrtOp>(op))
    return Powers{x->low / 2, x->high / 2};
  std::optional<Powers> y = powersOf(op->getOperand(1));
  if (!y)
    return std::nullopt;
  return llvm::isa<arith::MulFOp>(op) ? Powers{x->low + y->low, x->high + y->high} : Powers{x->low - y->high, x->high - y->low};
}

} // namespace

void divideOnce(ProgramOp program) {
  constexpr double normal = 120; // of f32
  llvm::SmallVector<arith::DivFOp> divisions;
  program.walk([&](arith::DivFOp op) { divisions.push_back(op); });
  for (arith::DivFOp op : divisions) {
    auto spread = op.getRhs().getDefiningOp<SpreadOp>();
    auto type = llvm::dyn_cast<RankedTensorType>(op.getType());
    if (!spread || !type || type.getRank() == 0 || !type.getElementType().isF32())
      continue;
    Value divisor = spread.getOperand();
    auto one = llvm::dyn_cast<RankedTensorType>(divisor.getType());
    std::optional<Powers> powers = one && one.getRank() == 0 ? powersOf(divisor) : std::nullopt;
    if (!powers || powers->low < -normal || powers->high > normal)
      continue;
    ImplicitLocOpBuilder b(op.getLoc(), program.getContext());
    b.setInsertionPointAfterValue(divisor);
    Value unit = arith::ConstantOp::create(b, DenseElementsAttr::get(one, b.getF32FloatAttr(1.0f)));
    Value inverse = arith::DivFOp::create(b, unit, divisor);
    b.setInsertionPoint(op);
    Value factors = SpreadOp::create(b, type, inverse);
    op.replaceAllUsesWith(arith::MulFOp::create(b, op.getLhs(), factors, op.getFastmathAttr()).getResult());
    op.erase();
  }
}

} // namespace ssm::tile
