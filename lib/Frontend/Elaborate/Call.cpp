//===- Call.cpp - functions, casts, pos and size ----------------------------===//
#include "Elaborator.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace ssm {

namespace {
/// A function of one operand that is one map.
struct Function {
  StringRef name;
  MapFn fn;
  bool keepsIntegers, complex;
};
} // namespace

static constexpr Function functions[] = {
    {"exp", MapFn::Exp, false, true},         {"expm1", MapFn::Expm1, false, true},
    {"log", MapFn::Log, false, true},         {"log1p", MapFn::Log1p, false, true},
    {"sqrt", MapFn::Sqrt, false, true},       {"rsqrt", MapFn::Rsqrt, false, true},
    {"sin", MapFn::Sin, false, true},         {"cos", MapFn::Cos, false, true},
    {"tanh", MapFn::Tanh, false, true},       {"sigmoid", MapFn::Sigmoid, false, true},
    {"silu", MapFn::Silu, false, true},       {"softplus", MapFn::Softplus, false, false},
    {"elu", MapFn::Elu, false, false},        {"gelu", MapFn::Gelu, false, false},
    {"gelu_tanh", MapFn::GeluTanh, false, false}, {"floor", MapFn::Floor, false, false},
    {"ceil", MapFn::Ceil, false, false},      {"relu", MapFn::Relu, true, false},
    {"sign", MapFn::Sign, true, false},       {"abs", MapFn::Abs, true, true},
};

namespace {
/// What else a call may be, with the number of its arguments.
struct Form {
  StringRef name;
  unsigned least, most;
  StringRef usage;
};
} // namespace

static constexpr unsigned any = ~0u;
static constexpr Form forms[] = {
    {"where", 3, 3, "where(CONDITION, A, B)"}, {"clamp", 3, 3, "clamp(X, LOW, HIGH)"},
    {"min", 2, any, "min(A, B, ...), or min[D] X over a dimension"},
    {"max", 2, any, "max(A, B, ...), or max[D] X over a dimension"},
    {"pow", 2, 2, "pow(X, Y)"},                {"div", 2, 2, "div(A, B)"},
    {"mod", 2, 2, "mod(A, B)"},                {"complex", 2, 2, "complex(RE, IM)"},
    {"re", 1, 1, "re(X)"},                     {"im", 1, 1, "im(X)"},
    {"conj", 1, 1, "conj(X)"},
};
static constexpr StringRef others[] = {"pos", "size", "normal", "uniform", "kaiming"};

