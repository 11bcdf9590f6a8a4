//===- Reduce.cpp - reductions, running values, sums of products ------------===//
#include "Elaborator.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace ssm {

/// The operands of a product, in order.
bool Elaborator::factors(const ast::Expr &expr, Env &env, llvm::SmallVectorImpl<Factor> &list) {
  auto *product = llvm::dyn_cast<ast::BinaryExpr>(&expr);
  if (!product || (product->op != ast::BinaryOp::Mul && product->op != ast::BinaryOp::Div)) {
    list.push_back({nullptr, value(expr, env)});
    return static_cast<bool>(list.back().value);
  }
  if (!factors(*product->lhs, env, list))
    return false;
  list.push_back({product, value(*product->rhs, env)});
  return static_cast<bool>(list.back().value);
}

/// The dimensions that a reduction names. Its operand comes first: it may bind them.
bool Elaborator::reducedDims(const ast::ReductionExpr &expr, Env &env, llvm::SmallVectorImpl<StringAttr> &over) {
  for (const ast::Ident &name : expr.dims) {
    StringAttr dim = dimension(name, env);
    if (!dim)
      return false;
    if (llvm::is_contained(over, dim)) {
      diags.error(rangeOf(name), "'" + name.name + "' is a dimension that is named here already");
      return false;
    }
    over.push_back(dim);
  }
  return true;
}

Val Elaborator::sum(const ast::ReductionExpr &expr, Env &env) {
  llvm::SmallVector<Factor> operandList;
  llvm::SmallVector<StringAttr> over;
  if (!factors(*expr.operand, env, operandList) || !reducedDims(expr, env, over))
    return {};
  NamedDims order;
  for (const Factor &factor : operandList)
    uniteDims(order, emit.dimsOf(factor.value));
  llvm::erase_if(order, [&](const NamedDim &d) { return llvm::is_contained(over, d.name); });
  // Multiplied under the sum; divisors that do not vary along it divide the total.
  llvm::SmallVector<Val> list, divisors;
  for (auto &[product, factor] : operandList) {
    if (!product || product->op == ast::BinaryOp::Mul) {
      list.push_back(factor);
      continue;
    }
    at(env.scope, product->opLoc);
    Val divisor = materialized(factor, *product->rhs, env), &last = list.back();
    bool varies = llvm::any_of(over, [&](StringAttr dim) { return hasDim(divisor.v, dim); });
    if (last.isMatrix())
      last = matrixArithmetic(product->op, last, divisor, *product, env);
    else if (varies)
      last = arithmetic(product->op, last, divisor, *product, env);
    else
      divisors.push_back(divisor);
  }
  at(env.scope, expr.loc());
  auto divide = [&](Val total) {
    for (const Val &divisor : divisors) {
      if (total.isMatrix()) {
        Val inverse = emit.mapIn(join(total.kind, divisor.kind), MapFn::Div, {emit.integer(1), divisor});
        total = emit.convert(total, inverse.kind);
        total.v = MatrixScaleOp::create(emit.b, total.v.getType(), total.v, inverse.v);
        continue;
      }
      total = emit.mapIn(onRealLine(join(total.kind, divisor.kind)), MapFn::Div, {total, divisor});
    }
    // What is multiplied first need not be what is written first.
    if (total.isMatrix())
      emit.orderMatrix(total.v, order);
    else if (sameDims(total.dims(), order))
      total = emit.align(total, order);
    return total;
  };
  if (llvm::any_of(list, [](const Val &factor) { return factor.isMatrix(); })) {
    // Applied over one dimension; what else is summed is summed of the result.
    for (StringAttr dim : over) {
      bool handled;
      Val result = matrixSum(expr, list, dim, env, handled);
      if (handled && over.size() == 1)
        return divide(result);
      llvm::SmallVector<StringAttr> rest(llvm::make_filter_range(over, [&](StringAttr other) { return other != dim; }));
      if (handled && !result.isMatrix() && llvm::all_of(rest, [&](StringAttr other) { return hasDim(result.v, other); }))
        return divide(emit.reduce(Monoid::Add, result, rest));
    }
    for (Val &factor : list)
      factor = materialized(factor, *expr.operand, env);
  }
  for (auto [dim, name] : llvm::zip(over, expr.dims))
    if (llvm::none_of(list, [&, dim = dim](const Val &factor) { return hasDim(factor.v, dim); })) {
      NamedDims all;
      for (const Val &factor : list)
        uniteDims(all, factor.dims());
      Val shown = list[0];
      if (list.size() > 1) {
        if (scanning(dim))
          return fail(diags.error(rangeOf(name), "'sum' over '" + name.name +
                                                     "', which does not exist inside the scan over it")
                          .note("inside the body every value stands for its element at the step"));
        return fail(diags.error(rangeOf(name), "'sum' over '" + name.name + "', which the operand lacks")
                        .note(rangeOf(*expr.operand), "this has " + formatDims(all)));
      }
      hasOperandDim(shown, dim, name, "'sum' over", *expr.operand);
      return {};
    }
  // What is whole is multiplied as whole numbers, up to the first real.
  Kind kind = Kind::Bool;
  for (const Val &factor : list)
    kind = join(kind, factor.kind);
  kind = counted(kind);
  if (!divisors.empty())
    kind = onRealLine(kind);
  llvm::SmallVector<Val> operands;
  for (const Val &factor : list) {
    if (!operands.empty() && operands.back().kind <= Kind::Free && kind > Kind::Free) {
      Kind both = counted(join(operands.back().kind, factor.kind));
      if (both <= Kind::Free) {
        operands.back() = emit.mapIn(both, MapFn::Mul, {operands.back(), factor});
        continue;
      }
    }
    operands.push_back(factor);
  }
  for (Val &operand : operands)
    operand = emit.convert(operand, kind);
  if (operands.size() == 1)
    return divide(emit.reduce(Monoid::Add, operands[0], over));
  return divide(emit.contract(operands, over));
}

