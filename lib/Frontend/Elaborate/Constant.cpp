//===- Constant.cpp - values that are known when compiling ------------------===//
#include "Constant.h"

#include "llvm/ADT/StringMap.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace ssm {

namespace {

using Unary = double (*)(double);

/// Functions of the real line.
const llvm::StringMap<Unary> &realFunctions() {
  static const llvm::StringMap<Unary> table = {
      {"exp", [](double x) { return std::exp(x); }},     {"expm1", [](double x) { return std::expm1(x); }},
      {"log", [](double x) { return std::log(x); }},     {"log1p", [](double x) { return std::log1p(x); }},
      {"sqrt", [](double x) { return std::sqrt(x); }},   {"rsqrt", [](double x) { return 1 / std::sqrt(x); }},
      {"sin", [](double x) { return std::sin(x); }},     {"cos", [](double x) { return std::cos(x); }},
      {"tanh", [](double x) { return std::tanh(x); }},   {"floor", [](double x) { return std::floor(x); }},
      {"ceil", [](double x) { return std::ceil(x); }}};
  return table;
}

int64_t floorDivide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  if (b == -1)
    return static_cast<int64_t>(0 - static_cast<uint64_t>(a));
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

/// Two's complement, as the compiled layer computes.
int64_t wrap(ast::BinaryOp op, int64_t a, int64_t b) {
  uint64_t x = a, y = b;
  return static_cast<int64_t>(op == ast::BinaryOp::Add ? x + y : op == ast::BinaryOp::Sub ? x - y : x * y);
}

int64_t wholePower(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (; exponent; exponent >>= 1, base = wrap(ast::BinaryOp::Mul, base, base))
    if (exponent & 1)
      result = wrap(ast::BinaryOp::Mul, result, base);
  return result;
}

class Evaluator {
public:
  Evaluator(ConstantNames &names, const ast::Expr *&culprit) : names(names), culprit(culprit) {}

  std::optional<Constant> operator()(const ast::Expr &expr) {
    std::optional<Constant> value = visit(expr);
    if (!value && !culprit)
      culprit = &expr;
    return value;
  }

private:
  std::optional<Constant> visit(const ast::Expr &expr) {
    switch (expr.kind()) {
    case ast::Expr::Number: {
      auto &number = llvm::cast<ast::NumberExpr>(expr);
      return number.whole ? Constant::whole(number.integer) : Constant::real(number.real);
    }
    case ast::Expr::Name: {
      llvm::StringRef name = llvm::cast<ast::NameExpr>(expr).name;
      if (std::optional<Constant> known = names.constant(name))
        return known;
      if (name == "pi")
        return Constant::real(std::numbers::pi);
      if (name == "inf")
        return Constant::real(std::numeric_limits<double>::infinity());
      return std::nullopt;
    }
    case ast::Expr::Unary:
      return unary(llvm::cast<ast::UnaryExpr>(expr));
    case ast::Expr::Binary:
      return binary(llvm::cast<ast::BinaryExpr>(expr));
    case ast::Expr::Call:
      return call(llvm::cast<ast::CallExpr>(expr));
    default:
      return std::nullopt;
    }
  }

  std::optional<Constant> unary(const ast::UnaryExpr &expr) {
    std::optional<Constant> x = (*this)(*expr.operand);
    if (!x)
      return std::nullopt;
    if (expr.op == ast::UnaryOp::Not)
      return x->kind == Kind::Bool ? std::optional(Constant::boolean(!x->integer)) : std::nullopt;
    return x->kind == Kind::Free ? Constant::real(-x->number)
                                 : Constant::whole(wrap(ast::BinaryOp::Sub, 0, x->integer));
  }