static const Function *findFunction(StringRef name) {
  for (const Function &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

static const Form *findForm(StringRef name) {
  for (const Form &form : forms)
    if (form.name == name)
      return &form;
  return nullptr;
}

Vals Elaborator::call(const ast::CallExpr &expr, Env &env) {
  StringRef name = expr.callee;
  bool isBuiltin = findFunction(name) || findForm(name) || isElement(name) || llvm::is_contained(others, name);
  const ast::Layer *layer = program.lookup(name);
  if (isBuiltin && (!layer || expr.dimArguments.empty())) {
    if (!expr.dimArguments.empty())
      return failAll(diags.error(rangeOf(expr), "'" + name + "' is a function and takes no dimensions"));
    Val result = builtin(expr, env);
    return result ? Vals{result} : Vals{};
  }
  if (layer) {
    if (initialising)
      return failAll(diags.error(rangeOf(expr), "an initialiser cannot call a layer"));
    return callLayer(expr, *layer, env);
  }
  std::vector<StringRef> known = program.layerNames();
  for (const Function &function : functions)
    known.push_back(function.name);
  for (const Form &form : forms)
    known.push_back(form.name);
  known.insert(known.end(), std::begin(others), std::end(others));
  auto message = diags.error(rangeOf(ast::Ident{name, expr.loc()}), "there is no function or layer '" + name + "'");
  message.suggest(name, known);
  static constexpr StringRef reductions[] = {"sum", "prod", "mean", "logsumexp", "argmax", "softmax", "cumsum",
                                             "cumprod", "cummax", "cummin", "cumlogsumexp", "shift", "conv"};
  if (llvm::is_contained(reductions, name))
    message.note("'" + name + "' names its dimensions in square brackets, as in " + name + "[D] ...");
  return failAll(message);
}

Val Elaborator::position(const ast::CallExpr &expr, Env &env) {
  if (expr.arguments.size() != 1)
    return fail(diags.error(rangeOf(expr), "write " + expr.callee + "(D), D a dimension"));
  const ast::Expr &argument = *expr.arguments[0];
  auto *name = llvm::dyn_cast<ast::NameExpr>(&argument);
  auto *number = llvm::dyn_cast<ast::NumberExpr>(&argument);
  if (!name && !(number && number->whole))
    return fail(diags.error(rangeOf(argument), "'" + expr.callee + "' takes the name of a dimension")
                    .note("as in " + expr.callee + "(L)"));
  std::string text = name ? name->name.str() : std::to_string(number->integer);
  if (name && !env.scope.dims.count(text))
    for (Env *at = &env; at; at = at->parent)
      if (auto found = at->names.find(name->name); found != at->names.end())
        return fail(diags.error(rangeOf(argument), "'" + expr.callee + "' takes the name of a dimension; '" + text +
                                                       "' is a value")
                        .note(found->second.range, "bound here, with " + dimsText(found->second.value)));
  StringAttr dim = dimension({name ? name->name : StringRef(text), argument.loc()}, env);
  if (!dim)
    return {};
  at(env.scope, expr.loc());
  if (expr.callee == "size")
    return emit.size(dim);
  if (Frame *frame = scanning(dim))
    return {frame->block->getArgument(0), Kind::Int, {}};
  return emit.pos(dim);
}

Val Elaborator::cast(Val value, const ast::CallExpr &expr) {
  StringRef element = expr.callee;
  Kind kind = kindOfStorage(element);
  if (isComplex(value.kind) && !isComplex(kind))
    return fail(diags.error(rangeOf(expr), "a complex value cannot be cast to " + element)
                    .note("take its real part by re(...) or its modulus by abs(...)"));
  return emit.load(emit.round(value, element), element);
}

Val Elaborator::builtin(const ast::CallExpr &expr, Env &env) {
  StringRef name = expr.callee;
  if (name == "pos" || name == "size")
    return position(expr, env);
  if (name == "normal" || name == "uniform" || name == "kaiming")
    return random(expr, env);
  const Function *function = findFunction(name);
  const Form *form = findForm(name);
  size_t count = expr.arguments.size(), least = form ? form->least : 1, most = form ? form->most : 1;
  if (count < least || count > most) {
    std::string usage = form ? form->usage.str() : name.str() + "(X)";
    return fail(diags.error(rangeOf(expr), "'" + name + "' takes " + llvm::Twine(least) +
                                               (least == most ? "" : " or more") +
                                               (most == 1 ? " argument" : " arguments") + ", got " +
                                               llvm::Twine(count))
                    .note("write " + usage));
  }
  Vals x;
  for (const ast::ExprPtr &argument : expr.arguments) {
    x.push_back(tensor(*argument, env));
    if (!x.back())
      return {};
  }
  at(env.scope, expr.loc());
  std::string what = ("the argument of '" + name + "'").str();
  auto ordered = [&] {
    return llvm::all_of(llvm::zip(x, expr.arguments),
                        [&](auto pair) { return refuseComplex(std::get<0>(pair), *std::get<1>(pair), what); });
  };
  if (function) {
    if (!function->complex && !ordered())
      return {};
    Kind kind = function->keepsIntegers ? counted(x[0].kind) : onRealLine(x[0].kind);
    return emit.mapIn(kind, function->fn, x);
  }
  if (isElement(name))
    return cast(x[0], expr);
  if (name == "where") {
    if (x[0].kind != Kind::Bool)
      return fail(diags.error(rangeOf(*expr.arguments[0]), "the condition of 'where' is " + describe(x[0].kind) +
                                                               ", it needs a bool")
                      .note("compare it, as in x != 0"));
    return emit.select(x[0], x[1], x[2]);
  }
  if (name == "pow")
    return power(x[0], x[1], expr.arguments[1].get(), expr, env);
  if (name == "re" || name == "conj" || name == "im") {
    if (isComplex(x[0].kind))
      return emit.map(name == "re" ? MapFn::Re : name == "im" ? MapFn::Im : MapFn::Conj, x);
    if (name != "im")
      return {x[0].v, x[0].kind, {}};
    Kind kind = counted(x[0].kind);
    return emit.align(emit.convert(emit.integer(0), kind), x[0].dims());
  }
  if (!ordered())
    return {};
  Kind kind = Kind::Bool;
  for (const Val &one : x)
    kind = join(kind, one.kind);
  if (name == "complex")
    return emit.mapIn(kind == Kind::F64 ? Kind::F64 : Kind::F32, MapFn::Complex, x);
  kind = counted(kind);
  if (name == "div" || name == "mod")
    return emit.mapIn(kind, name == "div" ? MapFn::FloorDiv : MapFn::Mod, x);
  if (name == "clamp")
    return emit.mapIn(kind, MapFn::Min, {emit.mapIn(kind, MapFn::Max, {x[0], x[1]}), x[2]});
  Val best = x[0];
  for (const Val &other : llvm::drop_begin(x))
    best = emit.mapIn(kind, name == "min" ? MapFn::Min : MapFn::Max, {best, other});
  return best;
}

} // namespace ssm
