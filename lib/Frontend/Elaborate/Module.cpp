//===- Module.cpp - arguments, results, the finished functions --------------===//
#include "Elaborator.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace ssm {

Elaborator::Elaborator(Program &program, const ElaborateOptions &options, MLIRContext &context)
    : program(program), diags(program.diagnostics()), options(options), context(context), dims(&context, options.dims),
      emit(&context, dims) {}

bool Elaborator::arguments(Scope &scope, Env &env) {
  for (const ast::Argument &argument : scope.layer.arguments) {
    if (argument.type.structure) {
      diags.error(rangeOf(argument.type.structure->name), "an argument cannot have a structure")
          .note("declare it as 'param " + argument.name.name + ": ...'");
      return false;
    }
    at(scope, argument.name.loc);
    Declaration declaration;
    declaration.name = argument.name.name.str();
    declaration.element = argument.type.element.name;
    declaration.scope = &scope;
    declaration.range = rangeOf(argument.name);
    for (const ast::TypeDim &dim : argument.type.dims) {
      StringAttr entered = typeDimension(dim, scope);
      if (!entered)
        return false;
      declaration.dims.push_back(entered);
    }
    Val value = addDeclaration(std::move(declaration));
    if (!value || !bind(env, argument.name, Binding::Argument, value))
      return false;
  }
  for (const ast::Type &type : scope.layer.results)
    for (const ast::TypeDim &dim : type.dims)
      if (!typeDimension(dim, scope))
        return false;
  return true;
}

bool Elaborator::results(Scope &scope, const Vals &values) {
  for (auto [i, value] : llvm::enumerate(values)) {
    const ast::Type &type = scope.layer.results[i];
    llvm::SmallVector<StringAttr> names;
    for (const ast::TypeDim &dim : type.dims)
      names.push_back(typeDimension(dim, scope));
    const ast::Expr *place = scope.layer.result.get();
    if (auto *tuple = llvm::dyn_cast<ast::TupleExpr>(place))
      place = tuple->elements[i].get();
    Env none(scope, nullptr);
    Val tensor = materialized(value, *place, none);
    mlir::Value stored = store(tensor, type, names, rangeOf(*place),
                               values.size() == 1 ? "the result" : "result " + std::to_string(i));
    if (!stored)
      return false;
    returned.push_back(stored);
  }
  return true;
}

/// Sizes given when compiling must name something.
bool Elaborator::checkOptions() {
  std::vector<StringRef> known;
  llvm::SmallVector<StringAttr> all = dims.all();
  for (StringAttr dim : all)
    if (!llvm::isDigit(dim.getValue().front()) && !dims.used.contains(dim.getValue()))
      known.push_back(dim.getValue());
  bool good = true;
  std::vector<std::string> given;
  for (auto &entry : options.dims)
    given.push_back(entry.getKey().str());
  llvm::sort(given);
  for (const std::string &name : given) {
    if (dims.used.contains(name))
      continue;
    good = false;
    auto message = diags.error(llvm::SMLoc(), "--dims gives '" + name + "', which is no dimension or constant of the layer");
    message.suggest(name, known);
    if (!known.empty())
      message.note("there are " + llvm::join(known, ", "));
  }
  return good;
}

/// Every dimension that the function's types and operations mention.
static llvm::SmallVector<StringAttr> mentionedDims(func::FuncOp function) {
  llvm::SetVector<StringAttr> dims;
  auto addType = [&](Type type) {
    if (auto matrix = llvm::dyn_cast<MatrixType>(type)) {
      dims.insert(matrix.getRows());
      dims.insert(matrix.getColumns());
    } else if (auto tensor = llvm::dyn_cast<RankedTensorType>(type)) {
      for (const NamedDim &dim : getDims(tensor))
        dims.insert(dim.name);
    }
  };
  llvm::for_each(function.getArgumentTypes(), addType);
  llvm::for_each(function.getResultTypes(), addType);
  function.walk([&](Operation *op) {
    llvm::for_each(op->getResultTypes(), addType);
    if (auto size = llvm::dyn_cast<SizeOfOp>(op))
      dims.insert(size.getDimAttr());
    if (auto scan = llvm::dyn_cast<ScanOp>(op))
      dims.insert(scan.getDimAttr());
  });
  return dims.takeVector();
}

