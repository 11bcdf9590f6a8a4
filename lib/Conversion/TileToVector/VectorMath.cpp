//===- VectorMath.cpp - the pass ssm-vector-math ----------------------------===//
//
// Functions of f32 vectors, within 2 units in the last place. Each reduces its
// argument exactly (fused multiply-adds), and takes a polynomial that was fitted to
// the reduced function with the relative error as weight (below 0.1 units). erfc runs
// in f64, where its tail keeps its digits; so does gelu's, whose result is f32.
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"
#include "ssm/Conversion/TileToVector.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm {
namespace {

using namespace tile::lanes;

constexpr double inf = std::numeric_limits<double>::infinity();

/// The whole number nearest to x (below 2^22), as a float and as an integer: adding
/// 1.5 * 2^23 leaves it in the last bits.
std::pair<F, I> nearest(const F &x) {
  constexpr double shift = 12582912; // 1.5 * 2^23
  F moved = x + shift;
  return {moved - shift, bits(moved) - 0x4b400000};
}

class Expander {
public:
  Expander(ImplicitLocOpBuilder &b, bool scales) : b(b), scales(scales) {}

  /// x 2^n for any n: one instruction where the machine has it, else two steps, so
  /// that results below the normal numbers round once.
  F scale(const F &x, const F &n, const I &whole) {
    if (scales && x.type().getNumElements() == 16) {
      Value all = arith::ConstantIntOp::create(b, -1, 16), rounding = arith::ConstantIntOp::create(b, 4, 32);
      // The operation hands its operands on as they stand: the value, the exponent, and
      // what lanes that are off keep, whatever it calls them.
      return {b, x86vector::MaskScaleFOp::create(b, x.type(), x.v, n.v, x.v, all, rounding)};
    }
    I half = whole >> 1;
    return x * power(half, x) * power(whole - half, x);
  }
  /// 2^n, n in -126 .. 127.
  F power(const I &n, const F &like) { return asFloat((n + 127) << 23, like); }

  struct Reduced {
    F r, n;
    I whole;
  };
  /// x = n log 2 + r.
  Reduced reduce(const F &x) {
    auto [n, whole] = nearest(x * 1.44269504088896341);
    F r = fma(n, n.number(-0.693359375), x);
    return {fma(n, n.number(2.12194440054690583e-4), r), n, whole};
  }

  F exp(const F &given) {
    F x = atLeast(atMost(given, 129), -151);
    auto [r, n, whole] = reduce(x);
    F q = polynomial(r, {0.4999999344364636, 0.16666520571294763, 0.04166838877690672, 0.008368724147406336,
                         0.0013814581770720496});
    return scale(fma(r * r, q, r) + 1, n, whole);
  }

  /// e^r - 1 as r + r^2 q, for what a reduction leaves.
  F expm1Near(const F &r) {
    F q = polynomial(r, {0.5000000044191706, 0.16666666370263508, 0.04166636078673108, 0.008333389394367046,
                         0.0013940637960285144, 0.00019845877912852026});
    return fma(r * r, q, r);
  }

  /// 2^n (e^r - 1) + (2^n - 1).
  F expm1(const F &given) {
    F x = atLeast(atMost(given, 129), -30);
    auto [r, n, whole] = reduce(x);
    F p = expm1Near(r);
    F wide = scale(p + 1, n, whole);
    // Above 2^24 the 1 is lost, and 2^n may overflow.
    F two = scale(p.number(1), atMost(n, 100), {b, arith::MinSIOp::create(b, whole.v, whole.number(100).v)});
    F narrow = fma(two, p, two - 1);
    return select(abs(given) < 1e-10, given, select(x > 20, wide, narrow));
  }

  /// log(2^e (1 + f)) with 1 + f within sqrt(1/2) .. sqrt(2), plus `extra`.
  F logOfNormal(const F &x, const I &exponentOffset, const F *extra) {
    I i = bits(x);
    I shifted = i - 0x3f3504f3; // sqrt(1/2)
    I e = (shifted >> 23);
    F f = asFloat(i - (e << 23), x) - 1;
    F n = toFloat(e + exponentOffset, x);
    F z = f * f;
    F p = polynomial(f, {0.33333331659547305, -0.2500082273596402, 0.20001233174451954, -0.16623297500455333,
                         0.14201557540427978, -0.13160595243173565, 0.12763300312884, -0.07635588164181033});
    F last = fma(z * f, p, n * -2.12194440054690583e-4);
    F y = extra ? last + *extra : last;
    F whole = f + fma(z, z.number(-0.5), y);
    return fma(n, n.number(0.693359375), whole);
  }

