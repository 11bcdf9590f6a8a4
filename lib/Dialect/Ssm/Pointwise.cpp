//===- Pointwise.cpp - maps, sizes, checks ----------------------------------===//
//
// Which element types each pointwise function takes and gives, and the verifiers
// of P1.
//
//===----------------------------------------------------------------------===//
#include "ssm/Dialect/Ssm/Ssm.h"

using namespace mlir;

namespace ssm {

namespace {

/// What a function accepts. Stored types (bf16, f16, i32) are no arithmetic types.
enum : unsigned { kBool = 1, kInt = 2, kReal = 4, kComplex = 8 };
constexpr unsigned kOrdered = kInt | kReal, kNumber = kInt | kReal | kComplex;

struct Signature {
  unsigned arity;
  unsigned accepts;
  enum { Same, Bool, ToComplex, ToReal } result;
};

} // namespace

static Signature signatureOf(MapFn fn) {
  switch (fn) {
  case MapFn::Add:
  case MapFn::Sub:
  case MapFn::Mul:
  case MapFn::Pow:
    return {2, kNumber, Signature::Same};
  case MapFn::Div:
    return {2, kReal | kComplex, Signature::Same};
  case MapFn::Min:
  case MapFn::Max:
  case MapFn::FloorDiv:
  case MapFn::Mod:
    return {2, kOrdered, Signature::Same};
  case MapFn::Neg:
    return {1, kNumber, Signature::Same};
  case MapFn::Abs:
    return {1, kNumber, Signature::ToReal};
  case MapFn::Sign:
  case MapFn::Relu:
    return {1, kOrdered, Signature::Same};
  case MapFn::Floor:
  case MapFn::Ceil:
  case MapFn::Softplus:
  case MapFn::Elu:
  case MapFn::Gelu:
  case MapFn::GeluTanh:
    return {1, kReal, Signature::Same};
  case MapFn::Exp:
  case MapFn::Expm1:
  case MapFn::Log:
  case MapFn::Log1p:
  case MapFn::Sqrt:
  case MapFn::Rsqrt:
  case MapFn::Sin:
  case MapFn::Cos:
  case MapFn::Tanh:
  case MapFn::Sigmoid:
  case MapFn::Silu:
    return {1, kReal | kComplex, Signature::Same};
  case MapFn::Lt:
  case MapFn::Le:
  case MapFn::Gt:
  case MapFn::Ge:
    return {2, kOrdered, Signature::Bool};
  case MapFn::Eq:
  case MapFn::Ne:
    return {2, kBool | kNumber, Signature::Bool};
  case MapFn::And:
  case MapFn::Or:
    return {2, kBool, Signature::Same};
  case MapFn::Not:
    return {1, kBool, Signature::Same};
  case MapFn::Complex:
    return {2, kReal, Signature::ToComplex};
  case MapFn::Re:
  case MapFn::Im:
    return {1, kComplex, Signature::ToReal};
  case MapFn::Conj:
    return {1, kComplex, Signature::Same};
  case MapFn::Select:
  case MapFn::Cast:
    break;
  }
  return {0, 0, Signature::Same};
}

static unsigned kindOf(Type type) {
  if (type.isInteger(1))
    return kBool;
  if (type.isInteger(64))
    return kInt;
  if (type.isF32() || type.isF64())
    return kReal;
  if (auto complex = llvm::dyn_cast<ComplexType>(type))
    if (complex.getElementType().isF32() || complex.getElementType().isF64())
      return kComplex;
  return 0;
}

static std::string textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << type;
  return text;
}

