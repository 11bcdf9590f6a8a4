//===- Program.h - a source file with all that it imports -------------------===//
//
// Reads and parses files. The program owns the text, which the trees point
// into, and the diagnostics:
//
//   Program program(llvm::errs());
//   program.addIncludeDir("/usr/share/ssm");
//   if (failed(program.parseFile("layer.ssm"))) return 1;
//   const ast::Layer *layer = program.lookup("s4d");
//
// `import "std/s4d"` is looked for beside the importing file, then in the
// include directories in their order, with `.ssm` appended. A file is read once
// however often it is imported, so files may import each other.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Frontend/AST.h"
#include "ssm/Frontend/Diagnostics.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem/UniqueID.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ssm {

class Program {
public:
  explicit Program(llvm::raw_ostream &os = llvm::errs()) : diags(sources, os) {}

  void addIncludeDir(llvm::StringRef dir) { includeDirs.push_back(dir.str()); }

  /// Reads the main file (`-` is standard input) and all that it imports.
  llvm::LogicalResult parseFile(llvm::StringRef path);
  /// The same for a text that is in no file; `name` is what messages call it.
  llvm::LogicalResult parseText(llvm::StringRef text, llvm::StringRef name);

  llvm::SourceMgr &sourceManager() { return sources; }
  Diagnostics &diagnostics() { return diags; }

  /// The main file first, then the others in the order of their imports.
  const std::vector<std::unique_ptr<ast::File>> &files() const { return fileList; }
  const ast::File &mainFile() const { return *fileList.front(); }

  /// The layer of that name in any of the files, or null.
  const ast::Layer *lookup(llvm::StringRef name) const { return layers.lookup(name); }
  /// The names of all layers, main file first, for suggestions.
  std::vector<llvm::StringRef> layerNames() const;
  /// The last layer of the main file, which is compiled if none is named.
  const ast::Layer *lastLayer() const { return mainFile().layers.back().get(); }

private:
  void parseBuffer(std::unique_ptr<llvm::MemoryBuffer> buffer);
  void resolveImport(const ast::File &from, const ast::Import &import);
  llvm::LogicalResult parseImports();

  llvm::SourceMgr sources;
  Diagnostics diags;
  std::vector<std::string> includeDirs;
  std::vector<std::unique_ptr<ast::File>> fileList;
  std::map<llvm::sys::fs::UniqueID, size_t> loaded; // which files were read
  llvm::StringMap<const ast::Layer *> layers;
};

/// Prints the tree of a file or a layer: see PrintAst.cpp for the form.
void printAst(const ast::File &file, llvm::raw_ostream &os);
void printAst(const ast::Layer &layer, llvm::raw_ostream &os);

} // namespace ssm
