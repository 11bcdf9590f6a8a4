// Parses and checks launch plans. See Plan.h.
#include "cuda/Plan.h"

#include "core/Description.h"
#include "core/Json.h"

#include <cstdlib>
#include <limits>

namespace ssm::rt::cuda {
namespace {

struct MapDtype {
  const char *name;
  int32_t number; ///< the driver's
  int64_t size;
};
constexpr MapDtype mapDtypes[] = {{"u8", 0, 1},   {"i32", 3, 4}, {"i64", 5, 8},  {"f16", 6, 2},
                                  {"f32", 7, 4},  {"f64", 8, 8}, {"bf16", 9, 2}, {"tf32", 11, 4}};

/// The driver's number of a width in bytes: its place in the list.
int32_t widthNumber(const Json &json, const char *name, const std::string &of, std::initializer_list<int64_t> widths) {
  int64_t width = number(json, name, of, 0, 256, 0);
  int32_t place = 0;
  for (int64_t known : widths) {
    if (known == width)
      return place;
    ++place;
  }
  damaged("\"" + std::string(name) + "\" of " + of + " cannot be " + std::to_string(width));
}

class PlanReader {
public:
  PlanReader(const Entry &entry, const std::vector<CodeModule> &modules) : entry(entry), modules(modules) {
    plan.dims = entry.dims;
    for (const char *name : deviceNames) {
      Dim dim;
      dim.name = dim.text = name;
      plan.dims.push_back(dim);
    }
  }

  Plan read(const Json &json) {
    of = "the GPU's plan of entry '" + entry.name + "'";
    plan.target = text(json, "target", of);
    if (json.contains("workspaces"))
      for (const Json &workspace : list(json, "workspaces", of))
        plan.workspaces.push_back(readWorkspace(workspace));
    if (json.contains("clear"))
      for (const Json &cleared : list(json, "clear", of))
        plan.cleared.push_back(buffer(cleared));
    for (const Json &launch : list(json, "launches", of))
      plan.launches.push_back(readLaunch(launch));
    return std::move(plan);
  }

private:
  Expression expression(const Json &json) { return parseExpression(json, plan.dims); }
  Expression expression(const Json &json, const char *name) {
    return json.contains(name) ? expression(json[name]) : Expression{};
  }

  Workspace readWorkspace(const Json &json) {
    Workspace workspace;
    workspace.name = text(json, "name", "a workspace of " + of);
    workspace.bytes = expression(member(json, "bytes", "workspace '" + workspace.name + "' of " + of));
    if (json.contains("zero")) {
      std::string zero = text(json, "zero", "workspace '" + workspace.name + "' of " + of);
      if (zero != "once" && zero != "call")
        damaged("\"zero\" of workspace '" + workspace.name + "' of " + of + " is neither once nor call");
      workspace.zero = zero == "once" ? Workspace::Once : Workspace::EachCall;
    }
    return workspace;
  }

  template <typename List> int32_t findName(const List &list, const std::string &name, const char *kind) {
    for (size_t i = 0; i < list.size(); ++i)
      if (list[i].name == name)
        return static_cast<int32_t>(i);
    damaged(of + " names the " + kind + " '" + name + "', which there is not");
  }

  int32_t buffer(const Json &json) {
    auto base = static_cast<int32_t>(entry.arguments.size());
    if (json.is_object() && json.contains("argument"))
      return findName(entry.arguments, text(json, "argument", of), "argument");
    if (json.is_object() && json.contains("result"))
      return base + findName(entry.results, text(json, "result", of), "result");
    if (json.is_object() && json.contains("workspace"))
      return base + static_cast<int32_t>(entry.results.size()) +
             findName(plan.workspaces, text(json, "workspace", of), "workspace");
    damaged("a pointer of " + of + " is to no argument, result or workspace");
  }