  std::optional<Constant> binary(const ast::BinaryExpr &expr) {
    std::optional<Constant> a = (*this)(*expr.lhs), b = (*this)(*expr.rhs);
    if (!a || !b)
      return std::nullopt;
    bool real = a->kind == Kind::Free || b->kind == Kind::Free;
    double x = a->number, y = b->number;
    switch (expr.op) {
    case ast::BinaryOp::Add:
      return real ? Constant::real(x + y) : Constant::whole(wrap(expr.op, a->integer, b->integer));
    case ast::BinaryOp::Sub:
      return real ? Constant::real(x - y) : Constant::whole(wrap(expr.op, a->integer, b->integer));
    case ast::BinaryOp::Mul:
      return real ? Constant::real(x * y) : Constant::whole(wrap(expr.op, a->integer, b->integer));
    case ast::BinaryOp::Div:
      return Constant::real(x / y);
    case ast::BinaryOp::Pow:
      if (!real && b->integer >= 0)
        return Constant::whole(wholePower(a->integer, b->integer));
      return Constant::real(std::pow(x, y));
    case ast::BinaryOp::Lt:
      return Constant::boolean(x < y);
    case ast::BinaryOp::Le:
      return Constant::boolean(x <= y);
    case ast::BinaryOp::Gt:
      return Constant::boolean(x > y);
    case ast::BinaryOp::Ge:
      return Constant::boolean(x >= y);
    case ast::BinaryOp::Eq:
      return Constant::boolean(x == y);
    case ast::BinaryOp::Ne:
      return Constant::boolean(x != y);
    case ast::BinaryOp::And:
    case ast::BinaryOp::Or:
      if (a->kind != Kind::Bool || b->kind != Kind::Bool)
        return std::nullopt;
      return Constant::boolean(expr.op == ast::BinaryOp::And ? a->integer && b->integer : a->integer || b->integer);
    }
    return std::nullopt;
  }

  std::optional<Constant> call(const ast::CallExpr &expr) {
    if (!expr.dimArguments.empty() || expr.arguments.empty())
      return std::nullopt;
    if (expr.callee == "size" && expr.arguments.size() == 1)
      if (auto *dim = llvm::dyn_cast<ast::NameExpr>(expr.arguments[0].get())) {
        std::optional<int64_t> size = names.size(dim->name);
        return size ? std::optional(Constant::whole(*size)) : std::nullopt;
      }
    auto function = realFunctions().find(expr.callee);
    bool known = function != realFunctions().end() || expr.callee == "min" || expr.callee == "max" ||
                 expr.callee == "div" || expr.callee == "mod" || expr.callee == "abs" || expr.callee == "pow";
    if (!known)
      return std::nullopt;
    llvm::SmallVector<Constant> x;
    for (const ast::ExprPtr &argument : expr.arguments) {
      std::optional<Constant> value = (*this)(*argument);
      if (!value)
        return std::nullopt;
      x.push_back(*value);
    }
    if (function != realFunctions().end())
      return x.size() == 1 ? std::optional(Constant::real(function->second(x[0].number))) : std::nullopt;
    bool real = llvm::any_of(x, [](const Constant &c) { return c.kind == Kind::Free; });
    if (expr.callee == "abs" && x.size() == 1)
      return real ? Constant::real(std::fabs(x[0].number))
                  : Constant::whole(x[0].integer < 0 ? wrap(ast::BinaryOp::Sub, 0, x[0].integer) : x[0].integer);
    if (x.size() < 2)
      return std::nullopt;
    if (expr.callee == "min" || expr.callee == "max") {
      Constant best = x[0];
      for (const Constant &other : x)
        if (expr.callee == "min" ? other.number < best.number : other.number > best.number)
          best = other;
      return real ? Constant::real(best.number) : Constant::whole(best.integer);
    }
    if (x.size() != 2)
      return std::nullopt;
    double quotient = std::floor(x[0].number / x[1].number);
    if (expr.callee == "div")
      return real ? Constant::real(quotient) : Constant::whole(floorDivide(x[0].integer, x[1].integer));
    if (expr.callee == "mod")
      return real ? Constant::real(x[0].number - x[1].number * quotient)
                  : Constant::whole(x[1].integer ? wrap(ast::BinaryOp::Sub, x[0].integer,
                                                        wrap(ast::BinaryOp::Mul, x[1].integer,
                                                             floorDivide(x[0].integer, x[1].integer)))
                                                 : 0);
    return Constant::real(std::pow(x[0].number, x[1].number));
  }

  ConstantNames &names;
  const ast::Expr *&culprit;
};

} // namespace

std::optional<Constant> evaluate(const ast::Expr &expr, ConstantNames &names, const ast::Expr *&culprit) {
  culprit = nullptr;
  return Evaluator(names, culprit)(expr);
}

} // namespace ssm
