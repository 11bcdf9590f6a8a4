// Opening an artifact: read, check, load a copy. See Artifact.h.
//
// What is loaded is an anonymous copy of the bytes that were checked. So a file that is compiled anew or
// cut short while it is in use cannot crash the caller, and opening it again gives the new one.
#include "core/Artifact.h"

#include "core/Cpu.h"
#include "core/Elf.h"
#include "core/Error.h"
#include "cpu/Services.h"
#include "cuda/Runner.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace ssm::rt;

static int copyToMemory(const std::vector<char> &bytes) {
  int file = ::memfd_create("ssm-artifact", MFD_CLOEXEC);
  size_t done = 0;
  while (file >= 0 && done < bytes.size()) {
    ssize_t put = ::write(file, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0) {
      ::close(file);
      return -1;
    }
    done += static_cast<size_t>(put);
  }
  return file;
}

ssm_artifact::ssm_artifact(const std::string &path) {
  std::vector<char> bytes = readFile(path);
  Sections sections = findSections({bytes.data(), bytes.size()});
  description = parseDescription(std::string(sections.json));
  for (const cuda::CodeModule &module : description.modules)
    if (static_cast<uint64_t>(module.offset) > sections.gpu.size() ||
        static_cast<uint64_t>(module.size) > sections.gpu.size() - static_cast<uint64_t>(module.offset))
      fail(SSM_ERROR_NOT_ARTIFACT, "its section .ssm.gpu of ", sections.gpu.size(), " bytes does not hold the code for ",
           module.target);

  if (std::string missing = missingInstructions(description.instructions); !missing.empty())
    fail(SSM_ERROR_NOT_ARTIFACT, "it was compiled for a processor with ", missing, ", which this one lacks; compile the ",
         "layer here, or elsewhere with a --cpu that this one is");

  // The descriptor stays open: the loader takes a library of the same path for the same library.
  file = copyToMemory(bytes);
  if (file >= 0)
    library = ::dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) // no memory files or no /proc here: the file itself, then
    library = ::dlopen(path.find('/') == std::string::npos ? ("./" + path).c_str() : path.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::string problem = library ? "" : ::dlerror();

  auto *attach = library ? reinterpret_cast<ssm_artifact_attach_fn *>(::dlsym(library, "ssm_artifact_attach")) : nullptr;
  if (library && !attach)
    problem = "it does not export ssm_artifact_attach";
  const void *code = nullptr;
  if (problem.empty() && !description.modules.empty()) {
    code = ::dlsym(library, "ssm_artifact_gpu");
    if (!code)
      problem = "it does not export ssm_artifact_gpu, the code for GPUs";
  }
  for (Entry &entry : description.entries) {
    if (!problem.empty())
      break;
    if (entry.symbol.empty())
      continue;
    entry.function = reinterpret_cast<ssm_entry_fn *>(::dlsym(library, entry.symbol.c_str()));
    if (!entry.function)
      problem = "it does not export " + entry.symbol + ", its entry '" + entry.name + "'";
  }
  if (!problem.empty()) { // the destructor does not run
    if (library)
      ::dlclose(library);
    if (file >= 0)
      ::close(file);
    fail(SSM_ERROR_LOAD, "it cannot be loaded: ", problem);
  }
  attach(services());
  if (code)
    gpu = std::make_unique<cuda::Runner>(description, static_cast<const char *>(code));
}

ssm_artifact::~ssm_artifact() {
  gpu.reset();
  ::dlclose(library);
  if (file >= 0)
    ::close(file);
}

namespace ssm::rt {

const Entry &entryOf(const ssm_artifact &artifact, const char *name) {
  if (!name)
    fail(SSM_ERROR_USE, "the name of the entry is null");
  if (const Entry *entry = artifact.description.find(name))
    return *entry;
  std::string names;
  for (const Entry &entry : artifact.description.entries)
    if (!entry.hidden)
      names += (names.empty() ? "" : ", ") + entry.name;
  fail(SSM_ERROR_ENTRY, "layer '", artifact.description.layer, "' has no entry '", name, "'; it has ", names,
       std::string_view(name) == "step" ? " (a layer without states cannot be stepped)" : "");
}

} // namespace ssm::rt
