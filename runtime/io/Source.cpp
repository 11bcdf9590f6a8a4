// Opening a file of arrays by its name. See Source.h.
#include "io/Source.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ssm::io {

InputFile::InputFile(const std::string &path) : path(path) {
  file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (file < 0 || ::fstat(file, &info) != 0) {
    std::string reason = std::strerror(errno);
    if (file >= 0)
      ::close(file);
    throw FileError(path + ": cannot be opened: " + reason);
  }
  if (!S_ISREG(info.st_mode)) {
    ::close(file);
    throw FileError(path + (S_ISDIR(info.st_mode) ? ": is a folder" : ": is not a regular file"));
  }
  bytes = info.st_size;
}

InputFile::~InputFile() { ::close(file); }

void InputFile::readAt(int64_t offset, char *data, int64_t count) const {
  while (count > 0) {
    ssize_t got = ::pread(file, data, static_cast<size_t>(count), offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      throw FileError(path + ": cannot be read: " + std::strerror(errno));
    if (got == 0)
      throw FileError(path + ": the file is truncated");
    data += got;
    offset += got;
    count -= got;
  }
}

bool isArchive(std::string_view path) { return path.ends_with(".npz") || path.ends_with(".safetensors"); }

std::unique_ptr<Source> openSource(const std::string &path) {
  if (path.ends_with(".npy"))
    return openNpy(path);
  if (path.ends_with(".npz"))
    return openNpz(path);
  if (path.ends_with(".safetensors"))
    return openSafetensors(path);
  if (path.ends_with(".wav") || path.ends_with(".WAV"))
    return openWav(path);
  throw FileError(path + ": unknown kind of file, expected .npy, .npz, .safetensors or .wav");
}

} // namespace ssm::io
