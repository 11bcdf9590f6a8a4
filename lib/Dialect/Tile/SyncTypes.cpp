//===- SyncTypes.cpp - views and tiles --------------------------------------===//
#include "SyncSyntax.h"

using namespace mlir;

namespace ssm::tile {

bool isTile(Type type) {
  auto tensor = llvm::dyn_cast<RankedTensorType>(type);
  return tensor && isNamedTensor(type) && tensor.hasStaticShape() && tensor.getElementType().isIntOrFloat();
}

NamedDims ViewType::getDims() const {
  NamedDims dims;
  for (auto [name, size] : llvm::zip_equal(getNames(), getShape()))
    dims.push_back({name, size});
  return dims;
}

Type ViewType::getTileElement() const {
  auto pair = llvm::dyn_cast<ComplexType>(getElementType());
  return pair ? pair.getElementType() : getElementType();
}

LogicalResult ViewType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, llvm::ArrayRef<int64_t> shape,
                               Type element, llvm::ArrayRef<StringAttr> names) {
  if (!element.isIntOrFloat() && !llvm::isa<ComplexType>(element))
    return emitError() << "a view has real, complex or integer elements, not " << element;
  if (shape.size() != names.size())
    return emitError() << "the view has " << shape.size() << " dimensions and " << names.size() << " names";
  return success();
}

Type ViewType::parse(AsmParser &parser) {
  llvm::SmallVector<int64_t> shape;
  Type element;
  DimsAttr dims;
  llvm::SMLoc place = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape) || parser.parseType(element))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parser.parseAttribute(dims))
    return {};
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(place); }, parser.getContext(), llvm::ArrayRef<int64_t>(shape), element,
                    dims ? dims.getNames() : llvm::ArrayRef<StringAttr>());
}

void ViewType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  if (!getShape().empty())
    printer << "x";
  printer << getElementType();
  if (!getNames().empty())
    printer << ", " << DimsAttr::get(getContext(), getNames());
  printer << ">";
}

} // namespace ssm::tile
