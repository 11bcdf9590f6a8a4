// Reads a shared object without loading it, so that a truncated or foreign file is a sentence and not a
// crash of the dynamic loader.
#ifndef SSM_RUNTIME_CORE_ELF_H
#define SSM_RUNTIME_CORE_ELF_H

#include <string>
#include <string_view>
#include <vector>

namespace ssm::rt {

/// The bytes of a file. Throws SSM_ERROR_FILE.
std::vector<char> readFile(const std::string &path);

struct Sections {
  std::string_view json; ///< `.ssm.json`, up to the first NUL
  std::string_view gpu;  ///< `.ssm.gpu`, code for GPUs; empty where there is none
};

/// Checks that `file` is a whole shared object of this machine and finds its sections. Throws
/// SSM_ERROR_NOT_ARTIFACT.
Sections findSections(std::string_view file);

} // namespace ssm::rt
#endif
