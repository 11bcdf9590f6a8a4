//===- Expr.cpp - names, numbers, operators ---------------------------------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

Vals Elaborator::values(const ast::Expr &expr, Env &env) {
  if (diags.full())
    return {};
  switch (expr.kind()) {
  case ast::Expr::Tuple: {
    Vals results;
    for (const ast::ExprPtr &element : llvm::cast<ast::TupleExpr>(expr).elements) {
      results.push_back(value(*element, env));
      if (!results.back())
        return {};
    }
    return results;
  }
  case ast::Expr::Scan:
    return scan(llvm::cast<ast::ScanExpr>(expr), env);
  case ast::Expr::Repeat:
    return repeat(llvm::cast<ast::RepeatExpr>(expr), env);
  case ast::Expr::Call:
    return call(llvm::cast<ast::CallExpr>(expr), env);
  default:
    if (Val one = value(expr, env))
      return {one};
    return {};
  }
}

Val Elaborator::value(const ast::Expr &expr, Env &env) {
  switch (expr.kind()) {
  case ast::Expr::Number: {
    at(env.scope, expr.loc());
    auto &number = llvm::cast<ast::NumberExpr>(expr);
    return number.whole ? emit.integer(number.integer) : emit.real(number.real);
  }
  case ast::Expr::Name:
    at(env.scope, expr.loc());
    return lookup(llvm::cast<ast::NameExpr>(expr), env);
  case ast::Expr::Unary:
    return unary(llvm::cast<ast::UnaryExpr>(expr), env);
  case ast::Expr::Binary:
    return binary(llvm::cast<ast::BinaryExpr>(expr), env);
  case ast::Expr::Reduction:
    return reduction(llvm::cast<ast::ReductionExpr>(expr), env);
  case ast::Expr::Index:
    return index(llvm::cast<ast::IndexExpr>(expr), env);
  case ast::Expr::Window:
    return window(llvm::cast<ast::WindowExpr>(expr), env);
  case ast::Expr::Fourier:
    return fourier(llvm::cast<ast::FourierExpr>(expr), env);
  case ast::Expr::Tuple:
  case ast::Expr::Scan:
  case ast::Expr::Repeat:
  case ast::Expr::Call: {
    Vals several = values(expr, env);
    if (several.empty())
      return {};
    if (several.size() != 1)
      return fail(diags.error(rangeOf(expr), "this gives " + llvm::Twine(several.size()) + " values where one is needed")
                      .note("take them apart by let (a, b) = ..."));
    return several[0];
  }
  }
  return {};
}

Val Elaborator::tensor(const ast::Expr &expr, Env &env) {
  Val result = value(expr, env);
  return result ? materialized(result, expr, env) : result;
}

Val Elaborator::materialized(Val value, const ast::Expr &expr, Env &env) {
  if (!value.isMatrix())
    return value;
  MatrixType type = value.matrix();
  auto sizeText = [&](StringAttr dim) {
    std::optional<int64_t> size = dims.constantSize(dim);
    return size ? std::to_string(*size) : "size(" + dim.str() + ")";
  };
  diags
      .warning(rangeOf(expr), "this writes out a structured matrix of " + sizeText(type.getRows()) + " by " +
                                  sizeText(type.getColumns()) + " elements")
      .note("its structure is used in sums, scalar multiples, and in sum[" + type.getColumns().getValue() +
            "] of its product with a value");
  at(env.scope, expr.loc());
  return emit.materialize(value);
}

bool Elaborator::refuseComplex(const Val &value, const ast::Expr &expr, StringRef what) {
  if (!isComplex(value.kind))
    return true;
  diags.error(rangeOf(expr), what + " cannot be complex")
      .note("take the real part by re(...), the imaginary one by im(...) or the modulus by abs(...)");
  return false;
}

Val Elaborator::unary(const ast::UnaryExpr &expr, Env &env) {
  Val operand = value(*expr.operand, env);
  if (!operand)
    return {};
  at(env.scope, expr.loc());
  if (expr.op == ast::UnaryOp::Not) {
    operand = materialized(operand, *expr.operand, env);
    if (operand.kind != Kind::Bool)
      return fail(diags.error(rangeOf(*expr.operand), "'not' needs a bool, this is " + describe(operand.kind)));
    return emit.map(MapFn::Not, {operand});
  }
  if (operand.isMatrix()) {
    Val minus = emit.convert(emit.integer(-1), operand.kind);
    return {MatrixScaleOp::create(emit.b, operand.v.getType(), operand.v, minus.v), operand.kind, {}};
  }
  // -1 is a literal too.
  if (auto *number = llvm::dyn_cast<ast::NumberExpr>(expr.operand.get()))
    return number->whole ? emit.integer(static_cast<int64_t>(0 - static_cast<uint64_t>(number->integer)))
                         : emit.real(-number->real);
  if (auto *name = llvm::dyn_cast<ast::NameExpr>(expr.operand.get());
      name && name->name == "inf" && operand.kind == Kind::Free && operand.dims().empty() &&
      operand.v.getDefiningOp<arith::ConstantOp>())
    return emit.real(-std::numeric_limits<double>::infinity());
  return emit.mapIn(counted(operand.kind), MapFn::Neg, {operand});
}

