// What the command line of ssm-run says, and the error that ends it.
#ifndef SSM_TOOLS_RUN_OPTIONS_H
#define SSM_TOOLS_RUN_OPTIONS_H

#include "ssm/runtime.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ssm::run {

/// Printed as `ssm-run: error: ...`; the tool then ends with code 1.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::string artifact, entry = "forward", out;
  std::vector<std::string> inputs; ///< NAME=FILE, NAME=FILE:KEY or FILE
  std::vector<std::pair<std::string, int64_t>> dims;
  int64_t seed = 0;
  int32_t threads = 0, repeat = 1;
  double rate = 0; ///< 0: any
  bool list = false;
  bool cuda = false; ///< on the GPU, if there is one
};

/// Throws the runtime's sentence as a Failure.
inline void check(int32_t code, const ssm_error &error) {
  if (code != SSM_OK)
    throw Failure(error.message);
}

/// Prints the entries of an artifact, as --list does.
void printListing(const ssm_artifact *artifact);

/// Loads, calls, writes and prints.
void runEntry(const ssm_artifact *artifact, const Options &options);

} // namespace ssm::run
#endif
