//===- HeaderNames.cpp - C identifiers for a layer's names ------------------===//
#include "HeaderNames.h"

#include "llvm/ADT/StringExtras.h"

namespace ssm {

/// Words that C99, C++20 or the standard headers keep for themselves.
static const llvm::StringSet<> &keywords() {
  static const llvm::StringSet<> words = {
      "alignas",   "alignof",      "and",      "asm",        "auto",       "bitand",    "bitor",     "bool",
      "break",     "case",         "catch",    "char",       "class",      "compl",     "concept",   "const",
      "consteval", "constexpr",    "constinit", "continue",  "decltype",   "default",   "delete",    "do",
      "double",    "dynamic_cast", "else",     "enum",       "explicit",   "export",    "extern",    "false",
      "float",     "for",          "friend",   "goto",       "if",         "inline",    "int",       "long",
      "mutable",   "namespace",    "new",      "noexcept",   "not",        "nullptr",   "operator",  "or",
      "private",   "protected",    "public",   "register",   "requires",   "restrict",  "return",    "short",
      "signed",    "sizeof",       "static",   "struct",     "switch",     "template",  "this",      "throw",
      "true",      "try",          "typedef",  "typeid",     "typename",   "union",     "unsigned",  "using",
      "virtual",   "void",         "volatile", "wchar_t",    "while",      "xor",       "I",         "linux",
      "unix",      "NULL",         "int32_t",  "int64_t",    "uint8_t",    "uint16_t",  "uint64_t"};
  return words;
}

std::string CNames::make(llvm::StringRef name, llvm::StringRef suffix) {
  std::string base;
  for (char c : name)
    base += llvm::isAlnum(c) ? c : '_';
  if (base.empty() || llvm::isDigit(base.front()))
    base = "n" + base;
  base += suffix;
  if (keywords().contains(base))
    base += "_";
  std::string result = base;
  for (unsigned n = 2; !used.insert(result).second; ++n)
    result = base + "_" + std::to_string(n);
  return result;
}

} // namespace ssm
