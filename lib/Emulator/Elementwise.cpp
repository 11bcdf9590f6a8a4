//===- Elementwise.cpp - arith, math and affine on scalars and tiles --------===//
//
// Floats run in float, rounded where the IR says so (truncf). The GPU's ex2 and lg2
// are a bit less exact than these.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

#include <cmath>

using namespace mlir;
using llvm::StringMap;

namespace ssm::emulator {
namespace {

/// An element of an operand: a scalar or a tile's.
struct Element {
  float real = 0;
  int64_t whole = 0;
};

Element elementOf(const Datum &datum, int64_t i) {
  switch (datum.kind) {
  case Datum::Kind::Float:
    return {datum.real, 0};
  case Datum::Kind::Tile:
    return datum.tile->isFloat ? Element{datum.tile->floats[i], 0} : Element{0, datum.tile->integers[i]};
  default:
    return {0, datum.scalar};
  }
}

bool compare(arith::CmpFPredicate predicate, float a, float b) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse: return false;
  case P::OEQ: return !unordered && a == b;
  case P::OGT: return !unordered && a > b;
  case P::OGE: return !unordered && a >= b;
  case P::OLT: return !unordered && a < b;
  case P::OLE: return !unordered && a <= b;
  case P::ONE: return !unordered && a != b;
  case P::ORD: return !unordered;
  case P::UEQ: return unordered || a == b;
  case P::UGT: return unordered || a > b;
  case P::UGE: return unordered || a >= b;
  case P::ULT: return unordered || a < b;
  case P::ULE: return unordered || a <= b;
  case P::UNE: return unordered || a != b;
  case P::UNO: return unordered;
  case P::AlwaysTrue: return true;
  }
  return false;
}

bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  using P = arith::CmpIPredicate;
  uint64_t ua = a, ub = b;
  switch (predicate) {
  case P::eq: return a == b;
  case P::ne: return a != b;
  case P::slt: return a < b;
  case P::sle: return a <= b;
  case P::sgt: return a > b;
  case P::sge: return a >= b;
  case P::ult: return ua < ub;
  case P::ule: return ua <= ub;
  case P::ugt: return ua > ub;
  case P::uge: return ua >= ub;
  }
  return false;
}

using Function = std::function<Element(Operation *, ArrayRef<Element>)>;

template <typename Op, typename F> void real(StringMap<Function> &table, F f) {
  table[Op::getOperationName()] = [f](Operation *, ArrayRef<Element> in) {
    if constexpr (std::is_invocable_v<F, float, float, float>)
      return Element{f(in[0].real, in[1].real, in[2].real), 0};
    else if constexpr (std::is_invocable_v<F, float, float>)
      return Element{f(in[0].real, in[1].real), 0};
    else
      return Element{f(in[0].real), 0};
  };
}
template <typename Op, typename F> void whole(StringMap<Function> &table, F f) {
  table[Op::getOperationName()] = [f](Operation *, ArrayRef<Element> in) {
    if constexpr (std::is_invocable_v<F, int64_t, int64_t>)
      return Element{0, f(in[0].whole, in[1].whole)};
    else
      return Element{0, f(in[0].whole)};
  };
}

float keepPoison(float a, float b, float result) { return isPoison(a) ? a : isPoison(b) ? b : result; }