  F log(const F &x) {
    M tiny = x < 1.17549435e-38;
    F normal = select(tiny, x * 8388608, x);
    I offset = {b, arith::SelectOp::create(b, tiny.v, bits(x).number(-23).v, bits(x).number(0).v)};
    return edges(x, logOfNormal(normal, offset, nullptr));
  }
  F edges(const F &x, const F &y) {
    F upper = select(x == inf, x, y);
    F zero = select(x == 0.0, x.number(-inf), upper);
    M bad = compare(arith::CmpFPredicate::ULT, x, x.number(0)); // also NaN
    return select(bad, x.number(std::numeric_limits<double>::quiet_NaN()), zero);
  }

  /// log(u) + (x - (u - 1)) / u with u = 1 + x rounded: what rounding lost is put back.
  F log1p(const F &x) {
    F u = x + 1;
    F lost = select(abs(x) > 1, 1 - (u - x), x - (u - 1));
    F correction = lost / u;
    F y = logOfNormal(u, bits(u).number(0), &correction);
    F upper = select(x == inf, x, y);
    F lower = select(x == -1.0, x.number(-inf), upper);
    M bad = compare(arith::CmpFPredicate::ULT, x, x.number(-1));
    F checked = select(bad, x.number(std::numeric_limits<double>::quiet_NaN()), lower);
    return select(abs(x) < 1e-10, x, checked);
  }

  /// Of whole numbers: 1 + x is exact, or so large that what it loses is nothing to its
  /// logarithm. Where x is not below 0 neither is there an edge.
  F log1pOfWhole(const F &x, bool natural) {
    F u = x + 1;
    F y = logOfNormal(u, bits(u).number(0), nullptr);
    return natural ? y : edges(u, y);
  }

  /// t = h / (h + 1) with 2 h = e^(2 |x|) - 1; near 0 as h - h t, where h's digits count alone.
  F tanh(const F &x) {
    F size = atMost(abs(x), 10);
    auto [r, n, whole] = reduce(size + size);
    F two = power(whole, r);
    F p = fma(two, expm1Near(r), two - 1);
    F t = p / (p + 2), half = p * 0.5;
    return copysign(select(size < 0.25, fma(-half, t, half), t), x);
  }

  /// In f64, to what f32 can tell: e^(-x^2) q g(q) with q = 1 / (|x| + 3).
  F erfcWide(const F &x) {
    F size = atMost(abs(x), 26), square = size * size;
    constexpr double shift = 6755399441055744; // 1.5 * 2^52
    F moved = fma(square, square.number(-1.44269504088896341), square.number(shift));
    F n = moved - shift;
    F r = fma(n, n.number(-0.693147180559945309), -square); // what log 2 lacks here is far below f32
    F e = polynomialInTwo(r, {1, 1, 0.4999999344364636, 0.16666520571294763, 0.04166838877690672, 0.008368724147406336,
                         0.0013814581770720496});
    F q = 1 / (size + 3);
    F g = polynomialInTwo(q, {0.5641079815016407, 1.6981265372273264, 4.629797591535009, 15.54442595096748,
                         -0.29799199640490315, 293.21650817346307, -961.4742410743711, 3507.3679967339967,
                         -5740.82574319349, 3284.8450812613787});
    F tail = q * g * (e * asFloat((bits(moved) - (0x4338000000000000 - 1023)) << 52, x));
    return select(x < 0, 2 - tail, tail);
  }
  F erfc(const F &x) {
    F wide{b, arith::ExtFOp::create(b, x.type().clone(b.getF64Type()), x.v)};
    return {b, arith::TruncFOp::create(b, x.type(), erfcWide(wide).v)};
  }

  /// x + x p(x^2), below 0.9.
  F erfNear(const F &x) {
    F p = polynomial(x * x, {0.1283791668645788, -0.3761263601467658, 0.11283732133069099,
                              -0.02686153113794329, 0.005206599631092684,
                              -0.0008209238682269902, 8.666621649131564e-05});
    return fma(x, p, x);
  }

  F erf(const F &x) {
    F far = copysign(1 - erfc(abs(x)), x);
    return select(abs(x) < 0.875, erfNear(x), far);
  }

  /// NaN where one of them is. Which of two zeros is not said: that takes twice as long.
  F extreme(const F &x, const F &y, arith::CmpFPredicate before) {
    F one = select(compare(before, x, y), x, y); // y where they are not ordered
    return select(compare(arith::CmpFPredicate::UNO, x, x), x, one);
  }

