// How the runtime says what is wrong: inside it an Error is thrown; Api.cpp turns it into a code and a
// sentence, so that none crosses the C ABI.
#ifndef SSM_RUNTIME_CORE_ERROR_H
#define SSM_RUNTIME_CORE_ERROR_H

#include "ssm/runtime.h"

#include <sstream>
#include <string>
#include <utility>

namespace ssm::rt {

struct Error {
  ssm_code code;
  std::string message;
};

/// Throws an Error whose sentence is the parts, one after another.
template <typename... Parts> [[noreturn]] void fail(ssm_code code, const Parts &...parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error{code, text.str()};
}

} // namespace ssm::rt
#endif
