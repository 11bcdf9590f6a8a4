//===- ssm-lsp-server.cpp - MLIR text of this project in an editor ----------===//
#include "../HideOptions.h"

#include "ssm/Pipelines/Pipelines.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

static llvm::cl::extrahelp more(R"(
A language server for .mlir files with the ssm dialect: errors as you type, definitions,
references, hovers. It speaks the language server protocol on standard input and output;
an editor starts it. Make a file to look at with `ssmc s4d.ssm --emit ssm -o s4d.mlir`.

  VS Code    install the extension "MLIR" (llvm-vs-code-extensions.vscode-mlir) and set
             "mlir.server_path": "/path/to/ssm-lsp-server"
  Neovim     vim.lsp.config('ssm', { cmd = { 'ssm-lsp-server' }, filetypes = { 'mlir' } })
             vim.lsp.enable('ssm')
  Emacs      (add-to-list 'eglot-server-programs '(mlir-mode . ("ssm-lsp-server")))
)");

int main(int argc, char **argv) {
  ssm::hideLibraryOptions();
  mlir::DialectRegistry registry;
  ssm::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