  /// The quadrant and the rest of x, in f64: exact enough up to 2^20.
  F sine(const F &x, bool cosine) {
    auto wide = x.type().clone(b.getF64Type());
    F d{b, arith::ExtFOp::create(b, wide, x.v)};
    constexpr double shift = 6755399441055744; // 1.5 * 2^52
    F moved = d * 0.63661977236758134308 + shift;
    F n = moved - shift;
    F r = fma(n, n.number(-1.57079632673412561417), d);
    F rest = fma(n, n.number(-6.0771005065061922e-11), r);
    F small{b, arith::TruncFOp::create(b, x.type(), rest.v)};
    I quadrant{b, arith::TruncIOp::create(b, bits(x).v.getType(), bits(moved).v)};
    if (cosine)
      quadrant.v = (quadrant + 1).v;
    F z = small * small;
    F s = fma(small * z, polynomial(z, {-0.16666666641526404, 0.008333329374083967, -0.00019839330987524224,
                                        2.7182744001112398e-06}),
              small);
    F c = fma(z * z, polynomial(z, {0.04166666662265195, -0.0013888883737973449, 2.4799515875766514e-05,
                                    -2.720989194452559e-07}),
              fma(z, z.number(-0.5), z.number(1)));
    F either = select((quadrant & 1) == 0, s, c);
    I sign = (quadrant & 2) << 30;
    F y = asFloat(bits(either) ^ sign, x);
    return select(compare(arith::CmpFPredicate::UGE, abs(x), x.number(inf)), x - x, y);
  }

private:
  ImplicitLocOpBuilder &b;
  bool scales;
};

struct VectorMath : PassWrapper<VectorMath, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VectorMath)
  VectorMath() = default;
  explicit VectorMath(int64_t bits) { vectorBits = bits; }
  VectorMath(const VectorMath &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "ssm-vector-math"; }
  StringRef getDescription() const override { return "Functions of f32 vectors by polynomials"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect, vector::VectorDialect,
                    x86vector::X86VectorDialect>();
  }

  /// Arguments so large that their quadrant needs more digits of pi: by the scalar
  /// function, a lane at a time, on a path that is hardly taken.
  Value guarded(ImplicitLocOpBuilder &b, Operation *op, Value x, Value fast) {
    F size = abs(F(b, x));
    M large = compare(arith::CmpFPredicate::OGT, size, size.number(1048576));
    M finite = compare(arith::CmpFPredicate::OLT, size, size.number(inf));
    Value far = arith::AndIOp::create(b, large.v, finite.v);
    Value any = vector::ReductionOp::create(b, vector::CombiningKind::OR, far);
    auto choice = scf::IfOp::create(b, TypeRange(x.getType()), any, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    auto type = llvm::cast<VectorType>(x.getType());
    llvm::SmallVector<Value> elements;
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      Value one = vector::ExtractOp::create(b, x, i);
      elements.push_back(isa<math::SinOp>(op) ? math::SinOp::create(b, one).getResult()
                                              : math::CosOp::create(b, one).getResult());
    }
    scf::YieldOp::create(b, vector::FromElementsOp::create(b, type, elements).getResult());
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, fast);
    return choice.getResult(0);
  }

  /// Whether the digits beyond f32 are dropped: products of it are rounded.
  static bool isRounded(Value value) {
    return llvm::all_of(value.getUsers(), [](Operation *user) {
      if (isa<arith::TruncFOp>(user))
        return true;
      return isa<arith::MulFOp>(user) && isRounded(user->getResult(0));
    });
  }

  /// x < 0 ? 0 - x : x, of a distance.
  static bool isMagnitude(Value value) {
    auto choice = value.getDefiningOp<arith::SelectOp>();
    auto below = choice ? choice.getCondition().getDefiningOp<arith::CmpIOp>() : arith::CmpIOp();
    auto negative = choice ? choice.getTrueValue().getDefiningOp<arith::SubIOp>() : arith::SubIOp();
    return below && negative && below.getPredicate() == arith::CmpIPredicate::slt && matchPattern(below.getRhs(), m_Zero()) &&
           below.getLhs() == choice.getFalseValue() && matchPattern(negative.getLhs(), m_Zero()) &&
           negative.getRhs() == choice.getFalseValue();
  }

  /// A function of whole numbers runs in f64, where there is none of vectors. One that
  /// varies slowly takes them as f32 does if its result is rounded to that: they are
  /// exact up to 2^24, and beyond what is lost is less than the result's last place.
  static void narrowWholeNumbers(Operation *op) {
    auto type = dyn_cast<VectorType>(op->getResult(0).getType());
    Operation *cast = op->getOperand(0).getDefiningOp();
    if (!type || !type.getElementType().isF64() || !isa_and_nonnull<arith::SIToFPOp>(cast) || op->use_empty() ||
        !llvm::all_of(op->getUsers(), [](Operation *user) {
          return isa<arith::TruncFOp>(user) && getElementTypeOrSelf(user->getResult(0).getType()).isF32();
        }))
      return;
    ImplicitLocOpBuilder b(op->getLoc(), op);
    Type single = type.clone(b.getF32Type());
    Value x = arith::SIToFPOp::create(b, single, cast->getOperand(0));
    Value y = b.create(OperationState(op->getLoc(), op->getName().getStringRef(), ValueRange(x), TypeRange(single), op->getAttrs()))
                  ->getResult(0);
    for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
      user->getResult(0).replaceAllUsesWith(y);
      user->erase();
    }
    op->erase();
  }

  void runOnOperation() override {
    llvm::SmallVector<Operation *> ops, slow;
    getOperation().walk([&](Operation *op) {
      if (isa<math::LogOp, math::Log1pOp, math::ExpOp, math::TanhOp>(op))
        slow.push_back(op);
    });
    for (Operation *op : slow)
      narrowWholeNumbers(op);
    getOperation().walk([&](math::ErfcOp op) {
      if (auto type = dyn_cast<VectorType>(op.getType());
          type && type.getRank() == 1 && type.getElementType().isF64() && isRounded(op)) {
        ImplicitLocOpBuilder b(op.getLoc(), op);
        op.replaceAllUsesWith(Expander(b, vectorBits >= 512).erfcWide(F(b, op.getOperand())).v);
        op.erase();
      }
    });
    getOperation().walk([&](Operation *op) {
      if (isa<math::ExpOp, math::ExpM1Op, math::LogOp, math::Log1pOp, math::TanhOp, math::ErfOp, math::ErfcOp, math::SinOp,
              math::CosOp>(op))
        if (auto type = dyn_cast<VectorType>(op->getResult(0).getType());
            type && type.getRank() == 1 && type.getElementType().isF32() && type.getNumElements() > 1)
          ops.push_back(op);
    });
    getOperation().walk([&](Operation *op) {
      if (isa<arith::MaximumFOp, arith::MinimumFOp>(op) && isa<VectorType>(op->getResult(0).getType()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      ImplicitLocOpBuilder b(op->getLoc(), op);
      Expander expand(b, vectorBits >= 512);
      F x(b, op->getOperand(0));
      Value y = llvm::TypeSwitch<Operation *, Value>(op)
                    .Case([&](math::ExpOp) { return expand.exp(x).v; })
                    .Case([&](math::ExpM1Op) { return expand.expm1(x).v; })
                    .Case([&](math::LogOp) { return expand.log(x).v; })
                    .Case([&](math::Log1pOp) {
                      auto whole = x.v.getDefiningOp<arith::SIToFPOp>();
                      return (whole ? expand.log1pOfWhole(x, isMagnitude(whole.getIn())) : expand.log1p(x)).v;
                    })
                    .Case([&](math::TanhOp) { return expand.tanh(x).v; })
                    .Case([&](math::ErfOp) { return expand.erf(x).v; })
                    .Case([&](math::ErfcOp) { return expand.erfc(x).v; })
                    .Case([&](arith::MaximumFOp max) {
                      return expand.extreme(x, F(b, max.getRhs()), arith::CmpFPredicate::OGT).v;
                    })
                    .Case([&](arith::MinimumFOp min) {
                      return expand.extreme(x, F(b, min.getRhs()), arith::CmpFPredicate::OLT).v;
                    })
                    .Case([&](math::SinOp) { return guarded(b, op, x.v, expand.sine(x, false).v); })
                    .Case([&](math::CosOp) { return guarded(b, op, x.v, expand.sine(x, true).v); })
                    .Default([](Operation *) { return Value(); });
      op->getResult(0).replaceAllUsesWith(y);
      op->erase();
    }
  }

  Option<int64_t> vectorBits{*this, "vector-bits", llvm::cl::desc("Bits of a vector register"), llvm::cl::init(512)};
};

} // namespace

std::unique_ptr<Pass> createVectorMathPass() { return std::make_unique<VectorMath>(); }
std::unique_ptr<Pass> createVectorMathPass(int64_t vectorBits) { return std::make_unique<VectorMath>(vectorBits); }

} // namespace ssm
