//===- Description.cpp - what an artifact says about itself -----------------===//
//
// Gathers names, types, dimensions and roles from the functions' attributes and
// writes them as JSON (runtime/README.md says what each member means).
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Description.h"

#include "ssm/Codegen/LaunchPlan.h"

using namespace mlir;

namespace ssm {

static std::string dtypeName(Type element) {
  if (auto complex = llvm::dyn_cast<ComplexType>(element))
    return complex.getElementType().isF64() ? "c128" : "c64";
  if (element.isInteger(1))
    return "bool";
  std::string text;
  llvm::raw_string_ostream(text) << element; // f32, bf16, i64 as MLIR has them
  return text;
}

static std::string text(Attribute attr) {
  if (auto string = llvm::dyn_cast_if_present<StringAttr>(attr))
    return string.getValue().str();
  if (auto symbol = llvm::dyn_cast_if_present<FlatSymbolRefAttr>(attr))
    return symbol.getValue().str();
  return "";
}

static EntryValue describeValue(Type type, DictionaryAttr attrs) {
  EntryValue value;
  auto get = [&](llvm::StringRef name) { return attrs ? attrs.get(name) : Attribute(); };
  value.name = text(get(kNameAttr));
  value.init = text(get(kInitAttr));
  value.optional = bool(get(kOptionalAttr));
  auto role = llvm::dyn_cast_if_present<RoleAttr>(get(kRoleAttr));
  value.role = role ? role.getValue() : Role::Input;
  value.dtype = dtypeName(llvm::cast<RankedTensorType>(type).getElementType());
  for (const NamedDim &dim : getDims(type))
    value.dims.push_back(dim.name.str());
  return value;
}

static Entry describeEntry(func::FuncOp function) {
  Entry entry;
  entry.name = function.getName().str();
  entry.symbol = text(function->getAttr(kSymbolAttr));
  entry.hidden = function.getName().starts_with("init.");
  if (auto dims = function->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : dims.getAsRange<DimAttr>())
      entry.dims.push_back({dim.getName().str(), dim.getSize()});
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    entry.arguments.push_back(describeValue(type, function.getArgAttrDict(i)));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    entry.results.push_back(describeValue(type, function.getResultAttrDict(i)));
  // A kernel's operations are not those of the ssm dialect, which are counted.
  if (!entry.hidden && !launchesKernels(function))
    entry.flops = countFlops(function);
  return entry;
}

Description describe(ModuleOp module, llvm::StringRef target) {
  Description description;
  description.layer = text(module->getAttr(kLayerAttr));
  description.source = text(module->getAttr(kSourceAttr));
  description.target = target.str();
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(kSymbolAttr))
      description.entries.push_back(describeEntry(function));
  return description;
}

void addGpuCode(Description &description, const GpuCode &code, std::string &bytes) {
  constexpr size_t alignment = 64;
  bytes.resize(llvm::alignTo(bytes.size(), alignment));
  auto index = static_cast<int64_t>(description.modules.size());
  description.modules.push_back(
      {code.target, code.ptxas, static_cast<int64_t>(bytes.size()), static_cast<int64_t>(code.cubin.size())});
  bytes += code.cubin;
  for (Entry &entry : description.entries) {
    auto plan = code.plans.find(entry.name);
    if (plan == code.plans.end())
      continue;
    llvm::json::Object object = *plan->second.getAsObject();
    for (llvm::json::Value &launch : *object.getArray("launches"))
      (*launch.getAsObject())["module"] = index;
    entry.cuda.push_back(std::move(object));
  }
}

llvm::json::Value toJson(SizeAttr size) {
  if (size.getOp() == SizeOp::Const)
    return size.getValue();
  if (size.getOp() == SizeOp::Dim)
    return size.getDim().str();
  llvm::json::Array array{stringifySizeOp(size.getOp()).str()};
  for (Attribute operand : size.getOperands())
    array.push_back(toJson(llvm::cast<SizeAttr>(operand)));
  return std::move(array);
}

static llvm::json::Value toJson(const EntryValue &value) {
  llvm::json::Object object{{"name", value.name},
                            {"role", stringifyRole(value.role).str()},
                            {"dtype", value.dtype},
                            {"dims", llvm::json::Array(value.dims)}};
  if (!value.init.empty())
    object["init"] = value.init;
  if (value.optional)
    object["optional"] = true;
  return object;
}

static llvm::json::Value toJson(const EntryDim &dim) {
  llvm::json::Object object{{"name", dim.name}};
  if (dim.size) {
    bool constant = dim.size.constantValue().has_value();
    object[constant ? "size" : "expr"] = toJson(dim.size);
  }
  return object;
}

static llvm::json::Value toJson(const Entry &entry) {
  auto list = [](const auto &values) {
    llvm::json::Array array;
    for (const auto &value : values)
      array.push_back(toJson(value));
    return array;
  };
  llvm::json::Object object{{"name", entry.name},
                            {"dims", list(entry.dims)},
                            {"arguments", list(entry.arguments)},
                            {"results", list(entry.results)}};
  if (!entry.symbol.empty())
    object["symbol"] = entry.symbol;
  if (!entry.cuda.empty())
    object["cuda"] = llvm::json::Array(entry.cuda);
  if (entry.hidden)
    object["hidden"] = true;
  if (entry.flops.kind() != llvm::json::Value::Null)
    object["flops"] = entry.flops;
  return object;
}

std::string toJson(const Description &description) {
  llvm::json::Array entries;
  for (const Entry &entry : description.entries)
    entries.push_back(toJson(entry));
  llvm::json::Object object{{"format", "ssm-artifact"},        {"version", 1},
                            {"layer", description.layer},      {"source", description.source},
                            {"target", description.target},    {"entries", std::move(entries)}};
  if (!description.instructions.empty())
    object["instructions"] = llvm::json::Array(description.instructions);
  llvm::json::Array modules;
  for (const GpuModule &module : description.modules)
    modules.push_back(llvm::json::Object{
        {"target", module.target}, {"ptxas", module.ptxas}, {"offset", module.offset}, {"size", module.size}});
  if (!modules.empty())
    object["modules"] = std::move(modules);
  std::string result;
  llvm::raw_string_ostream(result) << llvm::json::Value(std::move(object));
  return result;
}

} // namespace ssm
