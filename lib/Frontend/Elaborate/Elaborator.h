//===- Elaborator.h - walks the tree and writes the module ------------------===//
//
// One function a form of the grammar. A function that fails has reported why and
// returns a null value. A scan's body is written once if what it carries keeps
// its kind and dimensions, else again with the wider ones; so whatever a body
// declares or advances can be taken back (Snapshot).
//
//   Module.cpp    arguments, results, the finished functions
//   Layer.cpp     statements, blocks, calls of layers
//   Declare.cpp   parameters, states, structures     Initialise.cpp  their initialisers
//   Names.cpp     names, dimensions, constants
//   Expr.cpp      operators     Call.cpp  functions  Reduce.cpp  reductions, products
//   Index.cpp     picking, shifts, convolutions, Fourier
//   Loop.cpp      scan, repeat
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Scope.h"

#include "ssm/Dialect/Ssm/Structure.h"
#include "ssm/Frontend/Elaborate.h"

namespace ssm {

using Vals = llvm::SmallVector<Val, 2>;

/// An argument of @forward.
struct Declaration {
  std::string name;
  Role role = Role::Input;
  llvm::StringRef element; // storage
  llvm::SmallVector<mlir::StringAttr> dims;
  mlir::BlockArgument argument;
  Scope *scope = nullptr;
  llvm::SMRange range;                      // its name
  const ast::Statement *statement = nullptr; // null for inputs
  /// Of a part of a structured parameter: the matrix and the part.
  const StructurePart *part = nullptr;
  mlir::StringAttr rows, columns;
  llvm::SmallVector<int64_t> structureArguments;
};

/// A state's value after the scan that advanced it.
struct Advance {
  mlir::Value stored;
  llvm::SMLoc loc;
  unsigned depth; // frames open where `stored` is valid
};

class Elaborator {
public:
  Elaborator(Program &program, const ElaborateOptions &options, mlir::MLIRContext &context);
  mlir::OwningOpRef<mlir::ModuleOp> run(const ast::Layer &layer);

private:
  // Module.cpp.
  bool arguments(Scope &scope, Env &env);
  bool results(Scope &scope, const Vals &values);
  bool checkOptions();
  void finish(const ast::Layer &layer);

  // Names.cpp.
  mlir::Location location(llvm::SMLoc loc);
  /// Sets the emitter's place in the source, for the callers' layers too.
  void at(Scope &scope, llvm::SMLoc loc);
  Val fail(const Diagnostics::Builder &) { return {}; }
  Vals failAll(const Diagnostics::Builder &) { return {}; }
  bool bind(Env &env, const ast::Ident &name, Binding::What what, Val value, llvm::StringRef mayReplaceState = "");
  void warnUnused(Env &env);
  Val lookup(const ast::NameExpr &expr, Env &env);
  /// A value of an outer block in the innermost frame.
  Val enter(Val value, unsigned depth);
  /// The dimension that an expression names, which must exist here.
  mlir::StringAttr dimension(const ast::Ident &name, Env &env);
  /// A dimension that a type names: bound here if it is new.
  mlir::StringAttr typeDimension(const ast::TypeDim &dim, Scope &scope);
  /// The target of a rename or a transform, of that size if it is new.
  mlir::StringAttr madeDimension(const ast::Ident &name, SizeAttr size, Env &env);
  /// A dimension that the program does not name, one for each node and name.
  mlir::StringAttr hiddenDimension(const void *node, const Scope &scope, llvm::StringRef name, SizeAttr size);
  /// The frame that scans the dimension, or null.
  Frame *scanning(mlir::StringAttr dim);
  bool hasOperandDim(const Val &value, mlir::StringAttr dim, const ast::Ident &name, llvm::StringRef what,
                     const ast::Expr &operand);
  std::optional<Constant> constant(const ast::Expr &expr, Scope &scope, llvm::StringRef what);
  std::string dimsText(const Val &value);

  // Layer.cpp.
  void findCalls(Scope &scope);
  bool statement(const ast::Statement &statement, Env &env);
  bool constStatement(const ast::Statement &statement, Env &env);
  bool let(const ast::Let &let, Env &env, bool topLevel);
  Vals block(const ast::Block &block, Env &env);
  Vals body(const ast::Layer &layer, Env &env);
  bool separateDims(const ast::CallExpr &expr, Scope &inner);
  Vals callLayer(const ast::CallExpr &expr, const ast::Layer &layer, Env &env);
  bool callDims(const ast::CallExpr &expr, Scope &inner, Env &env, llvm::StringMap<mlir::StringAttr> &given);
  mlir::Value store(Val value, const ast::Type &type, llvm::ArrayRef<mlir::StringAttr> dims, llvm::SMRange place,
                    llvm::StringRef what);

