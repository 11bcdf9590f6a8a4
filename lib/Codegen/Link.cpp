//===- Link.cpp - an object becomes an artifact -----------------------------===//
//
// Calls lld, or a C compiler where there is no lld. The shared library is linked
// against the C library's own files by name, so that no development package is
// needed, and an unresolved symbol is an error here rather than on loading.
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Emit.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

#ifndef SSM_LLD
#define SSM_LLD ""
#endif

using namespace llvm;

namespace ssm {

/// Where shared libraries are on the systems that we know.
static constexpr StringLiteral libraryDirs[] = {
    "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
    "/lib64",                "/usr/lib64",                "/lib",                   "/usr/lib"};

static std::string findLinker() {
  if (sys::fs::can_execute(SSM_LLD))
    return SSM_LLD;
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return "";
}

static std::string findCompiler() {
  for (StringRef name : {"cc", "clang-22", "clang", "gcc"})
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return "";
}

/// Runs a program and returns what it printed where it failed.
static Error run(ArrayRef<std::string> command) {
  SmallString<128> log;
  int fd;
  if (std::error_code code = sys::fs::createTemporaryFile("ssmc-link", "log", fd, log))
    return createStringError("cannot write a temporary file: " + code.message());
  sys::Process::SafelyCloseFileDescriptor(fd);
  SmallVector<StringRef> arguments(command.begin(), command.end());
  std::optional<StringRef> redirects[] = {std::nullopt, log.str(), log.str()};
  std::string problem;
  int status = sys::ExecuteAndWait(command.front(), arguments, std::nullopt, redirects, 0, 0, &problem);
  if (status != 0)
    if (ErrorOr<std::unique_ptr<MemoryBuffer>> text = MemoryBuffer::getFile(log))
      problem += (*text)->getBuffer().trim();
  sys::fs::remove(log);
  if (status != 0)
    return createStringError("linking with " + command.front() + " failed: " + problem);
  return Error::success();
}

Error linkArtifact(StringRef object, StringRef stub, StringRef soname, StringRef output) {
  std::vector<std::string> command, inputs = {object.str(), stub.str()};
  std::string name = ("-soname=" + soname).str();
  if (std::string lld = findLinker(); !lld.empty()) {
    command = {lld,         "-shared",      name,         "-o",           output.str(), "-z",
               "defs",      "-z",           "noexecstack", "--gc-sections", "--build-id", "--hash-style=gnu",
               "--eh-frame-hdr"};
    command.insert(command.end(), inputs.begin(), inputs.end());
    for (StringRef dir : libraryDirs)
      if (sys::fs::is_directory(dir))
        command.push_back(("-L" + dir).str());
    command.insert(command.end(), {"-l:libm.so.6", "-l:libc.so.6"});
  } else if (std::string compiler = findCompiler(); !compiler.empty()) {
    command = {compiler, "-shared", "-nostartfiles", "-Wl,-z,defs", "-Wl,--gc-sections", "-Wl," + name, "-o",
               output.str()};
    command.insert(command.end(), inputs.begin(), inputs.end());
    command.push_back("-lm");
  } else {
    return createStringError("no linker: install lld-22 (or any C compiler), or put ld.lld on the PATH");
  }
  if (Error error = run(command))
    return error;
  return sealArtifact(output);
}

} // namespace ssm