void Elaborator::finish(const ast::Layer &layer) {
  OpBuilder::InsertionGuard guard(emit.b);
  Block &entry = forward.getBody().front();
  emit.b.setInsertionPointToEnd(&entry);
  emit.b.setLoc(location(layer.returnLoc));
  llvm::SmallVector<StringRef> names;
  std::vector<std::string> outputNames;
  for (size_t i = 0; i < returned.size(); ++i)
    outputNames.push_back(returned.size() == 1 ? "out" : "out" + std::to_string(i));
  size_t outputs = returned.size();
  llvm::SmallVector<Declaration *> inOrder(entry.getNumArguments());
  for (auto &declaration : declarations)
    inOrder[declaration->argument.getArgNumber()] = declaration.get();
  for (Declaration *declaration : inOrder)
    if (declaration->role == Role::State) {
      returned.push_back(advances.find(declaration->name)->second.stored);
      outputNames.push_back(declaration->name);
    }
  func::ReturnOp::create(emit.b, returned);
  forward.setFunctionType(
      emit.b.getFunctionType(entry.getArgumentTypes(), ValueRange(returned).getTypes()));
  for (auto [i, declaration] : llvm::enumerate(inOrder)) {
    forward.setArgAttr(i, kNameAttr, emit.b.getStringAttr(declaration->name));
    forward.setArgAttr(i, kRoleAttr, RoleAttr::get(&context, declaration->role));
    if (declaration->role != Role::Input)
      forward.setArgAttr(i, kInitAttr, emit.b.getStringAttr("init." + declaration->name));
  }
  for (auto [i, name] : llvm::enumerate(outputNames)) {
    forward.setResultAttr(i, kNameAttr, emit.b.getStringAttr(name));
    forward.setResultAttr(i, kRoleAttr, RoleAttr::get(&context, i < outputs ? Role::Output : Role::State));
  }
  dims.finish();
  for (auto function : module->getOps<func::FuncOp>()) {
    llvm::SmallVector<StringAttr> used = mentionedDims(function), ordered;
    for (StringAttr dim : dims.all())
      if (llvm::is_contained(used, dim))
        ordered.push_back(dim);
    function->setAttr(kDimsAttr, dims.table(ordered));
  }
}

OwningOpRef<ModuleOp> Elaborator::run(const ast::Layer &layer) {
  context.loadDialect<SsmDialect, arith::ArithDialect, complex::ComplexDialect, func::FuncDialect>();
  Location here = location(layer.name.loc);
  module = ModuleOp::create(here);
  emit.b.setInsertionPointToEnd(module->getBody());
  emit.b.setLoc(here);
  forward = func::FuncOp::create(emit.b, "forward", emit.b.getFunctionType({}, {}));
  Block *entry = forward.addEntryBlock();
  emit.b.setInsertionPointToStart(entry);

  scopes.push_back(std::make_unique<Scope>(layer, dims, "", nullptr, llvm::SMLoc()));
  Scope &scope = *scopes.back();
  findCalls(scope);
  Env env(scope, nullptr);
  if (!arguments(scope, env))
    return nullptr;
  Vals values = body(layer, env);
  if (values.empty() || !results(scope, values))
    return nullptr;
  bool good = checkOptions();
  for (auto &declaration : declarations) {
    if (declaration->role == Role::State && !advances.count(declaration->name)) {
      diags.error(declaration->range, "the state '" + declaration->name + "' is never advanced")
          .note("a scan that starts from it advances it: let " + declaration->statement->name.name +
                " = scan[L] " + declaration->statement->name.name + " = " + declaration->statement->name.name +
                " { ... }");
      good = false;
    }
    if (declaration->statement)
      good &= initialise(*declaration);
  }
  if (!good || diags.failed())
    return nullptr;
  finish(layer);
  Builder b(&context);
  (*module)->setAttr("ssm.layer", b.getStringAttr(layer.name.name));
  (*module)->setAttr("ssm.source", b.getStringAttr(diags.position(layer.name.loc).file));
  if (stepped)
    (*module)->setAttr("ssm.stepped", stepped);
  if (!precision.empty())
    (*module)->setAttr("ssm.precision", b.getStringAttr(precision));
  return std::move(module);
}

OwningOpRef<ModuleOp> elaborate(Program &program, const ast::Layer &layer, const ElaborateOptions &options,
                                MLIRContext &context) {
  return Elaborator(program, options, context).run(layer);
}

} // namespace ssm
