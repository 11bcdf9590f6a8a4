//===- Layer.cpp - statements, blocks, calls of layers ----------------------===//
#include "Elaborator.h"

#include "llvm/ADT/StringExtras.h"

#include <functional>

using namespace mlir;

namespace ssm {

namespace {
/// Visits every call under an expression, in the order of the text.
class CallFinder {
public:
  explicit CallFinder(std::function<void(const ast::CallExpr &)> visit) : visit(std::move(visit)) {}

  void operator()(const ast::Expr &expr) {
    switch (expr.kind()) {
    case ast::Expr::Number:
    case ast::Expr::Name:
      return;
    case ast::Expr::Tuple:
      for (auto &element : llvm::cast<ast::TupleExpr>(expr).elements)
        (*this)(*element);
      return;
    case ast::Expr::Unary:
      return (*this)(*llvm::cast<ast::UnaryExpr>(expr).operand);
    case ast::Expr::Binary:
      (*this)(*llvm::cast<ast::BinaryExpr>(expr).lhs);
      return (*this)(*llvm::cast<ast::BinaryExpr>(expr).rhs);
    case ast::Expr::Reduction:
      return (*this)(*llvm::cast<ast::ReductionExpr>(expr).operand);
    case ast::Expr::Index:
      (*this)(*llvm::cast<ast::IndexExpr>(expr).base);
      for (auto &entry : llvm::cast<ast::IndexExpr>(expr).entries)
        if (entry.index)
          (*this)(*entry.index);
      return;
    case ast::Expr::Call: {
      auto &call = llvm::cast<ast::CallExpr>(expr);
      visit(call);
      for (auto &argument : call.arguments)
        (*this)(*argument);
      return;
    }
    case ast::Expr::Window:
      (*this)(*llvm::cast<ast::WindowExpr>(expr).first);
      return (*this)(*llvm::cast<ast::WindowExpr>(expr).second);
    case ast::Expr::Fourier:
      return (*this)(*llvm::cast<ast::FourierExpr>(expr).operand);
    case ast::Expr::Scan:
      (*this)(*llvm::cast<ast::ScanExpr>(expr).init);
      return block(llvm::cast<ast::ScanExpr>(expr).body);
    case ast::Expr::Repeat:
      (*this)(*llvm::cast<ast::RepeatExpr>(expr).init);
      return block(llvm::cast<ast::RepeatExpr>(expr).body);
    }
  }

private:
  void block(const ast::Block &block) {
    for (const ast::Let &let : block.lets)
      (*this)(*let.value);
    if (block.result)
      (*this)(*block.result);
  }

