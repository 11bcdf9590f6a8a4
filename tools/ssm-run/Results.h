// The files of one run: all of them appear, or none.
#ifndef SSM_TOOLS_RUN_RESULTS_H
#define SSM_TOOLS_RUN_RESULTS_H

#include "Inputs.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ssm::run {

class Results {
public:
  /// Makes the folder where it is missing.
  explicit Results(const std::string &folder);
  /// Removes what was not committed.
  ~Results();
  /// Writes a value under a temporary name; returns the name that it will have.
  std::string add(const Value &value);
  /// Gives all files their names.
  void commit();

private:
  std::filesystem::path folder;
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> files; ///< temporary, final
};

} // namespace ssm::run
#endif