StringMap<Function> makeTable() {
  StringMap<Function> t;
  real<arith::AddFOp>(t, [](float a, float b) { return a + b; });
  real<arith::SubFOp>(t, [](float a, float b) { return a - b; });
  real<arith::MulFOp>(t, [](float a, float b) { return a * b; });
  real<arith::DivFOp>(t, [](float a, float b) { return a / b; });
  real<arith::NegFOp>(t, [](float a) { return isPoison(a) ? a : -a; });
  real<arith::MaxNumFOp>(t, [](float a, float b) { return keepPoison(a, b, std::fmax(a, b)); });
  real<arith::MinNumFOp>(t, [](float a, float b) { return keepPoison(a, b, std::fmin(a, b)); });
  real<arith::MaximumFOp>(t, [](float a, float b) { return a != a ? a : b != b ? b : std::fmax(a, b); });
  real<arith::MinimumFOp>(t, [](float a, float b) { return a != a ? a : b != b ? b : std::fmin(a, b); });
  real<arith::ExtFOp>(t, [](float a) { return a; });
  real<math::FmaOp>(t, [](float a, float b, float c) { return isPoison(a) ? a : isPoison(b) ? b : std::fma(a, b, c); });
  real<math::Exp2Op>(t, [](float a) { return isPoison(a) ? a : std::exp2(a); });
  real<math::ExpOp>(t, [](float a) { return isPoison(a) ? a : std::exp(a); });
  real<math::Log2Op>(t, [](float a) { return isPoison(a) ? a : std::log2(a); });
  real<math::LogOp>(t, [](float a) { return isPoison(a) ? a : std::log(a); });
  real<math::SqrtOp>(t, [](float a) { return std::sqrt(a); });
  real<math::RsqrtOp>(t, [](float a) { return 1 / std::sqrt(a); });
  real<math::TanhOp>(t, [](float a) { return isPoison(a) ? a : std::tanh(a); });
  real<math::ErfOp>(t, [](float a) { return isPoison(a) ? a : std::erf(a); });
  real<math::ErfcOp>(t, [](float a) { return isPoison(a) ? a : std::erfc(a); });
  real<math::ExpM1Op>(t, [](float a) { return isPoison(a) ? a : std::expm1(a); });
  real<math::Log1pOp>(t, [](float a) { return isPoison(a) ? a : std::log1p(a); });
  real<math::PowFOp>(t, [](float a, float b) { return isPoison(a) ? a : isPoison(b) ? b : std::pow(a, b); });
  real<math::SinOp>(t, [](float a) { return isPoison(a) ? a : std::sin(a); });
  real<math::CosOp>(t, [](float a) { return isPoison(a) ? a : std::cos(a); });
  real<math::AbsFOp>(t, [](float a) { return isPoison(a) ? a : std::fabs(a); });
  real<math::FloorOp>(t, [](float a) { return std::floor(a); });
  real<math::CeilOp>(t, [](float a) { return std::ceil(a); });
  whole<arith::AddIOp>(t, [](int64_t a, int64_t b) { return a + b; });
  whole<arith::SubIOp>(t, [](int64_t a, int64_t b) { return a - b; });
  whole<arith::MulIOp>(t, [](int64_t a, int64_t b) { return a * b; });
  whole<arith::DivUIOp>(t, [](int64_t a, int64_t b) { return b ? a / b : 0; });
  whole<arith::DivSIOp>(t, [](int64_t a, int64_t b) { return b ? a / b : 0; });
  whole<arith::RemUIOp>(t, [](int64_t a, int64_t b) { return b ? a % b : 0; });
  whole<arith::RemSIOp>(t, [](int64_t a, int64_t b) { return b ? a % b : 0; });
  whole<arith::AndIOp>(t, [](int64_t a, int64_t b) { return a & b; });
  whole<arith::OrIOp>(t, [](int64_t a, int64_t b) { return a | b; });
  whole<arith::XOrIOp>(t, [](int64_t a, int64_t b) { return a ^ b; });
  whole<arith::ShLIOp>(t, [](int64_t a, int64_t b) { return int64_t(uint64_t(a) << b); });
  whole<arith::ShRUIOp>(t, [](int64_t a, int64_t b) { return int64_t(uint32_t(a) >> b); });
  whole<arith::ShRSIOp>(t, [](int64_t a, int64_t b) { return a >> b; });
  whole<arith::MaxSIOp>(t, [](int64_t a, int64_t b) { return std::max(a, b); });
  whole<arith::MinSIOp>(t, [](int64_t a, int64_t b) { return std::min(a, b); });
  whole<arith::MaxUIOp>(t, [](int64_t a, int64_t b) { return int64_t(std::max<uint64_t>(a, b)); });
  whole<arith::MinUIOp>(t, [](int64_t a, int64_t b) { return int64_t(std::min<uint64_t>(a, b)); });
  whole<arith::IndexCastOp>(t, [](int64_t a) { return a; });
  whole<arith::ExtUIOp>(t, [](int64_t a) { return a; });
  whole<arith::ExtSIOp>(t, [](int64_t a) { return a; });
  whole<arith::TruncIOp>(t, [](int64_t a) { return a; });
  t[arith::SIToFPOp::getOperationName()] = [](Operation *, ArrayRef<Element> in) { return Element{float(in[0].whole), 0}; };
  t[arith::UIToFPOp::getOperationName()] = [](Operation *, ArrayRef<Element> in) { return Element{float(uint32_t(in[0].whole)), 0}; };
  t[arith::FPToSIOp::getOperationName()] = [](Operation *, ArrayRef<Element> in) {
    float x = in[0].real; // saturates, and NaN gives 0
    return Element{0, x != x ? 0 : int64_t(std::clamp(double(x), -2147483648.0, 2147483647.0))};
  };
  t[arith::TruncFOp::getOperationName()] = [](Operation *op, ArrayRef<Element> in) {
    return Element{roundTo(getElementTypeOrSelf(op->getResult(0).getType()), in[0].real), 0};
  };
  t[arith::CmpFOp::getOperationName()] = [](Operation *op, ArrayRef<Element> in) {
    return Element{0, compare(cast<arith::CmpFOp>(op).getPredicate(), in[0].real, in[1].real)};
  };
  t[arith::CmpIOp::getOperationName()] = [](Operation *op, ArrayRef<Element> in) {
    return Element{0, compare(cast<arith::CmpIOp>(op).getPredicate(), in[0].whole, in[1].whole)};
  };
  return t;
}