  std::function<void(const ast::CallExpr &)> visit;
};
} // namespace

void Elaborator::findCalls(Scope &scope) {
  llvm::StringMap<unsigned> counts;
  CallFinder find([&](const ast::CallExpr &call) {
    if (!program.lookup(call.callee))
      return;
    unsigned n = ++counts[call.callee];
    scope.instances[&call] = n == 1 ? call.callee.str() : (call.callee + "_" + llvm::Twine(n)).str();
  });
  for (const ast::Statement &statement : scope.layer.statements)
    if (statement.let.value && statement.kind == ast::Statement::LetStatement)
      find(*statement.let.value);
  find(*scope.layer.result);
}

bool Elaborator::constStatement(const ast::Statement &statement, Env &env) {
  Scope &scope = env.scope;
  StringRef name = statement.name.name;
  std::optional<Constant> value = constant(*statement.let.value, scope, "the constant '" + name.str() + "'");
  if (!value)
    return false;
  std::string full = scope.prefix + name.str();
  std::optional<int64_t> given;
  if (auto found = scope.given.find(name); found != scope.given.end())
    given = found->second;
  if (auto found = options.dims.find(full); found != options.dims.end()) {
    dims.used.insert(full);
    given = found->second;
  }
  if (given && !value->isWhole()) {
    diags.error(rangeOf(statement.name), "'" + name + "' is no whole number, so it cannot be given a size");
    return false;
  }
  if (given)
    value = Constant::whole(*given);
  scope.constants[name] = *value;
  at(scope, statement.loc);
  Val emitted = value->kind == Kind::Bool  ? emit.boolean(value->integer)
                : value->kind == Kind::Int ? emit.integer(value->integer)
                                           : emit.real(value->number);
  if (!bind(env, statement.name, Binding::Constant, emitted))
    return false;
  if (!value->isWhole())
    return true;
  // A whole constant is a dimension too.
  bool known = scope.dims.count(name.str());
  StringAttr dim = known ? scope.dims.find(name)->second.name : dims.add(full);
  if (!known)
    scope.dims[name.str()] = {dim, statement.name.loc};
  std::optional<int64_t> size = dims.constantSize(dim);
  if (size && *size != value->integer) {
    diags.error(rangeOf(statement.name), "'" + name + "' is " + llvm::Twine(value->integer) +
                                             " here, the dimension of that name has size " + llvm::Twine(*size))
        .note(scope.dims.find(name)->second.bound, "bound here");
    return false;
  }
  if (value->integer >= 0)
    dims.setSize(dim, SizeAttr::constant(&context, value->integer));
  return true;
}

bool Elaborator::let(const ast::Let &let, Env &env, bool topLevel) {
  at(env.scope, let.loc);
  Vals results = values(*let.value, env);
  if (results.empty())
    return false;
  if (results.size() != let.names.size()) {
    diags.error(rangeOf(*let.value), "this gives " + llvm::Twine(results.size()) + (results.size() == 1 ? " value" : " values") +
                                         " for " + llvm::Twine(let.names.size()) +
                                         (let.names.size() == 1 ? " name" : " names"))
        .note(let.names.front().loc, "bound to these names");
    return false;
  }
  // A let may take the name of the state that it advances.
  auto *scan = llvm::dyn_cast<ast::ScanExpr>(let.value.get());
  for (auto [name, result] : llvm::zip(let.names, results)) {
    std::string full = env.scope.prefix + name.name.str();
    bool advanced = topLevel && scan && advances.count(full);
    if (!bind(env, name, Binding::Let, result, advanced ? StringRef(full) : ""))
      return false;
    // What is there for its state alone, or one of several, need not be used.
    if ((scan && advances.count(full)) || results.size() > 1)
      env.names.find(name.name)->second.used = true;
  }
  return true;
}

bool Elaborator::statement(const ast::Statement &statement, Env &env) {
  switch (statement.kind) {
  case ast::Statement::Const:
    return constStatement(statement, env);
  case ast::Statement::Param:
  case ast::Statement::State: {
    bool isState = statement.kind == ast::Statement::State;
    Val value = declare(statement, env);
    return value && bind(env, statement.name, isState ? Binding::State : Binding::Param, value);
  }
  case ast::Statement::LetStatement:
    return let(statement.let, env, true);
  case ast::Statement::Schedule:
    for (auto &[key, choice] : statement.schedule)
      if (key.name == "precision" && !env.scope.caller)
        precision = choice.name;
    return true;
  }
  return false;
}

Vals Elaborator::block(const ast::Block &block, Env &env) {
  for (const ast::Let &one : block.lets)
    if (!let(one, env, false))
      return {};
  at(env.scope, block.result->loc());
  Vals results = values(*block.result, env);
  if (!results.empty())
    warnUnused(env);
  return results;
}

Vals Elaborator::body(const ast::Layer &layer, Env &env) {
  bool good = true;
  for (const ast::Statement &one : layer.statements) {
    if (statement(one, env))
      continue;
    // What rests on it is not reported again.
    good = false;
    env.failed.insert(one.name.name);
    for (const ast::Ident &name : one.let.names)
      env.failed.insert(name.name);
  }
  at(env.scope, layer.returnLoc);
  Vals results = values(*layer.result, env);
  if (!good || results.empty())
    return {};
  if (results.size() != layer.results.size()) {
    diags.error(rangeOf(*layer.result), "'" + layer.name.name + "' returns " + llvm::Twine(results.size()) +
                                            (results.size() == 1 ? " value" : " values") + ", its type has " +
                                            llvm::Twine(layer.results.size()))
        .note(layer.results.front().loc, "the type is here");
    return {};
  }
  warnUnused(env);
  return results;
}

mlir::Value Elaborator::store(Val value, const ast::Type &type, ArrayRef<StringAttr> names, llvm::SMRange place,
                              StringRef what) {
  Kind kind = kindOfStorage(type.element.name);
  auto refuse = [&](const Twine &hint) {
    diags.error(place, what + " is " + describe(value.kind) + ", its type is " + type.element.name)
        .note(type.element.loc, "the type is here")
        .note(hint);
    return mlir::Value();
  };
  if (isComplex(value.kind) && !isComplex(kind))
    return refuse("take its real part by re(...) or its modulus by abs(...)");
  if (kind == Kind::Bool && value.kind != Kind::Bool)
    return refuse("compare it, or cast it by bool(...)");
  if (kind == Kind::Int && value.kind != Kind::Bool && value.kind != Kind::Int)
    return refuse("round it and cast it, as in " + type.element.name + "(floor(...))");
  for (const NamedDim &dim : value.dims())
    if (!llvm::is_contained(names, dim.name)) {
      diags.error(place, what + " has dimension '" + dim.name.getValue() + "', which its type lacks")
          .note(type.loc, "the type is " + formatDims(dims.named(names)) + ", the value " + dimsText(value));
      return {};
    }
  return emit.align(emit.round(value, type.element.name), dims.named(names));
}

/// `<D = H, N = 16>`: which dimension of the caller each name is, and the sizes
/// that constants take.
bool Elaborator::callDims(const ast::CallExpr &expr, Scope &inner, Env &env, llvm::StringMap<StringAttr> &given) {
  Scope &outer = env.scope;
  const ast::Layer &layer = inner.layer;
  std::vector<StringRef> known;
  llvm::StringSet<> constants;
  auto addType = [&](const ast::Type &type) {
    for (const ast::TypeDim &dim : type.dims)
      if (!dim.literal)
        known.push_back(dim.name);
  };
  for (const ast::Argument &argument : layer.arguments)
    addType(argument.type);
  llvm::for_each(layer.results, addType);
  for (const ast::Statement &statement : layer.statements) {
    if (statement.kind == ast::Statement::Param || statement.kind == ast::Statement::State)
      addType(statement.type);
    if (statement.kind == ast::Statement::Const) {
      constants.insert(statement.name.name);
      known.push_back(statement.name.name);
    }
  }
  for (const ast::DimArgument &argument : expr.dimArguments) {
    StringRef name = argument.name.name;
    if (!llvm::is_contained(known, name)) {
      diags.error(rangeOf(argument.name), "'" + layer.name.name + "' has no dimension or constant '" + name + "'")
          .suggest(name, known)
          .note(layer.name.loc, "the layer is here");
      return false;
    }
    auto *reference = llvm::dyn_cast<ast::NameExpr>(argument.value.get());
    auto dim = reference ? outer.dims.find(reference->name) : outer.dims.end();
    bool isDim = dim != outer.dims.end();
    if (isDim) {
      outer.mentioned.insert(reference->name);
      given[name] = dim->second.name;
    }
    std::optional<int64_t> size = isDim ? dims.constantSize(dim->second.name) : std::nullopt;
    if (!isDim) {
      std::optional<Constant> value = constant(*argument.value, outer, "the size of '" + name.str() + "'");
      if (!value)
        return false;
      if (!value->isWhole() || value->integer < 0) {
        diags.error(rangeOf(*argument.value), "a size is a whole number of at least 0");
        return false;
      }
      size = value->integer;
      StringAttr own = dims.add(inner.prefix + name.str());
      dims.setSize(own, SizeAttr::constant(&context, *size));
      given[name] = own;
    }
    if (!constants.contains(name))
      continue;
    if (!size) {
      diags.error(rangeOf(*argument.value), "'" + name + "' is a constant of '" + layer.name.name +
                                                "': its value must be known when compiling");
      return false;
    }
    inner.given[name] = *size;
  }
  return true;
}

/// What the layer holds apart must not become one dimension of the caller. A constant takes only the size.
bool Elaborator::separateDims(const ast::CallExpr &expr, Scope &inner) {
  llvm::DenseMap<StringAttr, StringRef> taken;
  for (auto &[name, dim] : inner.dims) {
    auto [other, isNew] = taken.try_emplace(dim.name, name);
    if (isNew)
      continue;
    StringRef apart = inner.given.count(other->second) ? other->second : StringRef(name);
    if (auto size = inner.given.find(apart); size != inner.given.end()) {
      StringAttr own = dims.add(inner.prefix + apart.str());
      dims.setSize(own, SizeAttr::constant(&context, size->second));
      inner.dims.find(apart)->second.name = own;
      other->second = apart == name ? other->second : StringRef(name);
      continue;
    }
    diags.error(rangeOf(expr), "'" + other->second + "' and '" + name + "' of '" + inner.layer.name.name +
                                   "' would both be the dimension '" + dim.name.getValue() + "' here")
        .note(inner.layer.name.loc, "the layer holds them apart")
        .note("give one of them another dimension, by renaming or as a size");
    return false;
  }
  return true;
}

Vals Elaborator::callLayer(const ast::CallExpr &expr, const ast::Layer &layer, Env &env) {
  Scope &outer = env.scope;
  for (Scope *scope = &outer; scope; scope = scope->caller)
    if (&scope->layer == &layer) {
      auto message = diags.error(rangeOf(expr), "'" + layer.name.name + "' calls itself");
      for (Scope *link = &outer; link != scope; link = link->caller)
        message.note(link->callLoc, "through '" + link->layer.name.name + "', which is called here");
      return failAll(message.note("layers cannot be recursive; 'repeat' applies one several times"));
    }
  if (expr.arguments.size() != layer.arguments.size())
    return failAll(diags.error(rangeOf(expr), "'" + layer.name.name + "' takes " + llvm::Twine(layer.arguments.size()) +
                                                  (layer.arguments.size() == 1 ? " argument" : " arguments") +
                                                  ", this call gives " + llvm::Twine(expr.arguments.size()))
                       .note(layer.name.loc, "the layer is here"));
  Vals given;
  for (const ast::ExprPtr &argument : expr.arguments) {
    given.push_back(tensor(*argument, env));
    if (!given.back())
      return {};
  }
  scopes.push_back(std::make_unique<Scope>(layer, dims, outer.prefix + outer.instances[&expr] + ".", &outer, expr.loc()));
  Scope &scope = *scopes.back();
  findCalls(scope);
  llvm::StringMap<StringAttr> givenDims;
  if (!callDims(expr, scope, env, givenDims))
    return {};

  // Dimensions of the signature are the caller's.
  auto bindDim = [&](const ast::TypeDim &dim, const Val *value, const ast::Argument *argument) {
    if (dim.ragged)
      return static_cast<bool>(typeDimension(dim, scope));
    if (scope.dims.count(dim.name.str()))
      return true;
    StringAttr entered = givenDims.lookup(dim.name);
    if (!entered) {
      auto known = outer.dims.find(dim.name);
      if (known == outer.dims.end() && argument && !dim.literal) {
        diags.error(rangeOf(*expr.arguments[argument - layer.arguments.data()]),
                    "'" + layer.name.name + "' needs dimension '" + dim.name + "' in its argument '" +
                        argument->name.name + "', which has " + dimsText(*value))
            .note(rangeOf(dim), "the dimension is here")
            .note("dimensions match by name; write " + layer.name.name + "<" + dim.name +
                  " = ...>(...) to say which one is meant");
        return false;
      }
      entered = known != outer.dims.end()
                    ? known->second.name
                    : dims.add(dim.literal ? std::to_string(*dim.literal) : outer.prefix + dim.name.str());
      if (known == outer.dims.end())
        outer.dims[dim.name.str()] = {entered, expr.loc()};
    }
    scope.dims[dim.name.str()] = {entered, dim.loc};
    if (!scanning(entered))
      return true;
    diags.error(rangeOf(expr), "'" + layer.name.name + "' works along '" + dim.name +
                                   "', which does not exist inside the scan over it")
        .note(rangeOf(dim), "the dimension is here");
    return false;
  };
  for (auto [argument, value] : llvm::zip(layer.arguments, given))
    for (const ast::TypeDim &dim : argument.type.dims)
      if (!bindDim(dim, &value, &argument))
        return {};
  for (const ast::Type &type : layer.results)
    for (const ast::TypeDim &dim : type.dims)
      if (!bindDim(dim, nullptr, nullptr))
        return {};
  for (auto &entry : givenDims)
    scope.dims.try_emplace(entry.getKey().str(), Scope::Dim{entry.second, expr.loc()});
  if (!separateDims(expr, scope))
    return {};

  // All other dimensions of the arguments are mapped over.
  llvm::SmallVector<StringAttr> named;
  auto addNamed = [&](const ast::Type &type) {
    for (const ast::TypeDim &dim : type.dims)
      named.push_back(scope.dims.find(dim.name)->second.name);
  };
  for (const ast::Argument &argument : layer.arguments)
    addNamed(argument.type);
  llvm::for_each(layer.results, addNamed);
  for (const Val &value : given)
    for (const NamedDim &dim : value.dims())
      if (!llvm::is_contained(named, dim.name) && !llvm::is_contained(scope.mapped, dim.name))
        scope.mapped.push_back(dim.name);

  auto storeFor = [&](const Val &value, const ast::Type &type, llvm::SMRange place, const Twine &what) -> Val {
    llvm::SmallVector<StringAttr> own, all;
    for (const ast::TypeDim &dim : type.dims)
      own.push_back(scope.dims.find(dim.name)->second.name);
    for (const NamedDim &dim : value.dims())
      if (!llvm::is_contained(own, dim.name) && llvm::is_contained(scope.mapped, dim.name))
        all.push_back(dim.name);
    all.append(own);
    mlir::Value stored = store(value, type, all, place, what.str());
    return stored ? emit.load(stored, type.element.name) : Val();
  };
  Env inner(scope, nullptr);
  at(outer, expr.loc());
  for (auto [i, argument] : llvm::enumerate(layer.arguments)) {
    Val stored = storeFor(given[i], argument.type, rangeOf(*expr.arguments[i]),
                          "the argument '" + argument.name.name + "'");
    if (!stored || !bind(inner, argument.name, Binding::Argument, stored))
      return {};
  }
  Vals results = body(layer, inner);
  Vals stored;
  at(scope, layer.returnLoc);
  for (auto [i, result] : llvm::enumerate(results)) {
    if (result.isMatrix())
      result = emit.materialize(result);
    stored.push_back(storeFor(result, layer.results[i], rangeOf(*layer.result), "the result"));
    if (!stored.back())
      return {};
  }
  at(outer, expr.loc());
  return stored;
}

} // namespace ssm
