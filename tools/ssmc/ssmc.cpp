//===- ssmc.cpp - the compiler of layers ------------------------------------===//
#include "Compile.h"
#include "Stages.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace ssm {

/// The layer that is compiled, or null after a message.
static const ast::Layer *chooseLayer(Program &program, const Options &options) {
  if (options.layer.empty()) {
    if (program.mainFile().layers.empty()) {
      program.diagnostics().error(SMLoc(), "'" + options.input + "' has no layer");
      return nullptr;
    }
    return program.lastLayer();
  }
  if (const ast::Layer *layer = program.lookup(options.layer))
    return layer;
  std::vector<StringRef> known = program.layerNames();
  auto message = program.diagnostics().error(SMLoc(), "there is no layer '" + options.layer + "' in '" +
                                                          options.input + "'");
  message.suggest(options.layer, known);
  if (!known.empty())
    message.note("it has " + join(known, ", "));
  return nullptr;
}

static int run(int argc, char **argv) {
  auto fail = [](Error error) {
    handleAllErrors(
        std::move(error), [](const Reported &) {},
        [](const ErrorInfoBase &info) { errs() << "ssmc: error: " << info.message() << "\n"; });
    return 1;
  };
  Expected<Options> options = parseCommandLine(argc, argv);
  if (!options)
    return fail(options.takeError());
  if (StringRef(options->input).ends_with(".mlir")) {
    if (Error error = compileMlir(*options))
      return fail(std::move(error));
    return 0;
  }
  Program program(errs());
  for (const std::string &dir : options->includeDirs)
    program.addIncludeDir(dir);
  // The library: share/ssm beside the folder of the program.
  SmallString<128> library(sys::path::parent_path(sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&run))));
  sys::path::append(library, "..", "share", "ssm");
  sys::path::remove_dots(library, /*remove_dot_dot=*/true);
  program.addIncludeDir(library);
  if (failed(program.parseFile(options->input)))
    return 1;
  const ast::Layer *layer = chooseLayer(program, *options);
  if (!layer)
    return 1;
  if (Error error = compile(program, *layer, *options))
    return fail(std::move(error));
  return program.diagnostics().failed();
}

} // namespace ssm

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  return ssm::run(argc, argv);
}
