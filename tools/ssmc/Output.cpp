//===- Output.cpp - files that are written whole or not at all --------------===//
#include "Output.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

using namespace llvm;

namespace ssm {

static Error problem(const Twine &what, std::error_code code) { return createStringError(what + ": " + code.message()); }

bool isSpecialFile(StringRef path) {
  sys::fs::file_status status;
  return !sys::fs::status(path, status) && !sys::fs::is_regular_file(status) && !sys::fs::is_directory(status);
}

/// Writes what the file holds into a device or a pipe.
static std::error_code pour(StringRef from, StringRef into) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes = MemoryBuffer::getFile(from, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return bytes.getError();
  std::error_code code;
  raw_fd_ostream os(into, code, sys::fs::CD_OpenExisting);
  if (code)
    return code;
  os << (*bytes)->getBuffer();
  os.close();
  code = os.error();
  os.clear_error();
  return code;
}

OutputFiles::~OutputFiles() {
  for (const File &file : files) {
    sys::fs::remove(file.temporary);
    sys::DontRemoveFileOnSignal(file.temporary);
  }
}

Expected<std::string> OutputFiles::create(StringRef path) {
  if (sys::fs::is_directory(path))
    return createStringError("cannot write '" + path + "': it is a folder");
  SmallString<128> name;
  int fd;
  std::error_code code = isSpecialFile(path) ? sys::fs::createTemporaryFile("ssmc", "out", fd, name)
                                             : sys::fs::createUniqueFile(path + ".%%%%%%.tmp", fd, name, sys::fs::OF_None,
                                                                         sys::fs::all_read | sys::fs::all_write);
  if (code)
    return problem("cannot write '" + path + "'", code);
  sys::Process::SafelyCloseFileDescriptor(fd);
  sys::RemoveFileOnSignal(name);
  files.push_back({name.str().str(), path.str()});
  return files.back().temporary;
}

Error OutputFiles::write(StringRef path, StringRef text) {
  Expected<std::string> temporary = create(path);
  if (!temporary)
    return temporary.takeError();
  std::error_code code;
  raw_fd_ostream os(*temporary, code);
  if (!code) {
    os << text;
    os.close();
    code = os.error();
    os.clear_error();
  }
  if (code)
    return problem("cannot write '" + path + "'", code);
  return Error::success();
}

Error OutputFiles::commit() {
  for (const File &file : files) {
    bool special = isSpecialFile(file.path);
    if (std::error_code code = special ? pour(file.temporary, file.path) : sys::fs::rename(file.temporary, file.path))
      return problem("cannot write '" + file.path + "'", code);
    if (special)
      sys::fs::remove(file.temporary);
    sys::DontRemoveFileOnSignal(file.temporary);
  }
  files.clear();
  return Error::success();
}

Expected<ScratchFile> ScratchFile::create(StringRef suffix) {
  SmallString<128> name;
  if (std::error_code code = sys::fs::createTemporaryFile("ssmc", suffix, name))
    return problem("cannot write a temporary file", code);
  sys::RemoveFileOnSignal(name);
  return ScratchFile(name.str().str());
}

ScratchFile::~ScratchFile() {
  if (path.empty())
    return;
  sys::fs::remove(path);
  sys::DontRemoveFileOnSignal(path);
}

} // namespace ssm
