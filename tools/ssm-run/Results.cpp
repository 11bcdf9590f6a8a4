// Writing results so that an error leaves nothing half-written. See Results.h.
#include "Results.h"

#include "io/Npy.h"

#include <unistd.h>

namespace fs = std::filesystem;

namespace ssm::run {

Results::Results(const std::string &name) : folder(name) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code || !fs::is_directory(folder))
    throw Failure(name + ": the folder cannot be made" + (code ? ": " + code.message() : ""));
}

Results::~Results() {
  std::error_code code;
  for (const auto &[temporary, final] : files)
    fs::remove(temporary, code);
}

std::string Results::add(const Value &value) {
  fs::path final = folder / (value.name + ".npy");
  fs::path temporary = folder / ("." + value.name + ".npy." + std::to_string(::getpid()));
  std::error_code code;
  if (fs::is_directory(final, code))
    throw Failure(final.string() + ": is a folder");
  fs::remove(temporary, code);
  files.push_back({temporary, final});
  io::writeNpy(temporary, value.dtype, value.shape, value.data.data());
  return final;
}

void Results::commit() {
  for (const auto &[temporary, final] : files) {
    std::error_code code;
    fs::rename(temporary, final, code);
    if (code)
      throw Failure(final.string() + ": cannot be written: " + code.message());
  }
  files.clear();
}

} // namespace ssm::run
