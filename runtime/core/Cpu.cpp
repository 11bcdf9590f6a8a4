// What this processor can do. See Cpu.h.
#include "core/Cpu.h"

#include <algorithm>
#include <iterator>

namespace ssm::rt {
namespace {

struct Known {
  const char *name;
  bool here;
};

/// In LLVM's names, as lib/Codegen/Target.cpp writes them.
const Known *findKnown(const std::string &name) {
#if defined(__x86_64__)
#define SSM_KNOWN(name) {name, __builtin_cpu_supports(name) != 0}
  static const Known known[] = {
      SSM_KNOWN("sse4.2"),      SSM_KNOWN("popcnt"),          SSM_KNOWN("sse4a"),       SSM_KNOWN("avx"),
      SSM_KNOWN("avx2"),        SSM_KNOWN("fma"),             SSM_KNOWN("fma4"),        SSM_KNOWN("xop"),
      SSM_KNOWN("f16c"),        SSM_KNOWN("bmi"),             SSM_KNOWN("bmi2"),        SSM_KNOWN("lzcnt"),
      SSM_KNOWN("movbe"),       SSM_KNOWN("gfni"),            SSM_KNOWN("vpclmulqdq"),  SSM_KNOWN("avxvnni"),
      SSM_KNOWN("avx512f"),     SSM_KNOWN("avx512bw"),        SSM_KNOWN("avx512cd"),    SSM_KNOWN("avx512dq"),
      SSM_KNOWN("avx512vl"),    SSM_KNOWN("avx512vnni"),      SSM_KNOWN("avx512bf16"),  SSM_KNOWN("avx512fp16"),
      SSM_KNOWN("avx512vbmi"),  SSM_KNOWN("avx512vbmi2"),     SSM_KNOWN("avx512ifma"),  SSM_KNOWN("avx512bitalg"),
      SSM_KNOWN("avx512vpopcntdq")};
#undef SSM_KNOWN
  auto found = std::find_if(std::begin(known), std::end(known), [&](const Known &k) { return name == k.name; });
  return found == std::end(known) ? nullptr : found;
#else
  return nullptr;
#endif
}

} // namespace

std::string missingInstructions(const std::vector<std::string> &needed) {
  std::string missing;
  for (const std::string &name : needed) {
    const Known *known = findKnown(name);
    if (!known || !known->here)
      missing += (missing.empty() ? "" : ", ") + name;
  }
  return missing;
}

} // namespace ssm::rt
