//===- Fourier.cpp - transforms that keep few modes -------------------------===//
//
//   irfft[K -> X] y  ->  re(sum[K] y * complex(c, -s)),  c, s = irfft[M -> X] (K == M), and of i (K == M)
//   rfft[X -> K] x   ->  sum[X] x * complex(c', s'),      c', s' = c, s without the inverse's scale
//
// where the products take less time than the library's transform, by the ledger: that
// one goes through all modes, and reads and writes memory on its own. As contractions
// they join kernels with what is around them. The matrices are the library's
// transforms of each mode alone, in f64, and rounded once.
//
//===----------------------------------------------------------------------===//
#include "../Algebra/NamedBuilder.h"
#include "Expand.h"
#include "ssm/Plan/Anchors.h"
#include "ssm/Plan/Counts.h"
#include "ssm/Target/Target.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ssm {

static bool isInverse(FftOp op) { return op.getKind() == FftKind::Irfft || op.getKind() == FftKind::Ifft; }
static bool isReal(FftOp op) { return op.getKind() == FftKind::Rfft || op.getKind() == FftKind::Irfft; }

namespace {
/// Seconds for one row of the transform.
struct RowTime {
  double product, library;
};
} // namespace

static RowTime timeOf(FftOp op, const PlanningSizes &sizes, const Target &target) {
  double modes = sizes[isInverse(op) ? op.getFrom() : op.getTo()];
  // Nobody asks for more modes than there are; of an open length they say the least.
  double points = std::max<double>(sizes[isInverse(op) ? op.getTo() : op.getFrom()], isReal(op) ? 2 * (modes - 1) : modes);
  double bytes = (points * (isReal(op) ? 1 : 2) + 2 * modes) * (getElement(op.getOperand()).isF64() ? 8 : 4);
  double flops = (isReal(op) ? 2.5 : 5) * points * std::log2(std::max(points, 2.0));
  return {target.computeTime({(isReal(op) ? 4 : 8) * points * modes, 0, 0, 0}),
          flops / target.get("fft_f32") + target.memoryTime(2 * bytes)};
}

namespace {

/// Makes the matrices of transforms, [modes, points]: what the library's inverse makes of
/// each mode alone, in f64.
class Matrices {
public:
  explicit Matrices(FftOp op)
      : op(op), b(op->getParentOfType<func::FuncOp>()), modes(isInverse(op) ? op.getFrom() : op.getTo()),
        points(isInverse(op) ? op.getTo() : op.getFrom()) {
    b.setLoc(op.getLoc());
    b.setInsertionPoint(op);
    single = b.freshCopy(modes);
  }

  Value product();

private:
  Value map(MapFn fn, ValueRange operands) { return b.map(fn, operands); }
  Value number(double value) {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, b.getF64Type()), value));
  }
  Value rounded(Value value) {
    Type element = getElement(op.getResult()), wide = getElement(value);
    if (auto complex = llvm::dyn_cast<ComplexType>(element); complex && !llvm::isa<ComplexType>(wide))
      element = complex.getElementType();
    else if (!complex && llvm::isa<ComplexType>(wide))
      element = ComplexType::get(element);
    return element == wide ? value : MapOp::create(b, value, element).getResult();
  }
  /// The inverse transform of `re` and `im`, each times one mode.
  Value inverse(FftKind kind, bool imaginary) {
    Value hit = map(MapFn::Eq, {b.pos(modes), b.pos(single)});
    Value one = MapOp::create(b, hit, b.getF64Type()), zero = number(0);
    Value mode = imaginary ? map(MapFn::Complex, {zero, one}) : map(MapFn::Complex, {one, zero});
    bool real = kind == FftKind::Irfft;
    auto type = getTensorType({b.dim(modes), b.dim(points)}, real ? Type(b.getF64Type()) : ComplexType::get(b.getF64Type()));
    return FftOp::create(b, type, kind, mode, single, points);
  }
  Value sum(Value x, Value w) { return b.contract({x, w}, {op.getFrom()}); }
  /// n times a matrix, half of that for modes that the inverse takes twice.
  Value scaled(Value matrix) {
    Value n = map(MapFn::Mul, {MapOp::create(b, b.size(points), b.getF64Type()), number(1)});
    if (!isReal(op))
      return map(MapFn::Mul, {matrix, MapOp::create(b, n, ComplexType::get(b.getF64Type()))});
    Value k = b.pos(modes);
    Value lonely = map(MapFn::Or, {b.map(MapFn::Eq, k, 0), map(MapFn::Eq, {b.map(MapFn::Mul, k, 2), b.size(points)})});
    return map(MapFn::Mul, {matrix, map(MapFn::Select, {lonely, n, map(MapFn::Div, {n, number(2)})})});
  }

  FftOp op;
  NamedBuilder b;
  StringRef modes, points;
  StringAttr single;
};

} // namespace

Value Matrices::product() {
  Value x = op.getOperand(), y;
  if (!isReal(op)) {
    Value matrix = inverse(FftKind::Ifft, false);
    y = sum(x, rounded(isInverse(op) ? matrix : map(MapFn::Conj, {scaled(matrix)})));
  } else {
    Value re = inverse(FftKind::Irfft, false), im = inverse(FftKind::Irfft, true);
    if (isInverse(op))
      y = map(MapFn::Re, {sum(x, map(MapFn::Complex, {rounded(re), rounded(map(MapFn::Neg, {im}))}))});
    else
      y = sum(MapOp::create(b, x, getElement(op.getResult())), map(MapFn::Complex, {rounded(scaled(re)), rounded(scaled(im))}));
  }
  return y.getType() == op.getType() ? y : b.align(y, llvm::cast<RankedTensorType>(op.getType()));
}

void multiplyFewModes(func::FuncOp function, const Target &target) {
  PlanningSizes sizes(function);
  SmallVector<FftOp> transforms(function.getBody().front().getOps<FftOp>());
  for (FftOp op : transforms) {
    if (StringRef modes = isInverse(op) ? op.getFrom() : op.getTo(); !sizes.isKnown(modes)) {
      op.emitRemark() << "a Fourier transform, not a product with its matrix: how many modes '" << modes
                      << "' counts is not known, it may be all of them";
      continue;
    }
    RowTime time = timeOf(op, sizes, target);
    if (time.product > time.library) {
      op.emitRemark() << llvm::formatv("a Fourier transform, not a product with its matrix: {0:f3} us a row against {1:f3} us",
                                       time.library * 1e6, time.product * 1e6)
                             .str();
      continue;
    }
    op.getResult().replaceAllUsesWith(Matrices(op).product());
    op.erase();
  }
}

} // namespace ssm
