//===- PlanFile.cpp - plans that a person wrote -----------------------------===//
#include "PlanFile.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"

using namespace llvm;

namespace ssm {

Expected<StringMap<PlanEntry>> readPlanFile(StringRef text, StringRef name, mlir::MLIRContext *context) {
  StringMap<PlanEntry> plans;
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  for (auto [i, raw] : enumerate(lines)) {
    StringRef line = raw.trim();
    if (line.empty() || line.starts_with("#"))
      continue;
    unsigned number = i + 1;
    std::string where = (name + ":" + Twine(number) + ": ").str();
    auto [left, right] = line.split('=');
    StringRef kernel = left.trim(), plan = right.trim();
    if (kernel.empty() || !plan.starts_with("<"))
      return createStringError(where + "expected KERNEL = <form = ..., own = [DIM : SIZE, ...], step = [...]>, found '" + line + "'");
    std::string message;
    mlir::ScopedDiagnosticHandler handler(context, [&](mlir::Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
      return mlir::success();
    });
    auto attr = dyn_cast_if_present<PlanAttr>(mlir::parseAttribute(("#plan.kernel" + plan).str(), context));
    if (!attr)
      return createStringError(where + message);
    if (auto [entry, isNew] = plans.try_emplace(kernel, PlanEntry{attr, number}); !isNew)
      return createStringError(where + "'" + kernel + "' has a plan in line " + Twine(entry->second.line) + " already");
  }
  return plans;
}

} // namespace ssm
