//===- Compile.cpp - the stages that ssmc goes through ----------------------===//
#include "Compile.h"

#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace ssm {

Error writeText(const Options &options, StringRef text) {
  if (options.toStdout()) {
    outs() << text;
    outs().flush();
    if (outs().has_error()) {
      std::error_code code = outs().error();
      outs().clear_error();
      return createStringError("cannot write to standard output: " + code.message());
    }
    return Error::success();
  }
  OutputFiles files;
  if (Error error = files.write(options.output, text))
    return error;
  return files.commit();
}

Error compile(Program &program, const ast::Layer &layer, const Options &options) {
  std::string text;
  raw_string_ostream os(text);
  if (options.stage == Stage::Ast) {
    printAst(layer, os);
    return writeText(options, text);
  }
  return createStringError("only --emit ast is built");
}

} // namespace ssm
