//===- SizeChecks.cpp - what operations need of the sizes -------------------===//
//
// Checked once at the start of a function, before anything is read: with sizes
// that do not fit the body does not run at all.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

using namespace mlir;

namespace ssm {

namespace {
class Checks {
public:
  explicit Checks(Lowering &l) : l(l) {}

  /// a PREDICATE b must hold.
  void need(Value a, arith::CmpIPredicate predicate, Value b, const Twine &message) {
    Value holds = arith::CmpIOp::create(l.b, predicate, a, b);
    Value fails = arith::XOrIOp::create(l.b, holds, arith::ConstantIntOp::create(l.b, 1, 1));
    l.failIf(l.b, fails, message.str(), a, b);
    all = all ? arith::AndIOp::create(l.b, all, holds).getResult() : holds;
  }

  void check(RenameOp op) {
    for (auto [from, to] : llvm::zip(op.getFrom().getAsRange<StringAttr>(), op.getTo().getAsRange<StringAttr>())) {
      NamedDim source = l.dim(from), target = l.dim(to);
      if (from == to || (source.isStatic() && source.size == target.size))
        continue;
      need(l.size(from), arith::CmpIPredicate::eq, l.size(to),
           "'" + from.str() + "' of size %a cannot be renamed to '" + to.str() + "' of size %b");
    }
  }

  void check(FftOp op) {
    Value one = l.constantIndex(1), two = l.constantIndex(2);
    auto half = [&](Value n) -> Value {
      return arith::AddIOp::create(l.b, arith::DivUIOp::create(l.b, n, two), one);
    };
    StringRef from = op.getFrom(), to = op.getTo();
    FftKind kind = op.getKind();
    bool inverse = kind == FftKind::Irfft || kind == FftKind::Ifft;
    StringRef modes = inverse ? from : to, points = inverse ? to : from;
    Value most = l.size(points);
    if (kind == FftKind::Rfft || kind == FftKind::Irfft)
      most = half(most);
    need(l.size(modes), arith::CmpIPredicate::ule, most,
         "'" + modes.str() + "' asks for %a modes, the transform over '" + points.str() + "' has %b");
  }

  void check(ArgmaxOp op) {
    need(l.size(op.getDim()), arith::CmpIPredicate::ne, l.constantIndex(0),
         "argmax over '" + op.getDim() + "', which has no elements");
  }

  /// The parts' sizes multiply to the whole.
  void checkProduct(StringRef whole, ArrayAttr parts) {
    Value product = l.constantIndex(1);
    for (auto part : parts.getAsRange<StringAttr>())
      product = arith::MulIOp::create(l.b, product, l.size(part));
    need(product, arith::CmpIPredicate::eq, l.size(whole), "'" + whole + "' of size %b is read as blocks of %a in all");
  }

  Value all;

private:
  Lowering &l;
};
} // namespace

Value checkSizes(Lowering &l, func::FuncOp function) {
  Checks checks(l);
  function.walk([&](Operation *op) {
    l.b.setLoc(op->getLoc());
    if (auto rename = dyn_cast<RenameOp>(op))
      checks.check(rename);
    else if (auto fft = dyn_cast<FftOp>(op))
      checks.check(fft);
    else if (auto argmax = dyn_cast<ArgmaxOp>(op))
      checks.check(argmax);
    else if (auto split = dyn_cast<SplitOp>(op))
      checks.checkProduct(split.getDim(), split.getInto());
    else if (auto join = dyn_cast<JoinOp>(op))
      checks.checkProduct(join.getInto(), join.getDims());
  });
  l.b.setLoc(function.getLoc());
  return checks.all;
}

} // namespace ssm
