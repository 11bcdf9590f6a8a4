//===- HeaderNames.h - C identifiers for a layer's names --------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <string>

namespace ssm {

/// Makes identifiers that are valid in C and C++ and differ from each other.
class CNames {
public:
  /// `W.blocks` becomes `W_blocks`; a keyword or a name that is taken gets a
  /// suffix.
  std::string make(llvm::StringRef name, llvm::StringRef suffix = "");
  void reserve(llvm::StringRef name) { used.insert(name); }

private:
  llvm::StringSet<> used;
};

} // namespace ssm