  std::array<uint32_t, 3> threeNumbers(const Json &json, const char *name, const std::string &what) {
    std::array<uint32_t, 3> result = {1, 1, 1};
    if (!json.contains(name))
      return result;
    const Json &numbers = list(json, name, what);
    if (numbers.size() != 3)
      damaged("\"" + std::string(name) + "\" of " + what + " is not three numbers");
    for (size_t i = 0; i < 3; ++i) {
      if (!numbers[i].is_number_unsigned() || numbers[i].get<uint64_t>() < 1 || numbers[i].get<uint64_t>() > 1024)
        damaged("\"" + std::string(name) + "\" of " + what + " is not three numbers from 1 to 1024");
      result[i] = numbers[i].get<uint32_t>();
    }
    return result;
  }

  Launch readLaunch(const Json &json) {
    Launch launch;
    launch.kernel = text(json, "kernel", "a launch of " + of);
    std::string what = "kernel '" + launch.kernel + "' of " + of;
    launch.module = static_cast<int32_t>(number(json, "module", what, 0, INT32_MAX, 0));
    if (static_cast<size_t>(launch.module) >= modules.size() || modules[launch.module].target != plan.target)
      damaged(what + " lies in no module for " + plan.target);
    const Json &grid = list(json, "grid", what);
    if (grid.size() != 3)
      damaged("\"grid\" of " + what + " is not three sizes");
    for (size_t i = 0; i < 3; ++i)
      launch.grid[i] = expression(grid[i]);
    launch.block = threeNumbers(json, "block", what);
    launch.cluster = threeNumbers(json, "cluster", what);
    launch.sharedBytes = expression(json, "smem");
    for (const Json &argument : list(json, "arguments", what)) {
      std::string which = "argument " + std::to_string(launch.arguments.size()) + " of " + what;
      launch.arguments.push_back(readArgument(argument, which));
    }
    if (json.contains("requires"))
      for (const Json &requirement : list(json, "requires", what))
        launch.requirements.push_back({buffer(member(requirement, "of", what)),
                                       expression(member(requirement, "size", what)),
                                       number(requirement, "multiple", what, 1, 1 << 20, 1)});
    if (json.contains("where"))
      for (const Json &room : list(json, "where", what))
        launch.where.push_back(expression(room));
    launch.otherwise = json.contains("otherwise") && json["otherwise"] == true;
    if (launch.otherwise && plan.launches.empty())
      damaged(what + " runs otherwise, and is the first");
    return launch;
  }

  KernelArgument readArgument(const Json &json, const std::string &what) {
    if (!json.is_object())
      damaged(what + " is not an object");
    if (json.contains("map"))
      return readMap(json, what);
    if (json.contains("pointer")) {
      PointerArgument pointer;
      pointer.buffer = buffer(json["pointer"]);
      pointer.offset = expression(json, "offset");
      pointer.extent = expression(json, "extent");
      pointer.alignment = number(json, "align", what, 1, 256, 1);
      pointer.optional = json.contains("optional") && json["optional"] == true;
      return pointer;
    }
    ScalarArgument scalar;
    if (json.contains("f32")) {
      scalar.kind = ScalarArgument::F32;
      scalar.real = real(json["f32"], what);
      return scalar;
    }
    if (!json.contains("i32") && !json.contains("i64"))
      damaged(what + " is of an unknown kind");
    scalar.kind = json.contains("i32") ? ScalarArgument::I32 : ScalarArgument::I64;
    scalar.value = expression(json, scalar.kind == ScalarArgument::I32 ? "i32" : "i64");
    return scalar;
  }

  /// JSON has no infinities: those are words.
  float real(const Json &json, const std::string &what) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    if (json == "inf" || json == "-inf")
      return json == "inf" ? infinity : -infinity;
    if (json == "nan")
      return std::numeric_limits<float>::quiet_NaN();
    if (!json.is_number())
      damaged("\"f32\" of " + what + " is not a number");
    return json.get<float>();
  }

