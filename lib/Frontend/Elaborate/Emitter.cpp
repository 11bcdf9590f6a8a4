//===- Emitter.cpp - values of a layer and the operations on them -----------===//
#include "Emitter.h"

using namespace mlir;

namespace ssm {

Val Emitter::constant(Attribute value, Kind kind) {
  auto type = RankedTensorType::get({}, computeType(b.getContext(), kind));
  return {arith::ConstantOp::create(b, DenseElementsAttr::get(type, value)), kind, {}};
}

Val Emitter::integer(int64_t value) { return constant(b.getI64IntegerAttr(value), Kind::Int); }
Val Emitter::real(double value) { return constant(b.getF64FloatAttr(value), Kind::Free); }
Val Emitter::boolean(bool value) { return constant(b.getBoolAttr(value), Kind::Bool); }

Val Emitter::size(StringAttr dim) {
  if (std::optional<int64_t> known = dims.constantSize(dim))
    return integer(*known);
  return {SizeOfOp::create(b, RankedTensorType::get({}, b.getI64Type()), dim), Kind::Int, {}};
}

Val Emitter::pos(StringAttr dim) {
  return {PosOp::create(b, getTensorType(dims.named(dim), b.getI64Type()), dim), Kind::Int, {}};
}

/// The scalar of a constant, or null.
static Attribute scalarOf(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? llvm::dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements || !elements.isSplat() || llvm::isa<ComplexType>(elements.getElementType()))
    return {};
  return elements.getSplatValue<Attribute>();
}

Val Emitter::convert(Val value, Kind kind) {
  if (value.kind == kind)
    return value;
  if (value.isMatrix())
    return convertMatrix(value, kind);
  Type element = computeType(b.getContext(), kind);
  if (getElement(value.v) == element)
    return {value.v, kind, {}};
  // Literals take their type at once.
  if (Attribute scalar = scalarOf(value.v); scalar && value.kind != Kind::Bool && isReal(kind)) {
    double number = llvm::isa<IntegerAttr>(scalar) ? double(llvm::cast<IntegerAttr>(scalar).getInt())
                                                   : llvm::cast<FloatAttr>(scalar).getValueAsDouble();
    return constant(b.getFloatAttr(element, number), kind);
  }
  return {MapOp::create(b, value.v, element), kind, {}};
}

Val Emitter::map(MapFn fn, llvm::ArrayRef<Val> operands) {
  llvm::SmallVector<Value> values;
  for (const Val &operand : operands)
    values.push_back(operand.v);
  Value result = MapOp::create(b, fn, values);
  Kind kind = operands.back().kind;
  if (getElement(result) != computeType(b.getContext(), kind)) {
    if (getElement(result).isInteger(1))
      kind = Kind::Bool;
    else
      kind = fn == MapFn::Complex ? complexOf(kind) : partOf(kind);
  }
  return {result, kind, {}};
}

Val Emitter::mapIn(Kind kind, MapFn fn, llvm::ArrayRef<Val> operands) {
  llvm::SmallVector<Val> converted;
  for (const Val &operand : operands)
    converted.push_back(convert(operand, kind));
  return map(fn, converted);
}

Val Emitter::select(Val condition, Val yes, Val no) {
  Kind kind = join(yes.kind, no.kind);
  return map(MapFn::Select, {condition, convert(yes, kind), convert(no, kind)});
}

Val Emitter::load(Value stored, llvm::StringRef element) {
  Kind kind = kindOfStorage(element);
  Type type = computeType(b.getContext(), kind);
  if (getElement(stored) != type)
    stored = MapOp::create(b, stored, type);
  return {stored, kind, {}};
}

Value Emitter::round(Val value, llvm::StringRef element) {
  Type type = storageType(b.getContext(), element);
  if (getElement(value.v) == type)
    return value.v;
  // A free real of a complex type goes through that type's parts.
  if (llvm::isa<ComplexType>(type))
    return convert(value, kindOfStorage(element)).v;
  return MapOp::create(b, value.v, type);
}

Value Emitter::align(Value value, llvm::ArrayRef<NamedDim> to) {
  RankedTensorType type = getTensorType(to, getElement(value));
  return value.getType() == type ? value : AlignOp::create(b, type, value).getResult();
}

Val Emitter::widen(Val value, llvm::ArrayRef<NamedDim> more) {
  NamedDims all = value.dims();
  uniteDims(all, more);
  return align(value, all);
}

Val Emitter::rename(Val value, llvm::ArrayRef<StringAttr> from, llvm::ArrayRef<StringAttr> to) {
  NamedDims result = value.dims();
  llvm::SmallVector<llvm::StringRef> before, after;
  for (auto [source, target] : llvm::zip(from, to)) {
    result[*findDim(value.dims(), source)] = dims.named(target);
    before.push_back(source);
    after.push_back(target);
  }
  Value renamed = RenameOp::create(b, getTensorType(result, getElement(value.v)), value.v, b.getStrArrayAttr(before),
                                   b.getStrArrayAttr(after));
  return {renamed, value.kind, {}};
}

Val Emitter::gather(Val value, llvm::ArrayRef<StringAttr> at, llvm::ArrayRef<Val> indices) {
  llvm::SmallVector<llvm::StringRef> names(at.begin(), at.end());
  llvm::SmallVector<Value> values;
  for (const Val &index : indices)
    values.push_back(index.v);
  return {GatherOp::create(b, value.v, names, values), value.kind, {}};
}

Val Emitter::reduce(Monoid monoid, Val value, llvm::ArrayRef<StringAttr> over) {
  llvm::SmallVector<llvm::StringRef> names(over.begin(), over.end());
  return {ReduceOp::create(b, monoid, value.v, names), value.kind, {}};
}

Val Emitter::contract(llvm::ArrayRef<Val> factors, llvm::ArrayRef<StringAttr> over) {
  llvm::SmallVector<llvm::StringRef> names(over.begin(), over.end());
  llvm::SmallVector<Value> values;
  for (const Val &factor : factors)
    values.push_back(factor.v);
  return {ContractOp::create(b, values, names), factors.front().kind, {}};
}

} // namespace ssm
