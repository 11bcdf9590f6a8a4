// The arguments of a call, from files.
#ifndef SSM_TOOLS_RUN_INPUTS_H
#define SSM_TOOLS_RUN_INPUTS_H

#include "Options.h"

#include <string>
#include <vector>

namespace ssm::run {

/// A value with its memory.
struct Value {
  std::string name, origin; ///< where it comes from or goes to, for people
  ssm_dtype dtype = SSM_F32;
  std::vector<int64_t> shape;
  std::vector<char> data;
  ssm_buffer buffer() {
    return {name.c_str(), data.data(), dtype, static_cast<int32_t>(shape.size()), shape.data(), nullptr};
  }
};

/// What the entry says of an argument.
struct Expected {
  std::string name;
  ssm_dtype dtype;
  int32_t role;
  std::vector<std::string> dims;
  bool drawn; ///< by its initialiser, where it is not given
};

/// Reads every file that the command line names, in its order.
std::vector<Value> loadInputs(const Options &options, const std::vector<Expected> &expected);

} // namespace ssm::run
#endif
