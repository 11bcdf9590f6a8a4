//===- Recurrence.cpp - linear recurrences and their forms ------------------===//
#include "ssm/Dialect/Ssm/Semiring.h"
#include "Products.h"
#include "Verify.h"

using namespace mlir;

namespace ssm {

FormAttr FormAttr::allowed(MLIRContext *context, FormKind kind) { return get(context, kind, StringAttr()); }

FormAttr FormAttr::refused(MLIRContext *context, FormKind kind, const llvm::Twine &why) {
  return get(context, kind, StringAttr::get(context, why));
}

/// `<chunk>` or `<chunk refused "why">`.
void FormAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyFormKind(getKind());
  if (!isAllowed())
    printer << " refused " << getWhy();
  printer << ">";
}

Attribute FormAttr::parse(AsmParser &parser, Type) {
  llvm::StringRef keyword;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&keyword))
    return {};
  std::optional<FormKind> kind = symbolizeFormKind(keyword);
  if (!kind) {
    parser.emitError(loc) << "'" << keyword << "' is no form of a recurrence";
    return {};
  }
  std::string why;
  bool refused = succeeded(parser.parseOptionalKeyword("refused"));
  if ((refused && parser.parseString(&why)) || parser.parseGreater())
    return {};
  return refused ? FormAttr::refused(parser.getContext(), *kind, why) : allowed(parser.getContext(), *kind);
}

llvm::SmallVector<LinearRecurrenceOp::Readout> LinearRecurrenceOp::getReadouts() {
  llvm::SmallVector<Readout> list;
  for (Product &product : splitProducts(getFactors(), getFactorCounts(), getOver()))
    list.push_back({product.factors, product.over, getOutputs()[list.size()]});
  return list;
}

FormAttr LinearRecurrenceOp::getForm(FormKind kind) {
  for (auto form : getForms().getAsRange<FormAttr>())
    if (form.getKind() == kind)
      return form;
  return {};
}

static Type realPart(Type element) {
  auto complex = llvm::dyn_cast<ComplexType>(element);
  return complex ? complex.getElementType() : element;
}

/// An operand may be real where the state is complex.
static bool fitsState(Type operand, Type state) { return operand == state || operand == realPart(state); }

LogicalResult LinearRecurrenceOp::verify() {
  NamedDims state = ssm::getDims(getInit());
  Type element = getElement(getInit());
  if (hasDim(getInit(), getDim()))
    return emitOpError() << "starts from a value along '" << getDim() << "', the dimension of the recurrence";
  if (getFinal().getType() != getInit().getType())
    return emitOpError() << "starts from " << getInit().getType() << " and ends as " << getFinal().getType();
  if (!element.isF32() && !element.isF64() && !llvm::isa<ComplexType>(element))
    return emitOpError() << "carries f32, f64 or complex elements, not " << element;
  if (getSemiring() != Semiring::Real && llvm::isa<ComplexType>(element))
    return emitOpError() << "'" << stringifySemiring(getSemiring()) << "' has no meaning for complex elements";
  if (getDecay() && getLogDecay())
    return emitOpError() << "takes a decay or its logarithm, not both";
  if (getLogDecay() && getSemiring() != Semiring::Real)
    return emitOpError() << "decays by what it adds in '" << stringifySemiring(getSemiring())
                         << "': there is no logarithm to give";
  if (getResets() && !getLogDecay())
    return emitOpError() << "resets where a logarithm of the decay is -inf, which is not given";
  if (getInputs().empty())
    return emitOpError() << "needs an input";

  NamedDims inside = state;
  inside.push_back({StringAttr::get(getContext(), getDim())});
  auto verifyFactor = [&](Value value, llvm::StringRef what, bool within) -> LogicalResult {
    if (!fitsState(getElement(value), element))
      return emitOpError() << "has a state of " << element << " and " << what << " of " << getElement(value);
    if (within)
      for (const NamedDim &dim : ssm::getDims(value))
        if (!findDim(inside, dim.name))
          return emitOpError() << "has " << what << " along '" << dim.name.getValue() << "', which its state lacks";
    return success();
  };
  if (Value decay = getAnyDecay())
    if (failed(verifyFactor(decay, "a decay", true)))
      return failure();
  for (Value input : getInputs())
    if (failed(verifyFactor(input, "an input", true)))
      return failure();
  for (Value factor : getFactors())
    if (failed(verifyFactor(factor, "a factor", false)))
      return failure();

  if (failed(verifyProducts(*this, getFactors(), getFactorCounts(), getOver(), getOutputs().size())))
    return failure();
  for (Readout &readout : getReadouts()) {
    NamedDims all = state;
    all.push_back({StringAttr::get(getContext(), getDim()), ShapedType::kDynamic});
    for (Value factor : readout.factors)
      if (std::optional<StringAttr> clash = uniteDims(all, ssm::getDims(factor)))
        return emitOpError() << "has a factor of another size along '" << clash->getValue() << "'";
    for (llvm::StringRef dim : readout.over)
      if (!findDim(all, dim) || dim == getDim())
        return emitOpError() << "reads out over '" << dim << "', which is no dimension of the state or its factors";
    if (failed(verifyResult(*this, readout.result, withoutDims(all, readout.over), element)))
      return failure();
  }
  llvm::SmallDenseSet<FormKind> seen;
  for (auto form : getForms().getAsRange<FormAttr>())
    if (!seen.insert(form.getKind()).second)
      return emitOpError() << "lists the form '" << stringifyFormKind(form.getKind()) << "' twice";
  return success();
}

Monoid additionMonoid(Semiring semiring) {
  switch (semiring) {
  case Semiring::Real:
    return Monoid::Add;
  case Semiring::MaxPlus:
    return Monoid::Max;
  case Semiring::MinPlus:
    return Monoid::Min;
  case Semiring::LogPlus:
    return Monoid::LogSumExp;
  }
  llvm_unreachable("no such semiring");
}

} // namespace ssm