  // Declare.cpp.
  Val declare(const ast::Statement &statement, Env &env);
  Val declareMatrix(const ast::Statement &statement, Env &env, llvm::ArrayRef<mlir::StringAttr> leading,
                    llvm::ArrayRef<mlir::StringAttr> own);
  /// Adds the argument; its value in the innermost frame, or null where the name is taken.
  Val addDeclaration(Declaration declaration);
  bool structureArguments(const ast::StructureRef &ref, Scope &scope, Structure structure,
                          llvm::SmallVectorImpl<int64_t> &values);
  bool advance(const ast::ScanExpr &expr, llvm::StringRef state, Val final, mlir::StringAttr dim,
               const ast::Ident &name, Scope &scope);

  // Initialise.cpp.
  bool initialise(Declaration &declaration);
  Val blockIndices(const Declaration &declaration);
  Val random(const ast::CallExpr &expr, Env &env);
  Val fanIn(const ast::CallExpr &expr, Env &env);

  // Expr.cpp.
  Vals values(const ast::Expr &expr, Env &env);
  Val value(const ast::Expr &expr, Env &env);
  /// A tensor: a structured matrix is written out, with a warning.
  Val tensor(const ast::Expr &expr, Env &env);
  Val materialized(Val value, const ast::Expr &expr, Env &env);
  Val unary(const ast::UnaryExpr &expr, Env &env);
  Val binary(const ast::BinaryExpr &expr, Env &env);
  Val arithmetic(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr, Env &env);
  Val matrixArithmetic(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr, Env &env);
  Val compare(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr);
  Val power(Val base, Val exponent, const ast::Expr *exponentExpr, const ast::Expr &expr, Env &env);
  bool refuseComplex(const Val &value, const ast::Expr &expr, llvm::StringRef what);

  // Call.cpp.
  Vals call(const ast::CallExpr &expr, Env &env);
  Val builtin(const ast::CallExpr &expr, Env &env);
  Val cast(Val value, const ast::CallExpr &expr);
  Val position(const ast::CallExpr &expr, Env &env);

  // Reduce.cpp.
  Val reduction(const ast::ReductionExpr &expr, Env &env);
  /// A factor or divisor of a product under a sum.
  struct Factor {
    const ast::BinaryExpr *product; // null for the first
    Val value;
  };
  Val sum(const ast::ReductionExpr &expr, Env &env);
  bool factors(const ast::Expr &expr, Env &env, llvm::SmallVectorImpl<Factor> &list);
  bool reducedDims(const ast::ReductionExpr &expr, Env &env, llvm::SmallVectorImpl<mlir::StringAttr> &over);
  Val matrixSum(const ast::ReductionExpr &expr, llvm::ArrayRef<Val> list, llvm::ArrayRef<mlir::StringAttr> over,
                Env &env, bool &handled);

  // Index.cpp.
  Val index(const ast::IndexExpr &expr, Env &env);
  Val window(const ast::WindowExpr &expr, Env &env);
  Val fourier(const ast::FourierExpr &expr, Env &env);

  // Loop.cpp.
  struct Loop {
    const ast::Expr &expr;
    mlir::StringAttr dim;
    bool reverse, repeat;
    llvm::ArrayRef<ast::Ident> names;
    const ast::Expr &init;
    const ast::Block &body;
  };
  Vals scan(const ast::ScanExpr &expr, Env &env);
  Vals repeat(const ast::RepeatExpr &expr, Env &env);
  /// The final values (of a repeat) or all of them (of a scan); `finals` in any case.
  Vals loop(const Loop &loop, Vals inits, Env &env, Vals &finals);
  bool loopBody(const Loop &loop, Frame &frame, llvm::ArrayRef<Val> carries, Env &env, Vals &next);

  struct Snapshot {
    size_t declarations;
    std::map<std::string, Advance, std::less<>> advances;
  };
  Snapshot snapshot() { return {declarations.size(), advances}; }
  void restore(const Snapshot &snapshot);

  Program &program;
  Diagnostics &diags;
  const ElaborateOptions &options;
  mlir::MLIRContext &context;
  DimTable dims;
  Emitter emit;

  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp forward;
  std::vector<std::unique_ptr<Scope>> scopes;
  std::vector<std::unique_ptr<Declaration>> declarations; // in the order of the text
  std::map<std::string, Advance, std::less<>> advances;
  llvm::SmallVector<Frame *> frames;
  mlir::StringAttr stepped;
  llvm::SMLoc steppedLoc;
  llvm::StringRef precision;
  llvm::SmallVector<mlir::Value> returned;
  llvm::SmallVector<const ast::Type *> resultTypes;
  std::vector<std::unique_ptr<StructureLayout>> layouts;
  std::map<std::pair<const void *, std::string>, mlir::StringAttr> hidden;
  Declaration *initialising = nullptr; // while its initialiser is written
  mlir::Value seed;
  int64_t stream = 0;
};

} // namespace ssm
