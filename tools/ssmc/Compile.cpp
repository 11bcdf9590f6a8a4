//===- Compile.cpp - from a file to a module, and on ------------------------===//
#include "Compile.h"

#include "Report.h"
#include "Stages.h"

#include "ssm/Frontend/Elaborate.h"
#include "ssm/Pipelines/Pipelines.h"

#include "mlir/Parser/Parser.h"
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

/// All dialects of the pipelines, on this thread: modules are small.
static std::unique_ptr<mlir::MLIRContext> makeContext() {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  auto context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

Error compile(Program &program, const ast::Layer &layer, const Options &options) {
  if (options.stage == Stage::Ast) {
    std::string text;
    raw_string_ostream os(text);
    printAst(layer, os);
    return writeText(options, text);
  }
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  Report report(*context, program);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  {
    StageTimer timer(options, "elaboration");
    ElaborateOptions elaboration;
    elaboration.dims = options.dims;
    module = elaborate(program, layer, elaboration, *context);
  }
  if (!module || program.diagnostics().failed())
    return make_error<Reported>();
  return runStages(*module, options, [&] { return program.diagnostics().failed(); });
}

Error compileMlir(const Options &options) {
  if (options.stage == Stage::Ast)
    return createStringError("--emit ast needs a .ssm file: '" + options.input + "' has no syntax tree");
  if (!options.dims.empty() || !options.layer.empty())
    return createStringError("--dims and --layer need a .ssm file: in '" + options.input + "' the layer is chosen already");
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  SourceMgr sources;
  bool reported = false;
  mlir::SourceMgrDiagnosticHandler printer(sources, context.get(), errs());
  context->printOpOnDiagnostic(false);
  mlir::ScopedDiagnosticHandler counter(context.get(), [&](mlir::Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return mlir::failure(); // on to the printer
  });
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(options.input, /*IsText=*/true);
  if (!buffer)
    return createStringError("cannot read '" + options.input + "': " + buffer.getError().message());
  sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::parseSourceFile<mlir::ModuleOp>(sources, context.get());
  if (!module)
    return make_error<Reported>();
  return runStages(*module, options, [&] { return reported; });
}

} // namespace ssm
