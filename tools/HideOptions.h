//===- HideOptions.h - a --help without LLVM's thousand options -------------===//
#pragma once

#include "llvm/Support/CommandLine.h"

namespace ssm {

/// Called first in main, when only the libraries have registered options: hides
/// them all. `--help-hidden` still lists them, and they still work.
inline void hideLibraryOptions() {
  for (auto &[name, option] : llvm::cl::getRegisteredOptions())
    if (name != "help" && name != "help-hidden" && name != "version")
      option->setHiddenFlag(llvm::cl::Hidden);
}

} // namespace ssm
