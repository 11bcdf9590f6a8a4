//===- Match.cpp - small patterns that several rules look for ---------------===//
#include "Linearity.h"

#include <cmath>

using namespace mlir;

namespace ssm {

Value makeScalar(NamedBuilder &b, Type element, double value) {
  auto complex = llvm::dyn_cast<ComplexType>(element);
  Type part = complex ? complex.getElementType() : element;
  Attribute number = llvm::isa<IntegerType>(part) ? Attribute(b.getIntegerAttr(part, static_cast<int64_t>(value)))
                                                  : Attribute(b.getFloatAttr(part, value));
  Value scalar = arith::ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, part), number));
  return complex ? MapOp::create(b, scalar, element).getResult() : scalar;
}

std::optional<double> getScalar(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (auto constant = llvm::dyn_cast<arith::ConstantOp>(op)) {
    auto elements = llvm::dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!elements || !elements.isSplat())
      return std::nullopt;
    if (llvm::isa<FloatType>(elements.getElementType()))
      return elements.getSplatValue<APFloat>().convertToDouble();
    if (elements.getElementType().isInteger(64))
      return static_cast<double>(elements.getSplatValue<APInt>().getSExtValue());
    return std::nullopt;
  }
  if (auto align = llvm::dyn_cast<AlignOp>(op))
    return getScalar(align.getOperand());
  auto map = llvm::dyn_cast<MapOp>(op);
  if (map && map.getFn() == MapFn::Cast && !llvm::isa<IntegerType>(getElement(value)))
    return getScalar(map.getOperands()[0]);
  if (map && map.getFn() == MapFn::Neg)
    if (std::optional<double> scalar = getScalar(map.getOperands()[0]))
      return -*scalar;
  return std::nullopt;
}

static MapOp matchMap(Value value, MapFn fn) {
  auto map = value.getDefiningOp<MapOp>();
  return map && map.getFn() == fn ? map : MapOp();
}

static bool sameOperands(MapOp a, MapOp b) {
  Value p = a.getOperands()[0], q = a.getOperands()[1], r = b.getOperands()[0], s = b.getOperands()[1];
  return (p == r && q == s) || (p == s && q == r);
}

/// large + log1p(exp(small - large)) with large = max(a, b), small = min(a, b).
static std::optional<std::pair<Value, Value>> matchByLarger(MapOp sum) {
  for (unsigned i : {0u, 1u}) {
    MapOp large = matchMap(sum.getOperands()[i], MapFn::Max);
    MapOp rest = matchMap(sum.getOperands()[1 - i], MapFn::Log1p);
    MapOp exp = rest ? matchMap(rest.getOperands()[0], MapFn::Exp) : MapOp();
    MapOp difference = exp ? matchMap(exp.getOperands()[0], MapFn::Sub) : MapOp();
    if (!large || !difference || difference.getOperands()[1] != large.getResult())
      continue;
    MapOp small = matchMap(difference.getOperands()[0], MapFn::Min);
    if (small && sameOperands(large, small))
      return std::pair(large.getOperands()[0], large.getOperands()[1]);
  }
  return std::nullopt;
}

std::optional<std::pair<Value, Value>> matchLogAddExp(Value value) {
  // log(exp(a) + exp(b))
  if (MapOp log = matchMap(value, MapFn::Log))
    if (MapOp sum = matchMap(log.getOperands()[0], MapFn::Add)) {
      MapOp a = matchMap(sum.getOperands()[0], MapFn::Exp), c = matchMap(sum.getOperands()[1], MapFn::Exp);
      if (a && c)
        return std::pair(a.getOperands()[0], c.getOperands()[0]);
    }
  if (MapOp sum = matchMap(value, MapFn::Add))
    return matchByLarger(sum);
  // The same, with the larger one itself where it is infinite.
  MapOp select = matchMap(value, MapFn::Select);
  MapOp sum = select ? matchMap(select.getOperands()[2], MapFn::Add) : MapOp();
  if (!sum)
    return std::nullopt;
  auto sides = matchByLarger(sum);
  MapOp large = matchMap(select.getOperands()[1], MapFn::Max);
  MapOp guard = matchMap(select.getOperands()[0], MapFn::Eq);
  if (!sides || !large || !guard || !llvm::is_contained(sum.getOperands(), large.getResult()))
    return std::nullopt;
  Value tested = guard.getOperands()[0];
  if (MapOp abs = matchMap(tested, MapFn::Abs))
    tested = abs.getOperands()[0];
  std::optional<double> infinite = getScalar(guard.getOperands()[1]);
  return tested == large.getResult() && infinite && std::isinf(*infinite) ? sides : std::nullopt;
}

/// Whether an argument counts the positions of earlier calls: a state that each call
/// moves on by the dimension's length.
static bool countsPositions(Value value, StringRef dim) {
  auto argument = llvm::dyn_cast<BlockArgument>(value);
  auto function = argument ? llvm::dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
  if (!function)
    return false;
  auto role = function.getArgAttrOfType<RoleAttr>(argument.getArgNumber(), kRoleAttr);
  Attribute name = function.getArgAttr(argument.getArgNumber(), kNameAttr);
  if (!role || role.getValue() != Role::State)
    return false;
  for (OpOperand &result : function.getBody().front().getTerminator()->getOpOperands()) {
    if (function.getResultAttr(result.getOperandNumber(), kNameAttr) != name)
      continue;
    MapOp moved = matchMap(result.get(), MapFn::Add);
    if (!moved || !llvm::is_contained(moved.getOperands(), value))
      continue;
    Value by = moved.getOperands()[moved.getOperands()[0] == value ? 1 : 0];
    auto size = by.getDefiningOp<SizeOfOp>();
    NamedDim length = NamedBuilder(function).dim(dim);
    if ((size && size.getDim() == dim) || (length.isStatic() && getScalar(by) == static_cast<double>(length.size)))
      return true;
  }
  return false;
}

/// pos(L), or pos(L) counted on from earlier calls.
static bool isCountedPosition(Value value, StringRef dim) {
  if (auto pos = value.getDefiningOp<PosOp>())
    return pos.getDim() == dim;
  MapOp sum = matchMap(value, MapFn::Add);
  if (!sum)
    return false;
  for (unsigned i : {0u, 1u})
    if (countsPositions(sum.getOperands()[1 - i], dim) && isCountedPosition(sum.getOperands()[i], dim))
      return true;
  return false;
}

bool isStartCondition(Value condition, StringRef dim) {
  MapOp equal = matchMap(condition, MapFn::Eq);
  if (!equal)
    return false;
  for (unsigned i : {0u, 1u})
    if (getScalar(equal.getOperands()[1 - i]) == 0.0 && isCountedPosition(equal.getOperands()[i], dim))
      return true;
  return false;
}

} // namespace ssm
