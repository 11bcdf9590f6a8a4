// What an artifact says about itself: entries, their dimensions, arguments and results.
// Parsed from the JSON of its section `.ssm.json` (see runtime/README.md) and checked as a whole, so that
// what is built on it need not doubt it: names are unique, dimensions exist, expressions have no cycles,
// initialisers take a seed and return the argument's type.
#ifndef SSM_RUNTIME_CORE_DESCRIPTION_H
#define SSM_RUNTIME_CORE_DESCRIPTION_H

#include "core/Expression.h"
#include "ssm/runtime.h"
#include "ssm/services.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssm::rt {

struct Dim {
  std::string name;
  ssm_dim_kind kind = SSM_OPEN;
  int64_t size = -1; ///< of a constant one
  Expression expression;
  std::string text; ///< for people
};

struct Value {
  std::string name;
  ssm_role role = SSM_INPUT;
  ssm_dtype dtype = SSM_F32;
  std::vector<int32_t> dims;
  int32_t init = -1; ///< the entry that draws it, or -1
};

struct Entry {
  std::string name, symbol;
  bool hidden = false;
  std::vector<Dim> dims;
  std::vector<Value> arguments, results;
  std::optional<Expression> flops;
  ssm_entry_fn *function = nullptr; ///< set when the artifact is loaded
};

struct Description {
  std::string json, layer, source, target;
  std::vector<std::string> instructions; ///< what the processor must have, in LLVM's names
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