Type inferMapElement(MapFn fn, TypeRange elements, std::string &why) {
  auto name = ("'" + stringifyMapFn(fn) + "'").str();
  auto fail = [&](const llvm::Twine &text) {
    why = (name + " " + text).str();
    return Type();
  };
  if (fn == MapFn::Cast)
    return fail("names its result's element type itself");
  unsigned arity = fn == MapFn::Select ? 3 : signatureOf(fn).arity;
  if (elements.size() != arity)
    return fail("takes " + llvm::Twine(arity) + " operands, got " + llvm::Twine(elements.size()));
  if (fn == MapFn::Select) {
    if (!elements[0].isInteger(1))
      return fail("needs an i1 condition, got " + textOf(elements[0]));
    if (elements[1] != elements[2])
      return fail("needs one element type, got " + textOf(elements[1]) + " and " + textOf(elements[2]));
    return elements[1];
  }
  Signature signature = signatureOf(fn);
  Type element = elements[0];
  for (Type other : elements)
    if (other != element)
      return fail("needs one element type, got " + textOf(element) + " and " + textOf(other));
  if (!(kindOf(element) & signature.accepts))
    return fail("does not work on " + textOf(element) + (kindOf(element) ? "" : ": cast stored types first"));
  switch (signature.result) {
  case Signature::Same:
    return element;
  case Signature::Bool:
    return IntegerType::get(element.getContext(), 1);
  case Signature::ToComplex:
    return ComplexType::get(element);
  case Signature::ToReal:
    if (auto complex = llvm::dyn_cast<ComplexType>(element))
      return complex.getElementType();
    return element;
  }
  return {};
}

void MapOp::build(OpBuilder &builder, OperationState &state, MapFn fn, ValueRange operands) {
  llvm::SmallVector<Type> elements;
  for (Value operand : operands)
    elements.push_back(getElement(operand));
  std::string why;
  Type element = inferMapElement(fn, elements, why);
  assert(element && "operands do not fit the function");
  build(builder, state, getTensorType(uniteDims(operands), element), fn, operands);
}

void MapOp::build(OpBuilder &builder, OperationState &state, Value operand, Type elementType) {
  build(builder, state, getTensorType(getDims(operand), elementType), MapFn::Cast, ValueRange{operand});
}

LogicalResult MapOp::verify() {
  NamedDims all;
  for (Value operand : getOperands())
    if (std::optional<StringAttr> clash = uniteDims(all, getDims(operand)))
      return emitOpError() << "has operands of different sizes along '" << clash->getValue() << "'";
  if (!sameDims(all, getDims(getResult())))
    return emitOpError() << "gives " << formatDims(getDims(getResult())) << ", its operands have "
                         << formatDims(all);
  Type result = getElement(getResult());
  if (getFn() == MapFn::Cast) {
    if (getOperands().size() != 1)
      return emitOpError() << "'cast' takes 1 operand, got " << getOperands().size();
    if (llvm::isa<ComplexType>(getElement(getOperands()[0])) && !llvm::isa<ComplexType>(result) &&
        !result.isInteger(1))
      return emitOpError() << "cannot cast complex to real: take 're' or 'abs'";
    return success();
  }
  llvm::SmallVector<Type> elements;
  for (Value operand : getOperands())
    elements.push_back(getElement(operand));
  std::string why;
  Type element = inferMapElement(getFn(), elements, why);
  if (!element)
    return emitOpError() << why;
  if (element != result)
    return emitOpError() << "gives elements of type " << element << ", not " << result;
  return success();
}

LogicalResult PosOp::verify() {
  NamedDims dims = getDims(getResult());
  if (dims.size() != 1 || dims[0].name.getValue() != getDim())
    return emitOpError() << "gives a vector along '" << getDim() << "', not " << formatDims(dims);
  return success();
}

OpFoldResult SizeOfOp::fold(FoldAdaptor) {
  auto function = (*this)->getParentOfType<func::FuncOp>();
  auto table = function ? function->getAttrOfType<ArrayAttr>(kDimsAttr) : ArrayAttr();
  if (!table)
    return {};
  for (auto dim : table.getAsRange<DimAttr>())
    if (dim.getName().getValue() == getDim() && dim.getSize())
      if (std::optional<int64_t> size = dim.getSize().constantValue())
        return DenseElementsAttr::get(llvm::cast<ShapedType>(getType()), *size);
  return {};
}

LogicalResult CheckOp::verify() {
  if (getValues().size() > 2)
    return emitOpError() << "has room for two values in its message, got " << getValues().size();
  return success();
}

LogicalResult CheckOp::canonicalize(CheckOp op, PatternRewriter &rewriter) {
  auto constant = op.getCondition().getDefiningOp<arith::ConstantOp>();
  auto value = constant ? llvm::dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!value || !value.isSplat() || !value.getSplatValue<bool>())
    return rewriter.notifyMatchFailure(op, "the condition is not known to hold");
  rewriter.eraseOp(op);
  return success();
}

} // namespace ssm
