//===- Report.cpp - MLIR's diagnostics in the frontend's form ---------------===//
#include "Report.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

Report::Report(MLIRContext &context, Program &program)
    : program(program), handler(&context, [this](Diagnostic &diagnostic) { handle(diagnostic); }) {
  context.printOpOnDiagnostic(false);
}

llvm::SMLoc Report::find(Location location) {
  return llvm::TypeSwitch<Location, llvm::SMLoc>(location)
      .Case([&](FileLineColLoc loc) {
        llvm::SourceMgr &sources = program.sourceManager();
        for (unsigned i = 1; i <= sources.getNumBuffers(); ++i)
          if (sources.getMemoryBuffer(i)->getBufferIdentifier() == loc.getFilename().getValue())
            return sources.FindLocForLineAndColumn(i, loc.getLine(), loc.getColumn());
        return llvm::SMLoc();
      })
      .Case([&](NameLoc loc) { return find(loc.getChildLoc()); })
      .Case([&](CallSiteLoc loc) {
        llvm::SMLoc callee = find(loc.getCallee());
        return callee.isValid() ? callee : find(loc.getCaller());
      })
      .Case([&](FusedLoc loc) {
        for (Location part : loc.getLocations())
          if (llvm::SMLoc found = find(part); found.isValid())
            return found;
        return llvm::SMLoc();
      })
      .Default([](Location) { return llvm::SMLoc(); });
}

void Report::handle(Diagnostic &diagnostic) {
  // Remarks and notes that stand alone are for the developers of passes.
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error && diagnostic.getSeverity() != DiagnosticSeverity::Warning)
    return;
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  llvm::SMLoc loc = find(diagnostic.getLocation());
  Diagnostics::Builder message = isError ? program.diagnostics().error(loc, diagnostic.str())
                                         : program.diagnostics().warning(loc, diagnostic.str());
  if (auto call = llvm::dyn_cast<CallSiteLoc>(diagnostic.getLocation()))
    if (llvm::SMLoc caller = find(call.getCaller()); caller.isValid())
      message.note(caller, "in the layer called here");
  for (Diagnostic &note : diagnostic.getNotes())
    message.note(find(note.getLocation()), note.str());
}

} // namespace ssm
