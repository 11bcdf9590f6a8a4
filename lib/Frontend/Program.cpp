//===- Program.cpp - a source file with all that it imports -----------------===//
#include "ssm/Frontend/Program.h"

#include "Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace ssm;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

void Program::parseBuffer(std::unique_ptr<llvm::MemoryBuffer> buffer) {
  auto file = std::make_unique<ast::File>();
  file->path = buffer->getBufferIdentifier().str();
  StringRef text = buffer->getBuffer();
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  Parser(text, diags).parseFile(*file);
  for (const std::unique_ptr<ast::Layer> &layer : file->layers) {
    auto [entry, isNew] = layers.try_emplace(layer->name.name, layer.get());
    if (isNew)
      continue;
    // Two of one name in one file were reported by the parser.
    Position first = diags.position(entry->second->name.loc);
    if (first.file != file->path)
      diags
          .error(rangeOf(layer->name),
                 "there are two layers named '" + layer->name.name + "'")
          .note(entry->second->name.loc, "the first one is here");
  }
  fileList.push_back(std::move(file));
}

void Program::resolveImport(const ast::File &from, const ast::Import &import) {
  llvm::SmallVector<std::string> tried;
  std::string problem;
  auto load = [&](StringRef dir) {
    llvm::SmallString<128> name(dir);
    path::append(name, import.path);
    if (path::extension(name) != ".ssm")
      name += ".ssm";
    path::remove_dots(name, /*remove_dot_dot=*/false);
    if (llvm::is_contained(tried, name.str()))
      return false;
    tried.push_back(name.str().str());
    fs::UniqueID id;
    if (fs::getUniqueID(name, id) || !fs::is_regular_file(name))
      return false;
    if (!loaded.try_emplace(id, fileList.size()).second)
      return true;
    auto buffer = llvm::MemoryBuffer::getFile(name);
    if (buffer) {
      parseBuffer(std::move(*buffer));
      return true;
    }
    loaded.erase(id);
    diags.error(import.loc, "cannot read '" + name + "': " + buffer.getError().message());
    return true;
  };

  if (path::is_absolute(import.path)) {
    if (load(""))
      return;
  } else {
    if (load(path::parent_path(from.path)))
      return;
    for (StringRef dir : includeDirs)
      if (load(dir))
        return;
  }
  diags.error(import.loc, "there is no file '" + import.path + "' to import")
      .note("looked for " + llvm::join(tried, ", "));
}

llvm::LogicalResult Program::parseImports() {
  // The list grows while it is walked.
  for (size_t i = 0; i < fileList.size() && !diags.full(); ++i) {
    const ast::File &file = *fileList[i];
    for (const ast::Import &import : file.imports)
      resolveImport(file, import);
  }
  if (!diags.failed() && mainFile().layers.empty()) {
    unsigned id = sources.getMainFileID();
    diags.error(llvm::SMLoc::getFromPointer(sources.getMemoryBuffer(id)->getBufferStart()),
                "the file holds no layer");
  }
  return llvm::failure(diags.failed());
}

llvm::LogicalResult Program::parseFile(StringRef name) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(name);
  bool directory = name != "-" && fs::is_directory(name);
  if (!buffer || directory)
    return diags.error(llvm::SMLoc(),
                       "cannot read '" + name + "': " +
                           (directory ? "it is a directory" : buffer.getError().message()));
  fs::UniqueID id;
  if (name != "-" && !fs::getUniqueID(name, id))
    loaded.try_emplace(id, 0);
  parseBuffer(std::move(*buffer));
  return parseImports();
}

llvm::LogicalResult Program::parseText(StringRef text, StringRef name) {
  parseBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name));
  return parseImports();
}

std::vector<StringRef> Program::layerNames() const {
  std::vector<StringRef> names;
  for (const std::unique_ptr<ast::File> &file : fileList)
    for (const std::unique_ptr<ast::Layer> &layer : file->layers)
      names.push_back(layer->name.name);
  return names;
}