  MapArgument readMap(const Json &json, const std::string &what) {
    MapArgument map;
    map.buffer = buffer(json["map"]);
    map.offset = expression(json, "offset");
    std::string dtype = text(json, "dtype", what);
    for (const MapDtype &known : mapDtypes)
      if (dtype == known.name) {
        map.dtype = known.number;
        map.elementSize = known.size;
      }
    if (map.elementSize == 0)
      damaged("the dtype '" + dtype + "' of " + what + " is unknown");
    for (const Json &dim : list(json, "dims", what))
      map.dims.push_back(expression(dim));
    for (const Json &stride : list(json, "strides", what))
      map.strides.push_back(expression(stride));
    size_t rank = map.dims.size();
    if (rank < 1 || rank > MapArgument::maxRank || map.strides.size() != rank - 1)
      damaged(what + " is not a tensor map of 1 to 5 dimensions with a stride for each but the innermost");
    readNumbers(list(json, "box", what), map.box, rank, 256, "box", what);
    map.steps.fill(1);
    if (json.contains("element_strides"))
      readNumbers(list(json, "element_strides", what), map.steps, rank, 8, "element_strides", what);
    map.interleave = widthNumber(json, "interleave", what, {0, 16, 32});
    map.interleaveBytes = number(json, "interleave", what, 0, 256, 0);
    map.swizzle = widthNumber(json, "swizzle", what, {0, 32, 64, 128});
    map.swizzleBytes = number(json, "swizzle", what, 0, 256, 0);
    map.promotion = widthNumber(json, "l2", what, {0, 64, 128, 256});
    if (json.contains("fill")) {
      std::string fill = text(json, "fill", what);
      if (fill != "zero" && fill != "nan")
        damaged("the fill '" + fill + "' of " + what + " is neither zero nor nan");
      map.fill = fill == "nan";
    }
    int64_t row = map.box[0] * map.elementSize;
    if (map.interleave == 0 && (row % 16 != 0 || (map.swizzle != 0 && row > map.swizzleBytes)))
      damaged("a row of the box of " + what + " has " + std::to_string(row) +
              " bytes, which its swizzle does not take");
    return map;
  }

  void readNumbers(const Json &json, std::array<uint32_t, MapArgument::maxRank> &out, size_t rank, uint64_t most,
                   const char *name, const std::string &what) {
    bool fits = json.size() == rank;
    for (size_t i = 0; fits && i < rank; ++i) {
      fits = json[i].is_number_unsigned() && json[i].get<uint64_t>() >= 1 && json[i].get<uint64_t>() <= most;
      if (fits)
        out[i] = json[i].get<uint32_t>();
    }
    if (!fits)
      damaged("\"" + std::string(name) + "\" of " + what + " is not " + std::to_string(rank) + " numbers from 1 to " +
              std::to_string(most));
  }

  const Entry &entry;
  const std::vector<CodeModule> &modules;
  Plan plan;
  std::string of;
};

} // namespace

std::vector<CodeModule> parseModules(const Json &json) {
  std::vector<CodeModule> modules;
  if (!json.is_array())
    damaged("\"modules\" is not a list");
  for (const Json &item : json) {
    CodeModule module;
    std::string of = "module " + std::to_string(modules.size());
    module.target = text(item, "target", of);
    module.ptxas = item.contains("ptxas") ? text(item, "ptxas", of) : "";
    module.offset = number(item, "offset", of, 0, INT64_MAX, -1);
    module.size = number(item, "size", of, 1, INT64_MAX, -1);
    if (module.offset < 0 || module.size < 0)
      damaged(of + " has no \"offset\" or no \"size\"");
    modules.push_back(module);
  }
  return modules;
}

Plan parsePlan(const Json &json, const Entry &entry, const std::vector<CodeModule> &modules) {
  return PlanReader(entry, modules).read(json);
}

bool runsOn(const std::string &target, int32_t major, int32_t minor) {
  if (target.rfind("sm_", 0) != 0)
    return false;
  char *end = nullptr;
  long number = std::strtol(target.c_str() + 3, &end, 10);
  std::string suffix = end;
  if (number < 10 || suffix.size() > 1)
    return false;
  // The code of a plain target runs on later devices of the same generation; with a suffix on that one.
  return number / 10 == major && (suffix.empty() ? number % 10 <= minor : number % 10 == minor);
}

} // namespace ssm::rt::cuda
