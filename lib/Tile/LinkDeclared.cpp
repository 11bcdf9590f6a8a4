//===- LinkDeclared.cpp - tile-link -----------------------------------------===//
//
// Kernels share functions and entries launch kernels of other files: they are declared
// with the file's name, and taken from there together with what they call.
//
//===----------------------------------------------------------------------===//
#include "ssm/Tile/Passes.h"

#include "ssm/Dialect/Tile/Tile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ssm {
namespace {

constexpr StringLiteral kFrom = "tile.from";

struct TileLink : PassWrapper<TileLink, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TileLink)
  StringRef getArgument() const final { return "tile-link"; }
  StringRef getDescription() const final { return "Take functions and kernels that are declared from the files that tile.from names"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<affine::AffineDialect, arith::ArithDialect, func::FuncDialect, math::MathDialect, scf::SCFDialect, ub::UBDialect,
                    tile::TileDialect, SsmDialect>();
  }

  void runOnOperation() final {
    SymbolTable symbols(getOperation());
    llvm::StringMap<OwningOpRef<ModuleOp>> files;
    SmallVector<Operation *> open;
    for (Operation &op : *getOperation().getBody())
      open.push_back(&op);
    while (!open.empty()) {
      auto declared = dyn_cast<FunctionOpInterface>(open.pop_back_val());
      if (!declared || !declared.isDeclaration() || !declared->hasAttr(kFrom))
        continue;
      if (failed(define(declared, symbols, files, open)))
        return signalPassFailure();
    }
  }

  /// Puts the definition in the declaration's place, and what it calls beside it.
  LogicalResult define(FunctionOpInterface declared, SymbolTable &symbols, llvm::StringMap<OwningOpRef<ModuleOp>> &files,
                       SmallVectorImpl<Operation *> &open) {
    auto from = declared->getAttrOfType<StringAttr>(kFrom);
    if (!from)
      return declared->emitError("tile.from is the name of a file, a string");
    SmallString<128> path = pathOf(declared);
    OwningOpRef<ModuleOp> &file = files[path];
    if (!file && !llvm::sys::fs::exists(path))
      return declared->emitError() << "@" << declared.getName() << " is declared from '" << path << "': there is no such file";
    if (!file && !(file = parseSourceFile<ModuleOp>(path, &getContext())))
      return declared->emitError() << "@" << declared.getName() << " is declared from '" << path << "', which cannot be read";
    auto found = file->lookupSymbol<FunctionOpInterface>(declared.getNameAttr());
    if (!found)
      return declared->emitError() << "'" << path << "' does not define @" << declared.getName();
    if (found->getName() != declared->getName() || found.getFunctionType() != declared.getFunctionType()) {
      InFlightDiagnostic error = declared->emitError() << "@" << declared.getName() << " is declared otherwise than it is defined";
      error.attachNote(found->getLoc()) << "the definition";
      return error;
    }
    Operation *definition = found->clone();
    if (!isa<tile::KernelOp>(definition)) // kernels are launched from outside
      SymbolTable::setSymbolVisibility(definition, SymbolTable::Visibility::Private);
    Block::iterator here = std::next(Block::iterator(declared));
    symbols.erase(declared);
    bring(definition, here, symbols, open);
    // What it calls; one that is here already came from that file as well, or the two must not meet.
    SmallVector<Operation *> users = {definition};
    while (!users.empty()) {
      std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(users.pop_back_val());
      for (SymbolTable::SymbolUse use : uses ? *uses : SymbolTable::UseRange(std::vector<SymbolTable::SymbolUse>())) {
        StringAttr name = use.getSymbolRef().getRootReference();
        Operation *there = file->lookupSymbol(name), *already = symbols.lookup(name);
        auto later = dyn_cast_or_null<FunctionOpInterface>(already); // declared from there, and not taken yet
        if (later && later.isDeclaration() && later->hasAttrOfType<StringAttr>(kFrom) && pathOf(later) == path)
          continue;
        if (already && there && already->getLoc() != there->getLoc()) {
          InFlightDiagnostic error = already->emitError() << "@" << name.getValue() << " is defined here and in '" << path << "'";
          error.attachNote(there->getLoc()) << "which @" << found.getName() << " uses";
          return error;
        }
        if (already || !there)
          continue;
        users.push_back(there->clone());
        bring(users.back(), getOperation().getBody()->end(), symbols, open);
      }
    }
    return success();
  }

  static SmallString<128> pathOf(Operation *declared) {
    SmallString<128> path(declared->getAttrOfType<StringAttr>(kFrom).getValue());
    if (auto place = declared->getLoc()->findInstanceOf<FileLineColLoc>(); place && !llvm::sys::path::is_absolute(path)) {
      SmallString<128> beside(llvm::sys::path::parent_path(place.getFilename()));
      llvm::sys::path::append(beside, path);
      return beside;
    }
    return path;
  }

  static void bring(Operation *op, Block::iterator at, SymbolTable &symbols, SmallVectorImpl<Operation *> &open) {
    symbols.insert(op, at);
    open.push_back(op);
  }
};

} // namespace

std::unique_ptr<Pass> createTileLinkPass() { return std::make_unique<TileLink>(); }

} // namespace ssm
