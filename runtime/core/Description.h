// What an artifact says about itself: entries, their dimensions, arguments and results.
// Parsed from the JSON of its section `.ssm.json` (see runtime/README.md) and checked as a whole, so that
// what is built on it need not doubt it: names are unique, dimensions exist, expressions have no cycles,
// initialisers take a seed and return the argument's type.
#ifndef SSM_RUNTIME_CORE_DESCRIPTION_H
#define SSM_RUNTIME_CORE_DESCRIPTION_H

#include "core/Dim.h"
#include "cuda/Plan.h"
#include "ssm/runtime.h"
#include "ssm/services.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssm::rt {

struct Value {
  std::string name;
  ssm_role role = SSM_INPUT;
  ssm_dtype dtype = SSM_F32;
  std::vector<int32_t> dims;
  int32_t init = -1; ///< the entry that draws it, or -1
  bool optional = false; ///< an argument that may be left out without being drawn
};

struct Entry {
  std::string name, symbol; ///< no symbol: it has no code for the CPU
  bool hidden = false;
  std::vector<Dim> dims;
  std::vector<Value> arguments, results;
  std::optional<Expression> flops;
  std::string targets;          ///< what it has code for: "cpu, sm_90a"
  std::vector<cuda::Plan> cuda; ///< how it runs on GPUs, one plan a target
  ssm_entry_fn *function = nullptr; ///< set when the artifact is loaded
};

struct Description {
  std::string json, layer, source, target;
  std::vector<std::string> instructions; ///< what the processor must have, in LLVM's names
  std::vector<cuda::CodeModule> modules; ///< what the GPUs' plans launch from
  std::vector<Entry> entries;

  const Entry *find(std::string_view name) const;
};

/// Throws SSM_ERROR_NOT_ARTIFACT or SSM_ERROR_VERSION.
Description parseDescription(std::string json);

const char *dtypeName(int32_t dtype);
int64_t dtypeSize(int32_t dtype);
int64_t dtypeAlignment(int32_t dtype);
const char *roleName(int32_t role);

/// "[B, H, L]"
std::string dimsText(const Entry &entry, const Value &value);

} // namespace ssm::rt
#endif
