//===- Gpu.cpp - the GPUs that are compiled for -----------------------------===//
#include "ssm/Target/Gpu.h"

#include "ssm/Target/Target.h"

#include "llvm/Support/ErrorHandling.h"

namespace ssm {

static GpuTarget read(llvm::StringRef name) {
  llvm::Expected<Target> table = Target::find(name);
  if (!table)
    llvm::report_fatal_error(table.takeError()); // a table of this project
  auto number = [&](llvm::StringRef key) {
    const TargetValue *entry = table->lookup(key);
    return entry ? entry->value : 0;
  };
  auto count = [&](llvm::StringRef key) { return static_cast<int64_t>(number(key)); };
  return {name.str(), number("wgmma") > 0, number("tensor_maps") > 0, number("clusters") > 0,
          number("register_budgets") > 0, number("async_copies") > 0, count("shared_bytes"), count("registers"),
          count("threads"), count("named_barriers")};
}

llvm::ArrayRef<GpuTarget> gpuTargets() {
  static const std::vector<GpuTarget> targets = [] {
    std::vector<GpuTarget> all;
    for (llvm::StringRef name : Target::names())
      if (name.starts_with("sm_"))
        all.push_back(read(name));
    return all;
  }();
  return targets;
}

const GpuTarget *findGpuTarget(llvm::StringRef name) {
  for (const GpuTarget &target : gpuTargets())
    if (target.name == name)
      return &target;
  return nullptr;
}

} // namespace ssm
