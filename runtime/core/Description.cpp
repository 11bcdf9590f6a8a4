// Parses and checks an artifact's description. See Description.h.
#include "core/Description.h"

#include "core/Json.h"

#include <functional>
#include <set>

namespace ssm::rt {
namespace {

struct DtypeInfo {
  const char *name;
  int64_t size, alignment;
};
// In the order of ssm_dtype.
constexpr DtypeInfo dtypes[] = {{"f64", 8, 8},  {"f32", 4, 4},   {"bf16", 2, 2}, {"f16", 2, 2}, {"c64", 8, 4},
                                {"c128", 16, 8}, {"i32", 4, 4}, {"i64", 8, 8},  {"bool", 1, 1}};
constexpr const char *roles[] = {"input", "param", "state", "seed", "output"};

template <size_t N, typename Names> int indexOf(const Names (&names)[N], const std::string &name) {
  for (size_t i = 0; i < N; ++i) {
    if constexpr (std::is_same_v<Names, DtypeInfo>) {
      if (name == names[i].name)
        return static_cast<int>(i);
    } else if (name == names[i]) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

void parseDims(const Json &json, Entry &entry, const std::string &of) {
  const Json &dims = list(json, "dims", of);
  std::set<std::string> names;
  for (const Json &dim : dims) {
    Dim result;
    result.name = text(dim, "name", "a dimension of " + of);
    if (!names.insert(result.name).second)
      damaged(of + " has the dimension '" + result.name + "' twice");
    entry.dims.push_back(result);
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    Dim &dim = entry.dims[i];
    dim.text = "open";
    if (dims[i].contains("size")) {
      const Json &size = dims[i]["size"];
      if (!size.is_number_integer() || size.get<int64_t>() < 0)
        damaged("the size of dimension '" + dim.name + "' of " + of + " is not a whole number");
      dim.kind = SSM_CONSTANT;
      dim.size = size.get<int64_t>();
      dim.text = std::to_string(dim.size);
    } else if (dims[i].contains("expr")) {
      dim.kind = SSM_COMPUTED;
      dim.expression = parseExpression(dims[i]["expr"], entry.dims);
      dim.text = toText(dim.expression, entry.dims);
    }
  }
}

/// A size that is computed from itself would never end.
void refuseCycles(const Entry &entry, const std::string &of) {
  std::vector<int> seen(entry.dims.size(), 0); // 1: being looked at, 2: done
  std::function<void(int32_t)> visit;
  std::function<void(const Expression &)> walk = [&](const Expression &e) {
    if (e.op == Op::Size)
      visit(e.dim);
    for (const Expression &operand : e.operands)
      walk(operand);
  };
  visit = [&](int32_t dim) {
    if (seen[dim] == 2 || entry.dims[dim].kind != SSM_COMPUTED)
      return;
    if (seen[dim] == 1)
      damaged("dimension '" + entry.dims[dim].name + "' of " + of + " is computed from itself");
    seen[dim] = 1;
    walk(entry.dims[dim].expression);
    seen[dim] = 2;
  };
  for (size_t i = 0; i < entry.dims.size(); ++i)
    visit(static_cast<int32_t>(i));
}

Value parseValue(const Json &json, const Entry &entry, const std::string &of) {
  Value value;
  value.name = text(json, "name", "a value of " + of);
  std::string what = "'" + value.name + "' of " + of;
  int role = indexOf(roles, text(json, "role", what)), dtype = indexOf(dtypes, text(json, "dtype", what));
  if (role < 0 || dtype < 0)
    damaged(what + " has an unknown role or dtype");
  value.role = static_cast<ssm_role>(role);
  value.dtype = static_cast<ssm_dtype>(dtype);
  for (const Json &dim : list(json, "dims", what)) {
    size_t i = 0;
    while (i < entry.dims.size() && (!dim.is_string() || entry.dims[i].name != dim.get_ref<const std::string &>()))
      ++i;
    if (i == entry.dims.size())
      damaged(what + " has a dimension that " + of + " does not list");
    value.dims.push_back(static_cast<int32_t>(i));
  }
  value.optional = json.contains("optional") && json["optional"] == true;
  if (value.dims.size() > SSM_MAX_RANK)
    damaged(what + " has more than " + std::to_string(SSM_MAX_RANK) + " dimensions");
  if (value.role == SSM_SEED && (value.dtype != SSM_I64 || !value.dims.empty()))
    damaged(what + " is a seed and not one i64");
  return value;
}

Entry parseEntry(const Json &json, const std::vector<cuda::CodeModule> &modules) {
  Entry entry;
  entry.name = text(json, "name", "an entry");
  std::string of = "entry '" + entry.name + "'";
  if (json.contains("symbol") || !json.contains("cuda"))
    entry.symbol = text(json, "symbol", of);
  if (json.contains("hidden")) {
    if (!json["hidden"].is_boolean())
      damaged("\"hidden\" of " + of + " is not true or false");
    entry.hidden = json["hidden"].get<bool>();
  }
  parseDims(json, entry, of);
  refuseCycles(entry, of);
  for (auto [name, values] : {std::pair("arguments", &entry.arguments), std::pair("results", &entry.results)}) {
    std::set<std::string> names;
    for (const Json &value : list(json, name, of)) {
      values->push_back(parseValue(value, entry, of));
      if (!names.insert(values->back().name).second)
        damaged(of + " has '" + values->back().name + "' twice among its " + name);
    }
  }
  if (json.contains("flops"))
    entry.flops = parseExpression(json["flops"], entry.dims);
  if (json.contains("cuda"))
    for (const Json &plan : list(json, "cuda", of))
      entry.cuda.push_back(cuda::parsePlan(plan, entry, modules));
  entry.targets = entry.symbol.empty() ? "" : "cpu";
  for (const cuda::Plan &plan : entry.cuda)
    entry.targets += (entry.targets.empty() ? "" : ", ") + plan.target;
  return entry;
}

/// An initialiser takes seeds only and returns one value, of the argument's type and dimensions.
void linkInits(const Json &entries, Description &description) {
  for (size_t e = 0; e < entries.size(); ++e) {
    Entry &entry = description.entries[e];
    for (size_t a = 0; a < entry.arguments.size(); ++a) {
      const Json &json = entries[e]["arguments"][a];
      if (!json.contains("init"))
        continue;
      Value &value = entry.arguments[a];
      std::string name = text(json, "init", "'" + value.name + "'"), what = "the initialiser of '" + value.name + "'";
      const Entry *init = description.find(name);
      if (!init)
        damaged(what + ", '" + name + "', is missing");
      bool fits = init->results.size() == 1 && init->results[0].dtype == value.dtype &&
                  init->results[0].dims.size() == value.dims.size();
      for (const Value &argument : init->arguments)
        fits = fits && argument.role == SSM_SEED;
      for (size_t i = 0; fits && i < value.dims.size(); ++i)
        fits = init->dims[init->results[0].dims[i]].name == entry.dims[value.dims[i]].name;
      if (!fits)
        damaged(what + " does not take a seed and return its type");
      value.init = static_cast<int32_t>(init - description.entries.data());
    }
  }
}

} // namespace

const Entry *Description::find(std::string_view name) const {
  for (const Entry &entry : entries)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

Description parseDescription(std::string source) {
  Json json = Json::parse(source, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    damaged("it is not JSON");
  std::string whole = "it";
  if (text(json, "format", whole) != "ssm-artifact")
    fail(SSM_ERROR_NOT_ARTIFACT, "its description is not one of a compiled layer");
  const Json &version = member(json, "version", whole);
  if (!version.is_number_integer() || version.get<int64_t>() != 1)
    fail(SSM_ERROR_VERSION, "it has version ", version.dump(), " of the artifact format, this runtime reads version 1; ",
         "compile the layer again");
  Description description;
  description.layer = text(json, "layer", whole);
  description.source = json.contains("source") ? text(json, "source", whole) : "";
  description.target = json.contains("target") ? text(json, "target", whole) : "cpu";
  if (json.contains("instructions"))
    for (const Json &name : list(json, "instructions", whole)) {
      if (!name.is_string())
        damaged("an item of \"instructions\" is not a string");
      description.instructions.push_back(name.get<std::string>());
    }
  if (json.contains("modules"))
    description.modules = cuda::parseModules(json["modules"]);
  const Json &entries = list(json, "entries", whole);
  std::set<std::string> names;
  for (const Json &entry : entries) {
    description.entries.push_back(parseEntry(entry, description.modules));
    if (!names.insert(description.entries.back().name).second)
      damaged("it has the entry '" + description.entries.back().name + "' twice");
  }
  linkInits(entries, description);
  description.json = std::move(source);
  return description;
}

static bool validDtype(int32_t dtype) { return dtype >= 0 && dtype < static_cast<int32_t>(std::size(dtypes)); }
const char *dtypeName(int32_t dtype) { return validDtype(dtype) ? dtypes[dtype].name : nullptr; }
int64_t dtypeSize(int32_t dtype) { return validDtype(dtype) ? dtypes[dtype].size : 0; }
int64_t dtypeAlignment(int32_t dtype) { return validDtype(dtype) ? dtypes[dtype].alignment : 1; }
const char *roleName(int32_t role) {
  return role >= 0 && role < static_cast<int32_t>(std::size(roles)) ? roles[role] : nullptr;
}

std::string dimsText(const Entry &entry, const Value &value) {
  std::string result = "[";
  for (size_t i = 0; i < value.dims.size(); ++i)
    result += (i ? ", " : "") + entry.dims[value.dims[i]].name;
  return result + "]";
}

} // namespace ssm::rt
