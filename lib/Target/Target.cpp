//===- Target.cpp - tables of what machines can do --------------------------===//
#include "ssm/Target/Target.h"

#include "ssm/Plan/Counts.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"

#include <algorithm>
#include <thread>
#include <unistd.h>

using namespace llvm;

namespace ssm {

// name, text: one raw string a table, made by CMake.
static constexpr std::pair<StringLiteral, StringLiteral> kTables[] = {
#include "Tables.inc"
};

SmallVector<StringRef> Target::names() {
  SmallVector<StringRef> names;
  for (const auto &[known, text] : kTables)
    names.push_back(known);
  return names;
}

Expected<Target> Target::find(StringRef name) {
  for (const auto &[known, text] : kTables)
    if (known == name)
      return parse(text, name);
  return createStringError("there is no target '" + name + "'; the targets are " + join(names(), ", "));
}

Expected<Target> Target::parse(StringRef text, StringRef name) {
  Target target;
  target.label = name.str();
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  for (auto [number, line] : enumerate(lines)) {
    line = line.split('#').first.trim();
    if (line.empty())
      continue;
    auto word = [&line] {
      size_t end = line.find_first_of(" \t");
      StringRef taken = line.take_front(end);
      line = line.drop_front(taken.size()).ltrim();
      return taken;
    };
    StringRef key = word(), value = word(), unit = word();
    TargetValue entry{0, unit.str(), line.str()};
    std::string where = (name + ":" + Twine(number + 1) + ": ").str();
    if (value.getAsDouble(entry.value) || entry.value <= 0)
      return createStringError(where + "'" + key + "' needs a positive number, found '" + value + "'");
    if (unit.empty() || line.empty())
      return createStringError(where + "'" + key + "' needs a unit and where the number comes from");
    if (!target.table.try_emplace(key, entry).second)
      return createStringError(where + "'" + key + "' stands twice");
  }
  return target;
}

const TargetValue *Target::lookup(StringRef key) const {
  auto found = table.find(key);
  return found == table.end() ? nullptr : &found->second;
}

double Target::get(StringRef key) const {
  if (const TargetValue *entry = lookup(key))
    return entry->value;
  // Safe anywhere.
  static const StringMap<double> defaults = {{"cores", 1},          {"vector_bytes", 16},   {"memory_bandwidth", 1e10},
                                             {"product_f32", 1e10}, {"vector_f32", 4e9},    {"exp_f32", 2e8},
                                             {"fft_f32", 5e8},      {"convolution_f32", 1e9},
                                             {"longest_whole", 256}, {"item_bytes", 32768}, {"product_16bit", 1e10}};
  return defaults.lookup(key);
}

void Target::detectHost() {
  auto set = [&](StringRef key, double value, StringRef unit) {
    if (value > 0)
      table[key] = {value, unit.str(), "asked of this machine"};
  };
  set("cores", std::thread::hardware_concurrency(), "count");
  StringMap<bool> features = sys::getHostCPUFeatures();
  set("vector_bytes", features.lookup("avx512f") ? 64 : features.lookup("avx2") ? 32 : 16, "B");
#ifdef _SC_LEVEL1_DCACHE_SIZE
  set("l1", static_cast<double>(sysconf(_SC_LEVEL1_DCACHE_SIZE)), "B");
  set("l2", static_cast<double>(sysconf(_SC_LEVEL2_CACHE_SIZE)), "B");
#endif
}

double Target::computeTime(const Counts &counts) const {
  return counts.products / get("product_f32") + counts.flops / get("vector_f32") + counts.exps / get("exp_f32") +
         counts.steps / get(lookup("step_f32") ? "step_f32" : "vector_f32");
}

} // namespace ssm
