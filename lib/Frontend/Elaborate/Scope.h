//===- Scope.h - what names mean in one call of one layer -------------------===//
//
// A Scope is a layer that is called once: its dimensions, constants and where its
// parameters' names begin. An Env is a block of it: the names bound there. A Frame
// is a scan or repeat whose body is being written: values from outside that have
// its dimension enter by the element of the step.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Constant.h"
#include "Emitter.h"

#include "ssm/Frontend/AST.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

#include <map>

namespace ssm {

struct Scope : ConstantNames {
  Scope(const ast::Layer &layer, DimTable &table, std::string prefix, Scope *caller, llvm::SMLoc callLoc)
      : layer(layer), table(table), prefix(std::move(prefix)), caller(caller), callLoc(callLoc) {}

  const ast::Layer &layer;
  DimTable &table;
  std::string prefix; // of names in the artifact: "" or "s4d."
  Scope *caller;
  llvm::SMLoc callLoc;

  struct Dim {
    mlir::StringAttr name; // in the table
    llvm::SMLoc bound;     // where this layer bound it
  };
  std::map<std::string, Dim, std::less<>> dims; // ordered: suggestions do not vary
  llvm::StringMap<Constant> constants;
  /// Sizes that the caller gives to constants.
  llvm::StringMap<int64_t> given;
  /// Dimensions of the arguments that the layer does not name.
  llvm::SmallVector<mlir::StringAttr> mapped;
  /// The names under which each call in this layer keeps its parameters.
  llvm::DenseMap<const ast::CallExpr *, std::string> instances;

  /// Constants and dimensions that something has named.
  llvm::StringSet<> mentioned;

  std::optional<Constant> constant(llvm::StringRef name) override {
    mentioned.insert(name);
    auto found = constants.find(name);
    return found == constants.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<int64_t> size(llvm::StringRef dim) override {
    mentioned.insert(dim);
    auto found = dims.find(dim);
    return found == dims.end() ? std::nullopt : table.constantSize(found->second.name);
  }
};

/// A name with what it stands for.
struct Binding {
  enum What { Argument, Constant, Param, State, Let, Carry } what;
  Val value;
  llvm::SMRange range; // where it was bound
  unsigned depth;      // how many frames were open there
  bool used = false;
};

struct Env {
  Env(Scope &scope, Env *parent) : scope(scope), parent(parent) {}

  Scope &scope;
  Env *parent; // of the same scope
  llvm::MapVector<llvm::StringRef, Binding> names;
  /// Bindings that a later one of the same name replaced.
  llvm::SmallVector<std::pair<llvm::StringRef, Binding>> replaced;
  /// Names whose values had a mistake, which was reported.
  llvm::StringSet<> failed;
};

struct Frame {
  mlir::StringAttr dim;
  bool repeat; // dim is the repeat's own, which no value outside has
  mlir::Block *block;
  mlir::OpBuilder::InsertPoint outside;
  llvm::MapVector<mlir::Value, mlir::Value> slices; // outside -> the block's argument
};

} // namespace ssm