namespace {
enum class Form { Reduce, Mean, Argmax, Softmax, Cumulate };
struct Reduction {
  Form form;
  Monoid monoid;
  bool realLine, complex; // works on the real line; takes complex values
};
} // namespace

static Reduction describeReduction(StringRef name) {
  return llvm::StringSwitch<Reduction>(name)
      .Case("sum", {Form::Reduce, Monoid::Add, false, true})
      .Case("prod", {Form::Reduce, Monoid::Mul, false, true})
      .Case("max", {Form::Reduce, Monoid::Max, false, false})
      .Case("min", {Form::Reduce, Monoid::Min, false, false})
      .Case("mean", {Form::Mean, Monoid::Add, true, true})
      .Case("logsumexp", {Form::Reduce, Monoid::LogSumExp, true, false})
      .Case("argmax", {Form::Argmax, Monoid::Max, false, false})
      .Case("softmax", {Form::Softmax, Monoid::Add, true, false})
      .Case("cumsum", {Form::Cumulate, Monoid::Add, false, true})
      .Case("cumprod", {Form::Cumulate, Monoid::Mul, false, true})
      .Case("cummax", {Form::Cumulate, Monoid::Max, false, false})
      .Case("cummin", {Form::Cumulate, Monoid::Min, false, false})
      .Default({Form::Cumulate, Monoid::LogSumExp, true, false});
}

Val Elaborator::reduction(const ast::ReductionExpr &expr, Env &env) {
  if (expr.name == "sum")
    return sum(expr, env);
  Reduction reduction = describeReduction(expr.name);
  std::string what = ("'" + expr.name + "'").str();
  Val operand = tensor(*expr.operand, env);
  if (!operand)
    return {};
  llvm::SmallVector<StringAttr> over;
  if (!reducedDims(expr, env, over))
    return {};
  at(env.scope, expr.loc());
  for (auto [dim, name] : llvm::zip(over, expr.dims))
    if (!hasOperandDim(operand, dim, name, what + " over", *expr.operand))
      return {};
  if (!reduction.complex && !refuseComplex(operand, *expr.operand, "the operand of " + what))
    return {};
  operand = emit.convert(operand, reduction.realLine ? onRealLine(operand.kind) : counted(operand.kind));
  bool single = reduction.form == Form::Argmax || reduction.form == Form::Cumulate;
  if (single && over.size() != 1)
    return fail(diags.error(rangeOf(expr.dims[1]), what + " takes one dimension, got " + llvm::Twine(over.size())));
  llvm::SmallVector<StringRef> names(over.begin(), over.end());
  switch (reduction.form) {
  case Form::Reduce:
    return emit.reduce(reduction.monoid, operand, over);
  case Form::Mean: {
    Val count;
    for (StringAttr dim : over) {
      Val size = emit.size(dim);
      count = count ? emit.map(MapFn::Mul, {count, size}) : size;
    }
    return emit.mapIn(operand.kind, MapFn::Div, {emit.reduce(Monoid::Add, operand, over), count});
  }
  case Form::Argmax: {
    RankedTensorType type = getTensorType(withoutDims(operand.dims(), names), emit.b.getI64Type());
    return {ArgmaxOp::create(emit.b, type, operand.v, over[0]), Kind::Int, {}};
  }
  case Form::Softmax:
    return {SoftmaxOp::create(emit.b, operand.v, names), operand.kind, {}};
  case Form::Cumulate:
    return {CumulateOp::create(emit.b, reduction.monoid, operand.v, names[0]), operand.kind, {}};
  }
  return {};
}

} // namespace ssm
