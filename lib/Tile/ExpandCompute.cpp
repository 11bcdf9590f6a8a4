//===- ExpandCompute.cpp - tile-expand-compute ------------------------------===//
//
// Each function of an expression becomes its operation, on operands spread to where
// they meet; integers by the same rules as affine expressions.
//
//===----------------------------------------------------------------------===//
#include "ssm/Tile/AffineArith.h"
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Compute.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm {
namespace {

using B = ImplicitLocOpBuilder;
using Make = Value (*)(B &, ValueRange);

template <typename Op> Value make(B &b, ValueRange x) { return Op::create(b, x[0].getType(), x); }
template <arith::CmpFPredicate P> Value compareF(B &b, ValueRange x) { return arith::CmpFOp::create(b, P, x[0], x[1]); }
template <arith::CmpIPredicate P> Value compareI(B &b, ValueRange x) { return arith::CmpIOp::create(b, P, x[0], x[1]); }
template <Value (*f)(B &, Value, Value)> Value two(B &b, ValueRange x) { return f(b, x[0], x[1]); }

Value splat(B &b, Type type, TypedAttr element) {
  if (auto tile = dyn_cast<RankedTensorType>(type))
    return arith::ConstantOp::create(b, SplatElementsAttr::get(tile, Attribute(element)));
  return arith::ConstantOp::create(b, element);
}
Value select(B &b, ValueRange x) { return arith::SelectOp::create(b, x[0], x[1], x[2]); }
Value negate(B &b, ValueRange x) {
  return arith::SubIOp::create(b, splat(b, x[0].getType(), b.getZeroAttr(getElementTypeOrSelf(x[0]))), x[0]);
}
Value invert(B &b, ValueRange x) { return arith::XOrIOp::create(b, x[0], splat(b, x[0].getType(), b.getBoolAttr(true))); }
Value widen(B &b, ValueRange x) { return arith::ExtFOp::create(b, withElements(x[0].getType(), b.getF32Type()), x[0]); }
Value toReal(B &b, ValueRange x) {
  Value i = x[0].getType().isIndex() ? arith::IndexCastOp::create(b, b.getI32Type(), x[0]).getResult() : x[0];
  return arith::SIToFPOp::create(b, withElements(i.getType(), b.getF32Type()), i);
}
Value toBf16(B &b, ValueRange x) { return arith::TruncFOp::create(b, withElements(x[0].getType(), b.getBF16Type()), x[0]); }
Value toF16(B &b, ValueRange x) { return arith::TruncFOp::create(b, withElements(x[0].getType(), b.getF16Type()), x[0]); }

/// The operations of a function, on floats and on integers (i1 among them).
struct Row {
  StringRef name;
  Make real, integer;
};
const Row kRows[] = {
    {"or", nullptr, make<arith::OrIOp>},
    {"and", nullptr, make<arith::AndIOp>},
    {"not", nullptr, invert},
    {"==", compareF<arith::CmpFPredicate::OEQ>, compareI<arith::CmpIPredicate::eq>},
    {"<", compareF<arith::CmpFPredicate::OLT>, compareI<arith::CmpIPredicate::slt>},
    {"<=", compareF<arith::CmpFPredicate::OLE>, compareI<arith::CmpIPredicate::sle>},
    {">", compareF<arith::CmpFPredicate::OGT>, compareI<arith::CmpIPredicate::sgt>},
    {">=", compareF<arith::CmpFPredicate::OGE>, compareI<arith::CmpIPredicate::sge>},
    {"+", make<arith::AddFOp>, two<addIntegers>},
    {"-", make<arith::SubFOp>, make<arith::SubIOp>},
    {"*", make<arith::MulFOp>, two<multiplyIntegers>},
    {"/", make<arith::DivFOp>, nullptr},
    {"floordiv", nullptr, two<floorDivide>},
    {"ceildiv", nullptr, two<ceilDivide>},
    {"mod", nullptr, two<remainder>},
    {"divui", nullptr, make<arith::DivUIOp>},
    {"remui", nullptr, make<arith::RemUIOp>},
    {"neg", make<arith::NegFOp>, negate},
    {"min", make<arith::MinNumFOp>, make<arith::MinSIOp>},
    {"max", make<arith::MaxNumFOp>, make<arith::MaxSIOp>},
    {"fma", make<math::FmaOp>, nullptr},
    {"exp2", make<math::Exp2Op>, nullptr},
    {"log2", make<math::Log2Op>, nullptr},
    {"select", select, select},
    {"f32", widen, toReal},
    {"bf16", toBf16, nullptr},
    {"f16", toF16, nullptr},
};

class Expander {
public:
  Expander(ComputeOp op, B &b) : op(op), types(op), b(b) {}

  /// The value of an expression, spread over `type` where that is another.
  Value at(ExprAttr expr, Type type) {
    if (TypedAttr number = expr.numberValue())
      return splat(b, type, numberOf(number, getElementTypeOrSelf(type)));
    Value value;
    if (std::optional<int64_t> operand = expr.operandNumber()) {
      value = op.getInputs()[*operand];
    } else {
      Type own = *types.of(expr);
      value = call(expr, own ? own : type);
    }
    if (value.getType() == type)
      return value;
    return BroadcastOp::create(b, type, value);
  }

private:
  TypedAttr numberOf(TypedAttr number, Type element) {
    double real = isa<FloatAttr>(number) ? cast<FloatAttr>(number).getValueAsDouble() : double(cast<IntegerAttr>(number).getInt());
    return isa<FloatType>(element) ? TypedAttr(b.getFloatAttr(element, real)) : b.getIntegerAttr(element, int64_t(real));
  }

  /// `type` is that of the result, whose elements may be others than those of the operands.
  Value call(ExprAttr expr, Type type) {
    const ExprFunction *function = findExprFunction(expr.getFunction());
    Type met = *types.meetingOf(expr);
    if (!met)
      met = type;
    SmallVector<Value> operands;
    for (unsigned i = 0; i < function->arity; ++i) {
      Type wanted = met;
      if (function->rule == ExprRule::Select && i == 0) {
        wanted = *types.of(expr.operandAt(0));
        if (isa<RankedTensorType>(wanted))
          wanted = withElements(met, b.getI1Type());
      }
      operands.push_back(at(expr.operandAt(i), wanted));
    }
    const Row *row = llvm::find_if(kRows, [&](const Row &r) { return r.name == function->name; });
    Value value = (isa<FloatType>(getElementTypeOrSelf(met)) ? row->real : row->integer)(b, operands);
    Operation *made = value.getDefiningOp();
    if (op.getApprox() && isa_and_nonnull<arith::DivFOp, math::Exp2Op, math::Log2Op>(made))
      made->setAttr("fastmath", arith::FastMathFlagsAttr::get(b.getContext(), isa<arith::DivFOp>(made)
                                                                                  ? arith::FastMathFlags::arcp | arith::FastMathFlags::afn
                                                                                  : arith::FastMathFlags::afn));
    return value;
  }

  ComputeOp op;
  ExprTypes types;
  B &b;
};

struct TileExpandCompute : PassWrapper<TileExpandCompute, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileExpandCompute)
  StringRef getArgument() const final { return "tile-expand-compute"; }
  StringRef getDescription() const final { return "Write expressions as operations of arith and math on spread operands"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    getOperation()->walk([](ComputeOp op) {
      B b(op.getLoc(), op);
      op.getResult().replaceAllUsesWith(Expander(op, b).at(op.getExpression(), op.getResult().getType()));
      op.erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createTileExpandComputePass() { return std::make_unique<TileExpandCompute>(); }

} // namespace ssm
