//===- Ptxas.cpp - finds NVIDIA's assembler and runs it ---------------------===//
#include "ssm/Codegen/Gpu.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace llvm;

namespace ssm {
namespace {

/// A file in the folder of temporary files, removed again.
class Temporary {
public:
  explicit Temporary(StringRef extension) { code = sys::fs::createTemporaryFile("ssmc-gpu", extension, path); }
  ~Temporary() {
    if (!code)
      sys::fs::remove(path);
  }
  std::error_code code;
  SmallString<128> path;
};

/// Runs a program; `text` is what it printed on either stream.
bool run(ArrayRef<StringRef> command, std::string &text) {
  Temporary log("log");
  if (log.code) {
    text = "cannot write a temporary file: " + log.code.message();
    return false;
  }
  std::optional<StringRef> redirects[] = {StringRef(), log.path.str(), log.path.str()};
  std::string problem;
  int status = sys::ExecuteAndWait(command.front(), command, std::nullopt, redirects, 0, 0, &problem);
  if (ErrorOr<std::unique_ptr<MemoryBuffer>> printed = MemoryBuffer::getFile(log.path))
    text = (*printed)->getBuffer().str();
  if (!problem.empty())
    text += problem;
  return status == 0;
}

/// "V13.5.37" among the lines of `ptxas --version`.
std::string versionOf(StringRef path) {
  std::string text;
  if (!run({path, "--version"}, text))
    return "";
  StringRef line = StringRef(text).split(", V").second;
  return line.take_while([](char c) { return isDigit(c) || c == '.'; }).str();
}

/// Newest first, by their numbers: 13.10 comes before 13.9.
bool newer(StringRef a, StringRef b) {
  while (!a.empty() && !b.empty()) {
    auto [ha, ta] = a.split('.');
    auto [hb, tb] = b.split('.');
    unsigned na = 0, nb = 0;
    ha.getAsInteger(10, na);
    hb.getAsInteger(10, nb);
    if (na != nb)
      return na > nb;
    a = ta, b = tb;
  }
  return !a.empty() && b.empty();
}

/// Every assembler that the package left in one folder of Python packages.
void inPackages(StringRef packages, std::vector<std::string> &found) {
  for (StringRef part : {"nvidia/cu13/bin/ptxas", "nvidia/cu12/bin/ptxas", "nvidia/cuda_nvcc/bin/ptxas"}) {
    SmallString<256> path(packages);
    sys::path::append(path, part);
    if (sys::fs::can_execute(path))
      found.push_back(path.str().str());
  }
}

/// `root`/lib/python3.*/{site,dist}-packages.
void inPrefix(StringRef root, std::vector<std::string> &found) {
  std::error_code code;
  SmallString<256> lib(root);
  sys::path::append(lib, "lib");
  for (sys::fs::directory_iterator at(lib, code), end; !code && at != end; at.increment(code))
    if (sys::path::filename(at->path()).starts_with("python3"))
      for (StringRef folder : {"site-packages", "dist-packages"}) {
        SmallString<256> packages(at->path());
        sys::path::append(packages, folder);
        inPackages(packages, found);
      }
}

std::vector<std::string> packaged() {
  std::vector<std::string> found;
  // Where tools/setup.sh puts it: beside the build folder that this program lies in.
  static int anchor;
  SmallString<256> root(sys::fs::getMainExecutable("ssmc", &anchor));
  for (int up = 0; up < 3; ++up)
    sys::path::remove_filename(root);
  SmallString<256> local(root);
  sys::path::append(local, ".venv", "packages");
  inPackages(local, found);
  if (std::optional<std::string> environment = sys::Process::GetEnv("VIRTUAL_ENV"))
    inPrefix(*environment, found);
  SmallString<128> home;
  if (sys::path::home_directory(home)) {
    sys::path::append(home, ".local");
    inPrefix(home, found);
  }
  for (StringRef prefix : {"/usr/local", "/usr"})
    inPrefix(prefix, found);
  return found;
}

std::vector<std::string> inToolkits() {
  std::vector<std::string> found;
  auto folder = [&](StringRef root) {
    SmallString<256> path(root);
    sys::path::append(path, "bin", "ptxas");
    if (sys::fs::can_execute(path))
      found.push_back(path.str().str());
  };
  for (const char *name : {"CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = sys::Process::GetEnv(name))
      folder(*root);
  if (ErrorOr<std::string> path = sys::findProgramByName("ptxas"))
    found.push_back(*path);
  folder("/usr/local/cuda");
  return found;
}

} // namespace

Expected<Ptxas> findPtxas() {
  if (std::optional<std::string> chosen = sys::Process::GetEnv("SSM_PTXAS"); chosen && !chosen->empty()) {
    std::string version = versionOf(*chosen);
    if (version.empty())
      return createStringError("SSM_PTXAS names '" + *chosen + "', which is no ptxas that runs here");
    return Ptxas{*chosen, version};
  }
  for (const std::vector<std::string> &candidates : {packaged(), inToolkits()}) {
    Ptxas best;
    for (const std::string &path : candidates)
      if (std::string version = versionOf(path); !version.empty() && (best.path.empty() || newer(version, best.version)))
        best = {path, version};
    if (!best.path.empty())
      return best;
  }
  return createStringError("no ptxas, so no machine code for GPUs: `pip install nvidia-cuda-nvcc`, or install the CUDA "
                           "toolkit, or name one in SSM_PTXAS");
}

Expected<Cubin> runPtxas(const Ptxas &ptxas, StringRef ptx, StringRef chip) {
  Temporary in("ptx"), out("cubin");
  std::error_code code = in.code ? in.code : out.code;
  if (!code) {
    raw_fd_ostream os(in.path, code);
    os << ptx;
    os.close();
    if (os.has_error())
      code = os.error();
    os.clear_error();
  }
  if (code)
    return createStringError("cannot write a temporary file: " + code.message());
  std::string text, arch = ("-arch=" + chip).str();
  if (!run({ptxas.path, arch, "-v", "-o", out.path, in.path}, text)) {
    // Its temporary file means nothing to a reader.
    for (size_t at = text.find(in.path.str()); at != std::string::npos; at = text.find(in.path.str()))
      text.replace(at, in.path.size(), "the PTX");
    return createStringError("ptxas " + ptxas.version + " refuses the PTX: " + StringRef(text).trim());
  }
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes =
      MemoryBuffer::getFile(out.path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return createStringError("cannot read the cubin: " + bytes.getError().message());
  return Cubin{(*bytes)->getBuffer().str(), parsePtxasReport(text)};
}

} // namespace ssm
