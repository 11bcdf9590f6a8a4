//===- Dims.cpp - tensors with named dimensions -----------------------------===//
#include "NameSyntax.h"
#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace ssm {

bool isNamedTensor(Type type) {
  auto tensor = llvm::dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return false;
  if (tensor.getRank() == 0)
    return !tensor.getEncoding();
  return llvm::isa_and_nonnull<DimsAttr>(tensor.getEncoding());
}

NamedDims getDims(Type type) {
  auto tensor = llvm::cast<RankedTensorType>(type);
  NamedDims dims;
  if (tensor.getRank() == 0)
    return dims;
  auto names = llvm::cast<DimsAttr>(tensor.getEncoding()).getNames();
  for (auto [name, size] : llvm::zip_equal(names, tensor.getShape()))
    dims.push_back({name, size});
  return dims;
}

NamedDims getDims(Value value) { return getDims(value.getType()); }

RankedTensorType getTensorType(llvm::ArrayRef<NamedDim> dims, Type element) {
  if (dims.empty())
    return RankedTensorType::get({}, element);
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<StringAttr> names;
  for (const NamedDim &dim : dims) {
    shape.push_back(dim.size);
    names.push_back(dim.name);
  }
  return RankedTensorType::get(shape, element, DimsAttr::get(element.getContext(), names));
}

Type getElement(Value value) { return llvm::cast<RankedTensorType>(value.getType()).getElementType(); }

std::optional<unsigned> findDim(llvm::ArrayRef<NamedDim> dims, llvm::StringRef name) {
  for (auto [i, dim] : llvm::enumerate(dims))
    if (dim.name.getValue() == name)
      return i;
  return std::nullopt;
}

bool hasDim(Value value, llvm::StringRef name) { return findDim(getDims(value), name).has_value(); }

std::optional<StringAttr> uniteDims(NamedDims &into, llvm::ArrayRef<NamedDim> more) {
  for (const NamedDim &dim : more) {
    std::optional<unsigned> place = findDim(into, dim.name);
    if (!place) {
      into.push_back(dim);
      continue;
    }
    NamedDim &known = into[*place];
    if (!known.isStatic())
      known.size = dim.size;
    else if (dim.isStatic() && dim.size != known.size)
      return dim.name;
  }
  return std::nullopt;
}

NamedDims uniteDims(ValueRange values) {
  NamedDims all;
  for (Value value : values)
    uniteDims(all, getDims(value));
  return all;
}

NamedDims withoutDims(llvm::ArrayRef<NamedDim> dims, llvm::ArrayRef<llvm::StringRef> names) {
  NamedDims kept;
  for (const NamedDim &dim : dims)
    if (!llvm::is_contained(names, dim.name.getValue()))
      kept.push_back(dim);
  return kept;
}

bool sameDims(llvm::ArrayRef<NamedDim> a, llvm::ArrayRef<NamedDim> b) {
  if (a.size() != b.size())
    return false;
  // Both ways: a list that was computed may have a name twice.
  auto within = [](llvm::ArrayRef<NamedDim> some, llvm::ArrayRef<NamedDim> others) {
    return llvm::all_of(some, [&](const NamedDim &dim) {
      std::optional<unsigned> place = findDim(others, dim.name);
      return place && (!dim.isStatic() || !others[*place].isStatic() || others[*place].size == dim.size);
    });
  };
  return within(a, b) && within(b, a);
}

std::string formatDims(llvm::ArrayRef<NamedDim> dims) {
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(dims, os, [&](const NamedDim &dim) { os << dim.name.getValue(); });
  return text + "]";
}

/// A name prints bare where the parser reads it back as a keyword.
static bool printsBare(llvm::StringRef name) {
  if (name.empty() || !(llvm::isAlpha(name[0]) || name[0] == '_'))
    return false;
  return llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$'; });
}

void printDimName(AsmPrinter &printer, StringAttr name) {
  if (printsBare(name.getValue()))
    printer << name.getValue();
  else
    printer << name;
}

FailureOr<StringAttr> parseDimName(AsmParser &parser) {
  std::string text;
  llvm::StringRef keyword;
  if (succeeded(parser.parseOptionalKeyword(&keyword)))
    return StringAttr::get(parser.getContext(), keyword);
  if (failed(parser.parseString(&text)))
    return failure();
  return StringAttr::get(parser.getContext(), text);
}

ParseResult parseDimName(AsmParser &parser, StringAttr &name) {
  FailureOr<StringAttr> parsed = parseDimName(parser);
  name = parsed.value_or(StringAttr());
  return success(succeeded(parsed));
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  llvm::SmallVector<StringAttr> names;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<StringAttr> name = parseDimName(parser);
    if (failed(name))
      return failure();
    names.push_back(*name);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseOne))
    return {};
  if (failed(verify([&] { return parser.emitError(parser.getNameLoc()); }, names)))
    return {};
  return DimsAttr::get(parser.getContext(), names);
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(getNames(), printer, [&](StringAttr name) { printDimName(printer, name); });
  printer << ">";
}

LogicalResult DimsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                               llvm::ArrayRef<StringAttr> names) {
  if (names.empty())
    return emitError() << "a scalar has no dimension names: leave the encoding out";
  llvm::SmallPtrSet<Attribute, 8> seen;
  for (StringAttr name : names) {
    if (name.getValue().empty())
      return emitError() << "a dimension's name is empty";
    if (!seen.insert(name).second)
      return emitError() << "dimension '" << name.getValue() << "' stands twice in one tensor";
  }
  return success();
}

LogicalResult DimsAttr::verifyEncoding(llvm::ArrayRef<int64_t> shape, Type,
                                       llvm::function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getNames().size())
    return emitError() << "the tensor has " << shape.size() << " dimensions and " << getNames().size() << " names";
  return success();
}

Attribute DimAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<StringAttr> name = parseDimName(parser);
  if (failed(name))
    return {};
  SizeAttr size;
  if (succeeded(parser.parseOptionalEqual())) {
    size = llvm::dyn_cast_if_present<SizeAttr>(SizeAttr::parse(parser, {}));
    if (!size)
      return {};
  }
  if (parser.parseGreater())
    return {};
  return DimAttr::get(parser.getContext(), *name, size);
}

void DimAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printDimName(printer, getName());
  if (getSize()) {
    printer << " = ";
    getSize().print(printer);
  }
  printer << ">";
}

} // namespace ssm