Val Elaborator::binary(const ast::BinaryExpr &expr, Env &env) {
  Val lhs = value(*expr.lhs, env);
  if (!lhs)
    return {};
  Val rhs = value(*expr.rhs, env);
  if (!rhs)
    return {};
  if ((lhs.isMatrix() || rhs.isMatrix()) &&
      (expr.op == ast::BinaryOp::Add || expr.op == ast::BinaryOp::Sub || expr.op == ast::BinaryOp::Mul ||
       expr.op == ast::BinaryOp::Div)) {
    at(env.scope, expr.opLoc);
    return matrixArithmetic(expr.op, lhs, rhs, expr, env);
  }
  lhs = materialized(lhs, *expr.lhs, env);
  rhs = materialized(rhs, *expr.rhs, env);
  at(env.scope, expr.opLoc);
  switch (expr.op) {
  case ast::BinaryOp::Pow:
    return power(lhs, rhs, expr.rhs.get(), expr, env);
  case ast::BinaryOp::And:
  case ast::BinaryOp::Or:
    for (auto [side, operand] : {std::pair(&expr.lhs, lhs), std::pair(&expr.rhs, rhs)})
      if (operand.kind != Kind::Bool)
        return fail(diags.error(rangeOf(**side), llvm::Twine(expr.op == ast::BinaryOp::And ? "'and'" : "'or'") +
                                                     " needs bools, this is " + describe(operand.kind))
                        .note("compare it, as in x != 0"));
    return emit.map(expr.op == ast::BinaryOp::And ? MapFn::And : MapFn::Or, {lhs, rhs});
  case ast::BinaryOp::Lt:
  case ast::BinaryOp::Le:
  case ast::BinaryOp::Gt:
  case ast::BinaryOp::Ge:
  case ast::BinaryOp::Eq:
  case ast::BinaryOp::Ne:
    return compare(expr.op, lhs, rhs, expr);
  default:
    return arithmetic(expr.op, lhs, rhs, expr, env);
  }
}

Val Elaborator::arithmetic(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr, Env &env) {
  Kind kind = counted(join(lhs.kind, rhs.kind));
  switch (op) {
  case ast::BinaryOp::Add:
    return emit.mapIn(kind, MapFn::Add, {lhs, rhs});
  case ast::BinaryOp::Sub:
    return emit.mapIn(kind, MapFn::Sub, {lhs, rhs});
  case ast::BinaryOp::Mul:
    return emit.mapIn(kind, MapFn::Mul, {lhs, rhs});
  default:
    return emit.mapIn(onRealLine(kind), MapFn::Div, {lhs, rhs});
  }
}

Val Elaborator::compare(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr) {
  bool equality = op == ast::BinaryOp::Eq || op == ast::BinaryOp::Ne;
  if (!equality && (!refuseComplex(lhs, *expr.lhs, "a side of an ordering") ||
                    !refuseComplex(rhs, *expr.rhs, "a side of an ordering")))
    return {};
  Kind kind = join(lhs.kind, rhs.kind);
  if (!equality)
    kind = counted(kind);
  MapFn fn = op == ast::BinaryOp::Lt   ? MapFn::Lt
             : op == ast::BinaryOp::Le ? MapFn::Le
             : op == ast::BinaryOp::Gt ? MapFn::Gt
             : op == ast::BinaryOp::Ge ? MapFn::Ge
             : op == ast::BinaryOp::Eq ? MapFn::Eq
                                       : MapFn::Ne;
  return emit.mapIn(kind, fn, {lhs, rhs});
}

/// Whole constant exponents are repeated products.
Val Elaborator::power(Val base, Val exponent, const ast::Expr *exponentExpr, const ast::Expr &expr, Env &env) {
  const ast::Expr *culprit = nullptr;
  std::optional<Constant> known;
  if (exponentExpr)
    known = evaluate(*exponentExpr, env.scope, culprit);
  // A name inside a scan may hide a constant's.
  if (known && llvm::isa<ast::NameExpr>(*exponentExpr) && !exponent.v.getDefiningOp<arith::ConstantOp>())
    known.reset();
  constexpr int64_t largest = 1024;
  if (known && known->isWhole() && std::abs(known->integer) <= largest) {
    int64_t n = known->integer;
    Kind kind = counted(n < 0 ? onRealLine(base.kind) : base.kind);
    Val square = emit.convert(base, kind), result;
    for (int64_t left = std::abs(n); left; left >>= 1) {
      if (left & 1)
        result = result ? emit.map(MapFn::Mul, {result, square}) : square;
      if (left > 1)
        square = emit.map(MapFn::Mul, {square, square});
    }
    if (!result)
      return emit.align(emit.convert(emit.integer(1), kind), square.dims());
    return n < 0 ? emit.map(MapFn::Div, {emit.convert(emit.integer(1), kind), result}) : result;
  }
  Kind kind = join(base.kind, exponent.kind);
  bool whole = known && known->isWhole() && known->integer >= 0 && kind <= Kind::Int;
  return emit.mapIn(whole ? Kind::Int : onRealLine(kind), MapFn::Pow, {base, exponent});
}

} // namespace ssm
