//===- Symbols.cpp - ssm-assign-symbols: C names for the entries ------------===//
//
//   func.func @init.log_dt ...   ->   func.func @init.log_dt ... attributes {ssm.symbol = "s4d_init_log_dt_entry"}
//
// The name that a C programmer calls, `s4d_init_log_dt`, is the header's own.
//
//===----------------------------------------------------------------------===//
#include "ssm/Codegen/Description.h"

#include "mlir/Pass/Pass.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ssm {
namespace {

struct AssignSymbols : PassWrapper<AssignSymbols, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AssignSymbols)
  StringRef getArgument() const override { return "ssm-assign-symbols"; }
  StringRef getDescription() const override { return "give every entry of a layer its C symbol"; }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto layer = module->getAttrOfType<StringAttr>(kLayerAttr);
    llvm::StringSet<> used;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!function->hasAttr(kDimsAttr) || function.isDeclaration())
        continue;
      std::string base = layer ? layer.getValue().str() + "_" : "";
      for (char c : function.getName())
        base += llvm::isAlnum(c) ? c : '_';
      std::string symbol = base + "_entry";
      for (unsigned n = 2; !used.insert(symbol).second; ++n)
        symbol = base + "_" + std::to_string(n) + "_entry";
      function->setAttr(kSymbolAttr, StringAttr::get(&getContext(), symbol));
    }
  }
};

} // namespace

std::unique_ptr<Pass> createAssignSymbolsPass() { return std::make_unique<AssignSymbols>(); }

std::vector<std::string> entrySymbols(ModuleOp module) {
  std::vector<std::string> symbols;
  for (auto function : module.getOps<func::FuncOp>())
    if (auto symbol = function->getAttrOfType<StringAttr>(kSymbolAttr))
      symbols.push_back(symbol.getValue().str());
  return symbols;
}

} // namespace ssm
