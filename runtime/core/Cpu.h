// Which instructions this processor has, so that an artifact for a larger one is a sentence and not an
// illegal instruction.
#ifndef SSM_RUNTIME_CORE_CPU_H
#define SSM_RUNTIME_CORE_CPU_H

#include <string>
#include <vector>

namespace ssm::rt {

/// Those of the named sets (LLVM's names: "avx2") that are unknown or not here, as "a, b"; empty if all are.
std::string missingInstructions(const std::vector<std::string> &needed);

} // namespace ssm::rt
#endif
