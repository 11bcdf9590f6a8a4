// Files of arrays: .npy, .npz, .safetensors, .wav, told apart by the ends of their names.
#ifndef SSM_RUNTIME_IO_SOURCE_H
#define SSM_RUNTIME_IO_SOURCE_H

#include "io/Array.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ssm::io {

/// An open file of arrays. Nothing is allocated for an array before its header fits the file's size.
class Source {
public:
  virtual ~Source() = default;
  /// The names of its arrays; one empty name in a .npy or .wav, which hold a single one.
  virtual std::vector<std::string> names() const = 0;
  /// Throws a FileError for a name that it has not.
  virtual Array read(const std::string &name) = 0;
  /// Samples a second; 0 where that means nothing.
  virtual double rate() const { return 0; }
};

/// Opens a file by the end of its name. Throws a FileError.
std::unique_ptr<Source> openSource(const std::string &path);

/// Whether files of this name hold several arrays.
bool isArchive(std::string_view path);

std::unique_ptr<Source> openNpy(const std::string &path);
std::unique_ptr<Source> openNpz(const std::string &path);
std::unique_ptr<Source> openSafetensors(const std::string &path);
/// float32, [L] or [channels, L].
std::unique_ptr<Source> openWav(const std::string &path);

/// A file that is read in pieces.
class InputFile {
public:
  explicit InputFile(const std::string &path);
  ~InputFile();
  InputFile(const InputFile &) = delete;
  int64_t size() const { return bytes; }
  /// Throws a FileError where the file ends before.
  void readAt(int64_t offset, char *data, int64_t count) const;
  const std::string path;

private:
  int file = -1;
  int64_t bytes = 0;
};

} // namespace ssm::io
#endif
