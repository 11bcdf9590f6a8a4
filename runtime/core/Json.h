// Reading the members of a description, with a sentence for what is missing or of the wrong kind.
#ifndef SSM_RUNTIME_CORE_JSON_H
#define SSM_RUNTIME_CORE_JSON_H

#include "core/Error.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ssm::rt {

using Json = nlohmann::json;

[[noreturn]] inline void damaged(const std::string &what) {
  fail(SSM_ERROR_NOT_ARTIFACT, "the artifact's description is damaged: ", what);
}

inline const Json &member(const Json &object, const char *name, const std::string &of) {
  if (!object.is_object() || !object.contains(name))
    damaged(of + " has no \"" + name + "\"");
  return object[name];
}

inline std::string text(const Json &object, const char *name, const std::string &of) {
  const Json &value = member(object, name, of);
  if (!value.is_string())
    damaged("\"" + std::string(name) + "\" of " + of + " is not a string");
  auto result = value.get<std::string>();
  if (result.find('\0') != std::string::npos)
    damaged("\"" + std::string(name) + "\" of " + of + " contains a NUL");
  return result;
}

inline const Json &list(const Json &object, const char *name, const std::string &of) {
  const Json &value = member(object, name, of);
  if (!value.is_array())
    damaged("\"" + std::string(name) + "\" of " + of + " is not a list");
  return value;
}

/// A whole number from `low` to `high`; `otherwise` where the member is absent.
inline int64_t number(const Json &object, const char *name, const std::string &of, int64_t low, int64_t high,
                      int64_t otherwise) {
  if (!object.is_object() || !object.contains(name))
    return otherwise;
  const Json &value = object[name];
  bool fits = value.is_number_integer() &&
              (!value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)) &&
              value.get<int64_t>() >= low && value.get<int64_t>() <= high;
  if (!fits)
    damaged("\"" + std::string(name) + "\" of " + of + " is not a whole number from " + std::to_string(low) + " to " +
            std::to_string(high));
  return value.get<int64_t>();
}

} // namespace ssm::rt
#endif
