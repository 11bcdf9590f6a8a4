//===- Initialise.cpp - the functions that draw parameters and states -------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

/// Where blocks lie that are not given: on successive diagonals.
Val Elaborator::blockIndices(const Declaration &declaration) {
  StringAttr along = declaration.dims.back();
  Val s = emit.pos(along), b = emit.integer(declaration.structureArguments[0]);
  auto count = [&](StringAttr side) { return emit.map(MapFn::FloorDiv, {emit.size(side), b}); };
  if (declaration.part->name == "rows")
    return emit.map(MapFn::Mod, {s, count(declaration.rows)});
  Val turn = emit.map(MapFn::FloorDiv, {s, count(declaration.rows)});
  return emit.map(MapFn::Mod, {emit.map(MapFn::Add, {s, turn}), count(declaration.columns)});
}

bool Elaborator::initialise(Declaration &declaration) {
  Scope &scope = *declaration.scope;
  const ast::Statement &statement = *declaration.statement;
  OpBuilder::InsertionGuard guard(emit.b);
  emit.b.setInsertionPointToEnd(module->getBody());
  at(scope, statement.loc);
  std::string name = "init." + declaration.name;
  auto seedType = RankedTensorType::get({}, emit.b.getI64Type());
  Type resultType = declaration.argument.getType();
  auto function = func::FuncOp::create(emit.b, name, emit.b.getFunctionType({seedType}, {resultType}));
  function.setArgAttr(0, kNameAttr, emit.b.getStringAttr("seed"));
  function.setArgAttr(0, kRoleAttr, RoleAttr::get(&context, Role::Seed));
  function.setResultAttr(0, kNameAttr, emit.b.getStringAttr(declaration.name));
  function.setResultAttr(0, kRoleAttr, RoleAttr::get(&context, Role::Output));
  Block *entry = function.addEntryBlock();
  emit.b.setInsertionPointToStart(entry);
  seed = entry->getArgument(0);
  initialising = &declaration;

  Env env(scope, nullptr);
  for (auto &constant : scope.constants) {
    const Constant &known = constant.second;
    Val value = known.kind == Kind::Bool  ? emit.boolean(known.integer)
                : known.kind == Kind::Int ? emit.integer(known.integer)
                                          : emit.real(known.number);
    env.names.insert({constant.getKey(), Binding{Binding::Constant, value, {}, 0, true}});
  }
  const ast::Expr &initial = *statement.let.value;
  Value stored;
  if (declaration.part && declaration.part->isIndex) {
    stored = emit.align(emit.round(blockIndices(declaration), "i32"), dims.named(declaration.dims));
  } else if (Val value = tensor(initial, env)) {
    stored = store(value, statement.type, declaration.dims, rangeOf(initial),
                   "the initial value of '" + statement.name.name.str() + "'");
  }
  initialising = nullptr;
  if (!stored)
    return false;
  func::ReturnOp::create(emit.b, stored);
  // Types may have grown static sizes since the argument was declared.
  if (stored.getType() != resultType) {
    function.setFunctionType(emit.b.getFunctionType({seedType}, {stored.getType()}));
    declaration.argument.setType(llvm::cast<RankedTensorType>(stored.getType()));
  }
  return true;
}

