//===- Output.h - files that are written whole or not at all ----------------===//
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace ssm {

/// A device or a pipe (/dev/null): it is written to, where a file is replaced.
bool isSpecialFile(llvm::StringRef path);

/// Files are written under temporary names beside their own and renamed by
/// `commit`; without it they are removed.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  ~OutputFiles();

  /// The temporary's path; whatever writes there may replace the file.
  llvm::Expected<std::string> create(llvm::StringRef path);
  /// `create`, and the text in it.
  llvm::Error write(llvm::StringRef path, llvm::StringRef text);
  /// Gives all files their names.
  llvm::Error commit();

private:
  struct File {
    std::string temporary, path;
  };
  std::vector<File> files;
};

/// A temporary file that is gone at the end.
class ScratchFile {
public:
  static llvm::Expected<ScratchFile> create(llvm::StringRef suffix);
  ScratchFile(ScratchFile &&other) : path(std::exchange(other.path, "")) {}
  ~ScratchFile();
  const std::string &name() const { return path; }

private:
  explicit ScratchFile(std::string path) : path(std::move(path)) {}
  std::string path;
};

} // namespace ssm