Datum constant(Attribute attribute, Type type) {
  auto element = [](Attribute value) {
    if (auto real = dyn_cast<FloatAttr>(value)) {
      APFloat f = real.getValue();
      bool lost;
      f.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &lost);
      return Element{f.convertToFloat(), 0};
    }
    IntegerAttr integer = cast<IntegerAttr>(value);
    return Element{0, integer.getType().isInteger(1) ? int64_t(integer.getValue().getZExtValue()) : integer.getInt()};
  };
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    Element e = element(attribute);
    return isa<FloatType>(type) ? Datum::ofFloat(e.real) : Datum::ofScalar(e.whole);
  }
  TileValue tile = TileValue::of(tensor);
  for (auto [i, value] : llvm::enumerate(cast<DenseElementsAttr>(attribute).getValues<Attribute>())) {
    Element e = element(value);
    if (tile.isFloat)
      tile.floats[i] = e.real;
    else
      tile.integers[i] = e.whole;
  }
  return Datum::ofTile(std::move(tile));
}

/// What ub.poison stands for.
Datum undefined(Type type) {
  if (auto flight = dyn_cast<tile::FlightType>(type)) {
    Datum datum;
    datum.kind = Datum::Kind::Flight;
    datum.flight = std::make_shared<Flight>();
    return datum;
  }
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    TileValue tile = TileValue::of(tensor);
    std::fill(tile.floats.begin(), tile.floats.end(), poison());
    return Datum::ofTile(std::move(tile));
  }
  return isa<FloatType>(type) ? Datum::ofFloat(poison()) : Datum::ofScalar(0);
}

} // namespace

Handled runElementwise(Machine &machine, Core &core, Operation *op) {
  static const StringMap<Function> table = makeTable();
  if (auto literal = dyn_cast<arith::ConstantOp>(op))
    return machine.give(core, op, constant(literal.getValue(), literal.getType()));
  if (isa<ub::PoisonOp>(op))
    return machine.give(core, op, undefined(op->getResult(0).getType()));
  if (isa<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(op)) {
    auto map = cast<AffineMapAttr>(op->getAttr("map")).getValue();
    SmallVector<int64_t> in;
    for (Value operand : op->getOperands())
      in.push_back(machine.value(core, operand).scalar);
    ArrayRef<int64_t> dims = ArrayRef(in).take_front(map.getNumDims()), symbols = ArrayRef(in).drop_front(map.getNumDims());
    int64_t best = evaluate(map.getResult(0), dims, symbols);
    for (AffineExpr expr : map.getResults().drop_front()) {
      int64_t other = evaluate(expr, dims, symbols);
      best = isa<affine::AffineMinOp>(op) ? std::min(best, other) : std::max(best, other);
    }
    return machine.give(core, op, Datum::ofScalar(best));
  }
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    Datum &condition = machine.value(core, select.getCondition());
    if (condition.kind == Datum::Kind::Scalar)
      return machine.give(core, op, machine.value(core, condition.scalar ? select.getTrueValue() : select.getFalseValue()));
    TileValue result = *machine.value(core, select.getFalseValue()).tile;
    const TileValue &yes = *machine.value(core, select.getTrueValue()).tile;
    for (int64_t i = 0; i < result.size(); ++i)
      if (condition.tile->integers[i]) {
        if (result.isFloat)
          result.floats[i] = yes.floats[i];
        else
          result.integers[i] = yes.integers[i];
      }
    return machine.give(core, op, Datum::ofTile(std::move(result)));
  }
  auto it = table.find(op->getName().getStringRef());
  if (it == table.end())
    return std::nullopt;
  SmallVector<Datum *, 3> in;
  for (Value operand : op->getOperands())
    in.push_back(&machine.value(core, operand));
  Type type = op->getResult(0).getType();
  auto tensor = dyn_cast<RankedTensorType>(type);
  SmallVector<Element, 3> elements(in.size());
  auto at = [&](int64_t i) {
    for (auto [element, datum] : llvm::zip(elements, in))
      element = elementOf(*datum, i);
    return it->second(op, elements);
  };
  if (!tensor) {
    Element e = at(0);
    if (isa<FloatType>(type))
      return machine.give(core, op, Datum::ofFloat(e.real));
    if (type.isInteger(32))
      e.whole = int32_t(e.whole);
    return machine.give(core, op, Datum::ofScalar(type.isInteger(1) ? e.whole & 1 : e.whole));
  }
  TileValue result = TileValue::of(tensor);
  for (int64_t i = 0; i < result.size(); ++i) {
    Element e = at(i);
    if (result.isFloat)
      result.floats[i] = e.real;
    else
      result.integers[i] = int32_t(e.whole);
  }
  return machine.give(core, op, Datum::ofTile(std::move(result)));
}

} // namespace ssm::emulator