/// `kaiming(I)`: the stored entries that meet one output.
Val Elaborator::fanIn(const ast::CallExpr &expr, Env &env) {
  Val fan;
  for (const ast::ExprPtr &argument : expr.arguments) {
    auto *name = llvm::dyn_cast<ast::NameExpr>(argument.get());
    auto *number = llvm::dyn_cast<ast::NumberExpr>(argument.get());
    if (!name && !(number && number->whole))
      return fail(diags.error(rangeOf(*argument), "'kaiming' takes the dimensions that are summed"));
    std::string text = name ? name->name.str() : std::to_string(number->integer);
    StringAttr dim = dimension({name ? name->name : StringRef(text), argument->loc()}, env);
    if (!dim)
      return {};
    const StructurePart *part = initialising->part;
    if (!part) {
      Val size = emit.size(dim);
      fan = fan ? emit.map(MapFn::Mul, {fan, size}) : size;
      continue;
    }
    if (dim != initialising->columns || expr.arguments.size() != 1)
      return fail(diags.error(rangeOf(*argument), "'kaiming' of a structured parameter takes its columns, '" +
                                                      initialising->columns.getValue() + "'"));
    auto size = [&](StringRef tag, SizeAttr value) {
      return emit.convert(emit.size(hiddenDimension(part, env.scope, initialising->name + "." + tag.str(), value)),
                          Kind::Free);
    };
    fan = emit.map(MapFn::Div, {size("fan_in", part->fanIn), size("fan_in_divisor", part->fanInDivisor)});
  }
  if (!fan)
    return fail(diags.error(rangeOf(expr), "'kaiming' takes the dimensions that are summed"));
  return emit.convert(fan, Kind::Free);
}

/// `normal(deviation)`, `uniform(lo, hi)`, `kaiming(I)`: every element of the
/// parameter is drawn. A complex one has both parts drawn; the deviation, and
/// kaiming's bound, are those of the modulus.
Val Elaborator::random(const ast::CallExpr &expr, Env &env) {
  if (!initialising)
    return fail(diags.error(rangeOf(expr), "'" + expr.callee + "' draws random numbers, which only an initialiser does")
                    .note("write it behind the '=' of a 'param'"));
  if (initialising->role == Role::State)
    return fail(diags.error(rangeOf(expr), "a state starts from a value that is known, not from a random one"));
  bool complex = isComplex(kindOfStorage(initialising->element));
  RankedTensorType type = getTensorType(dims.named(initialising->dims), emit.b.getF64Type());
  auto draw = [&](Distribution distribution) -> Val {
    return {RandomOp::create(emit.b, type, distribution, seed, stream++), Kind::Free, {}};
  };
  auto both = [&](llvm::function_ref<Val()> part) {
    Val re = part();
    return complex ? emit.map(MapFn::Complex, {emit.convert(re, Kind::F64), emit.convert(part(), Kind::F64)}) : re;
  };
  auto number = [&](const ast::Expr &argument) -> Val {
    Val value = tensor(argument, env);
    if (!value || !refuseComplex(value, argument, "an argument of '" + expr.callee.str() + "'"))
      return {};
    return emit.convert(value, Kind::Free);
  };
  size_t expected = expr.callee == "normal" ? 1 : expr.callee == "uniform" ? 2 : expr.arguments.size();
  if (expr.arguments.size() != expected)
    return fail(diags.error(rangeOf(expr), expr.callee == "normal" ? "write normal(DEVIATION)"
                                                                   : "write uniform(LOW, HIGH)"));
  Val perPart = emit.real(complex ? 0.70710678118654752440 : 1.0);
  if (expr.callee == "normal") {
    Val deviation = number(*expr.arguments[0]);
    if (!deviation)
      return {};
    deviation = emit.map(MapFn::Mul, {deviation, perPart});
    return both([&] { return emit.map(MapFn::Mul, {draw(Distribution::Normal), deviation}); });
  }
  Val low, high;
  if (expr.callee == "uniform") {
    low = number(*expr.arguments[0]);
    high = low ? number(*expr.arguments[1]) : Val();
    if (!high)
      return {};
  } else {
    Val fan = fanIn(expr, env);
    if (!fan)
      return {};
    high = emit.map(MapFn::Mul, {emit.map(MapFn::Rsqrt, {fan}), perPart});
    low = emit.map(MapFn::Neg, {high});
  }
  Val span = emit.map(MapFn::Sub, {high, low});
  return both([&] {
    return emit.map(MapFn::Add, {low, emit.map(MapFn::Mul, {span, draw(Distribution::Uniform)})});
  });
}

} // namespace ssm
