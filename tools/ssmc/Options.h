//===- Options.h - what ssmc is asked to do ---------------------------------===//
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ssm {

/// The stages at which the compiler can stop, in their order.
enum class Stage { Ast, Ssm, Raised, Fused, Plan, Tile, Vector, Async, Linalg, Llvm, Object, Header, Artifact };

/// Planned and fused, or operation by operation.
enum class Path { Main, Reference };

struct Options {
  std::string input, layer, output, cpu, target = "cpu";
  Stage stage = Stage::Artifact;
  Path path = Path::Main;
  std::string planFile;
  bool explain = false;
  llvm::StringMap<int64_t> dims;
  std::vector<std::string> includeDirs;
  bool time = false;
  bool checked = false; ///< every wait of a kernel is bounded

  bool forGpu() const { return target != "cpu"; }

  bool toStdout() const { return output.empty() || output == "-"; }
};

/// Reads the command line. Prints help, version and what LLVM's parser refuses
/// itself, and ends the program then; other mistakes are returned as a sentence.
llvm::Expected<Options> parseCommandLine(int argc, char **argv);

} // namespace ssm
