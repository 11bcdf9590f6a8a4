//===- parse_fuzzer.cpp - any bytes into the parser -------------------------===//
//
// A libFuzzer target: whatever the bytes, the parser must end, with a tree that
// prints or with messages that stand in the text. Memory errors and undefined
// behaviour are for the sanitizers to find.
//
//===----------------------------------------------------------------------===//
#include "ssm/Frontend/Program.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  std::string messages, tree;
  llvm::raw_string_ostream messageStream(messages), treeStream(tree);

  ssm::Program program(messageStream);
  if (llvm::failed(program.parseText(text, "fuzz.ssm"))) {
    // A failure without a message would leave a user with nothing.
    if (!llvm::StringRef(messages).starts_with("fuzz.ssm:"))
      abort();
    return 0;
  }
  for (const std::unique_ptr<ssm::ast::File> &file : program.files())
    ssm::printAst(*file, treeStream);
  if (program.diagnostics().failed() || !program.lookup(program.lastLayer()->name.name))
    abort();
  return 0;
}
