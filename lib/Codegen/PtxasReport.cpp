//===- PtxasReport.cpp - what `ptxas -v` says, as numbers and codes ---------===//
//
//   ptxas info    : Compiling entry function 'k' for 'sm_90a'
//   ptxas info    : Function properties for k
//       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
//   ptxas info    : Used 168 registers, used 1 barriers, 64 bytes smem
//   ptxas info    : (C7510) Potential Performance Loss: ...
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Gpu.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace ssm {

/// The number before `what` in a list such as "0 bytes stack frame, 8 bytes spill stores".
static int64_t numberBefore(StringRef line, StringRef what) {
  size_t at = line.find(what);
  if (at == StringRef::npos)
    return 0;
  StringRef before = line.take_front(at).rtrim();
  StringRef digits = before.substr(before.find_last_not_of("0123456789") + 1);
  int64_t number = 0;
  digits.getAsInteger(10, number);
  return number;
}

static StringRef quoted(StringRef line) { return line.split('\'').second.split('\'').first; }

/// "(C7510) ..." or "... [C7510]": a letter and four digits in brackets.
static StringRef codeIn(StringRef line) {
  for (size_t at = line.find_first_of("(["); at != StringRef::npos; at = line.find_first_of("([", at + 1)) {
    StringRef code = line.substr(at + 1, 5);
    if (code.size() == 5 && code.front() == 'C' && all_of(code.drop_front(), isDigit))
      return code;
  }
  return "";
}

PtxasReport parsePtxasReport(StringRef text) {
  PtxasReport report;
  PtxasKernel *kernel = nullptr;
  auto named = [&](StringRef name) {
    auto at = find_if(report.kernels, [&](const PtxasKernel &k) { return k.name == name; });
    if (at == report.kernels.end()) {
      report.kernels.push_back({name.str()});
      return &report.kernels.back();
    }
    return &*at;
  };
  auto note = [&](StringRef line) {
    report.messages.push_back(line.trim().str());
    StringRef code = codeIn(line);
    if (!code.empty() && !is_contained(report.codes, code))
      report.codes.push_back(code.str());
  };
  for (StringRef line : split(text, '\n')) {
    if (line.contains("Compiling entry function"))
      kernel = named(quoted(line));
    else if (kernel && line.contains("bytes stack frame")) {
      kernel->stack = numberBefore(line, " bytes stack frame");
      kernel->spillStores = numberBefore(line, " bytes spill stores");
      kernel->spillLoads = numberBefore(line, " bytes spill loads");
    } else if (kernel && line.contains(" registers") && line.contains("Used ")) {
      kernel->registers = numberBefore(line, " registers");
      kernel->barriers = numberBefore(line, " barriers");
      kernel->shared = numberBefore(line, " bytes smem");
      kernel->constants = numberBefore(line, " bytes cmem[0]");
    } else if (!codeIn(line).empty() || line.contains("warning")) {
      note(line);
    }
  }
  return report;
}

} // namespace ssm
