//===- Description.h - what an artifact says about itself -------------------===//
#pragma once

#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/Support/JSON.h"

#include <memory>
#include <string>
#include <vector>

namespace mlir {
class Pass;
}

namespace ssm {

/// On a function: the C symbol under which the artifact exports it.
inline constexpr llvm::StringLiteral kSymbolAttr = "ssm.symbol";
/// On the module: the layer's name, the file that it was compiled from, and the
/// dimension that `step` removes (where the layer has states).
inline constexpr llvm::StringLiteral kLayerAttr = "ssm.layer";
inline constexpr llvm::StringLiteral kSourceAttr = "ssm.source";
inline constexpr llvm::StringLiteral kSteppedAttr = "ssm.stepped";

/// `ssm-assign-symbols`: gives every entry its symbol.
std::unique_ptr<mlir::Pass> createAssignSymbolsPass();
/// The symbols, in the order of the module.
std::vector<std::string> entrySymbols(mlir::ModuleOp module);

/// An argument or a result of an entry.
struct EntryValue {
  std::string name, dtype, init; // init: the entry that draws it, or empty
  Role role;
  bool optional = false; // may be left out: a null pointer
  std::vector<std::string> dims;
};
/// A dimension: open, or with a size.
struct EntryDim {
  std::string name;
  SizeAttr size; // null where open
};
struct Entry {
  std::string name, symbol; // no symbol: no code for the CPU
  bool hidden = false;
  std::vector<EntryDim> dims;
  std::vector<EntryValue> arguments, results;
  llvm::json::Value flops = nullptr; // null where not counted
  llvm::json::Array cuda;            // launch plans, one a target
};
/// Code for one kind of GPU: where it lies in the artifact's section of such code.
struct GpuModule {
  std::string target, ptxas;
  int64_t offset = 0, size = 0;
};
struct Description {
  std::string layer, source, target;
  std::vector<std::string> instructions; // what the processor must have
  std::vector<GpuModule> modules;
  std::vector<Entry> entries;
};

/// Reads the entries of a module of the ssm dialect.
Description describe(mlir::ModuleOp module, llvm::StringRef target);

struct GpuCode;
/// Adds code for a GPU and the plans of the entries that it has: its bytes go to the
/// end of `bytes`, the section of such code.
void addGpuCode(Description &description, const GpuCode &code, std::string &bytes);

/// The JSON of runtime/README.md, on one line.
std::string toJson(const Description &description);

/// A size as JSON: a number, a name, or [operation, operands...].
llvm::json::Value toJson(SizeAttr size);

/// Scalar operations on reals of one call, as a JSON size.
llvm::json::Value countFlops(mlir::func::FuncOp function);

/// The C header: a documented function for each entry.
std::string makeHeader(const Description &description, llvm::StringRef artifact);

} // namespace ssm
