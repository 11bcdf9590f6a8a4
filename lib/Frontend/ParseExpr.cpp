//===- ParseExpr.cpp - expressions, from 'or' down to postfix ---------------===//
//
// Loosest first: or, and, not, comparisons (which do not chain), + -, * /,
// unary minus and reductions, ** (to the right), postfix [...].
//
//===----------------------------------------------------------------------===//
#include "Parser.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/STLExtras.h"

using namespace ssm;
using namespace ssm::ast;
using llvm::StringRef;

/// What is followed by dimensions in square brackets; reductions first, then the Fourier transforms.
static constexpr StringRef bracketed[] = {
    "sum",     "prod",   "max",     "min",    "mean",         "logsumexp", "argmax", "softmax", "cumsum", "cumprod",
    "cummax",  "cummin", "cumlogsumexp", "rfft", "irfft", "fft", "ifft", "scan", "shift", "conv",
};

bool ssm::isReduction(StringRef name) { return llvm::is_contained(llvm::ArrayRef(bracketed).take_front(13), name); }

bool ssm::isFourier(StringRef name) { return llvm::is_contained(llvm::ArrayRef(bracketed).slice(13, 4), name); }

ExprPtr Parser::binary(BinaryOp op, ExprPtr lhs, ExprPtr (Parser::*parseRhs)()) {
  auto node = std::make_unique<BinaryExpr>(lhs->loc());
  node->op = op;
  node->opLoc = take().loc();
  node->lhs = std::move(lhs);
  node->rhs = (this->*parseRhs)();
  if (!node->rhs)
    return nullptr;
  unsigned height = std::max(node->lhs->height, node->rhs->height);
  return finish(std::move(node), height);
}

ExprPtr Parser::parseExpr() {
  ExprPtr lhs = parseAnd();
  while (lhs && atTok(Tok::Or))
    lhs = binary(BinaryOp::Or, std::move(lhs), &Parser::parseAnd);
  return lhs;
}

ExprPtr Parser::parseAnd() {
  ExprPtr lhs = parseNot();
  while (lhs && atTok(Tok::And))
    lhs = binary(BinaryOp::And, std::move(lhs), &Parser::parseNot);
  return lhs;
}

bool Parser::tooDeep() {
  if (++depth <= maxHeight)
    return false;
  diags.error(peek().loc(), "this is nested more than " + llvm::Twine(maxHeight) +
                                " levels deep; name the parts with 'let'");
  return true;
}

ExprPtr Parser::parseNot() {
  if (!atTok(Tok::Not))
    return parseComparison();
  llvm::scope_exit leave([&] { --depth; });
  if (tooDeep())
    return nullptr;
  auto node = std::make_unique<UnaryExpr>(take().loc());
  node->op = UnaryOp::Not;
  node->operand = parseNot();
  if (!node->operand)
    return nullptr;
  unsigned height = node->operand->height;
  return finish(std::move(node), height);
}

static std::optional<BinaryOp> comparison(Tok kind) {
  switch (kind) {
  case Tok::Lt:
    return BinaryOp::Lt;
  case Tok::Le:
    return BinaryOp::Le;
  case Tok::Gt:
    return BinaryOp::Gt;
  case Tok::Ge:
    return BinaryOp::Ge;
  case Tok::Eq:
    return BinaryOp::Eq;
  case Tok::Ne:
    return BinaryOp::Ne;
  default:
    return std::nullopt;
  }
}

ExprPtr Parser::parseComparison() {
  ExprPtr lhs = parseSum();
  if (!lhs)
    return nullptr;
  std::optional<BinaryOp> op = comparison(peek().kind);
  if (!op)
    return lhs;
  lhs = binary(*op, std::move(lhs), &Parser::parseSum);
  if (!lhs || !comparison(peek().kind))
    return lhs;
  auto error = diags.error(peek().loc(), "comparisons do not chain; write 'a < b and b < c'");
  error.note(llvm::cast<BinaryExpr>(*lhs).opLoc, "the first comparison is here");
  if (op == BinaryOp::Lt && atTok(Tok::Gt) && atTok(Tok::LParen, 1))
    error.note("the dimensions of a call are given by name, as in norm<D = H>(x)");
  return nullptr;
}

ExprPtr Parser::parseSum() {
  ExprPtr lhs = parseProduct();
  while (lhs && (atTok(Tok::Plus) || atTok(Tok::Minus)))
    lhs = binary(atTok(Tok::Plus) ? BinaryOp::Add : BinaryOp::Sub, std::move(lhs),
                 &Parser::parseProduct);
  return lhs;
}

ExprPtr Parser::parseProduct() {
  ExprPtr lhs = parseUnary();
  while (lhs && (atTok(Tok::Star) || atTok(Tok::Slash)))
    lhs = binary(atTok(Tok::Star) ? BinaryOp::Mul : BinaryOp::Div, std::move(lhs),
                 &Parser::parseUnary);
  return lhs;
}

ExprPtr Parser::parseUnary() {
  llvm::scope_exit leave([&] { --depth; });
  if (tooDeep())
    return nullptr;
  if (atTok(Tok::Minus)) {
    auto node = std::make_unique<UnaryExpr>(take().loc());
    node->op = UnaryOp::Neg;
    node->operand = parseUnary();
    if (!node->operand)
      return nullptr;
    unsigned height = node->operand->height;
    return finish(std::move(node), height);
  }
  if (atTok(Tok::Name) && atTok(Tok::LSquare, 1) && isReduction(peek().text))
    return parseReduction();
  ExprPtr base = parsePostfix();
  if (base && atTok(Tok::Power))
    return binary(BinaryOp::Pow, std::move(base), &Parser::parseUnary);
  return base;
}

/// `sum[D] a * b`: the operand is the product that follows.
ExprPtr Parser::parseReduction() {
  auto node = std::make_unique<ReductionExpr>(peek().loc());
  node->name = take().text;
  if (!parseDims(node->dims, node->name))
    return nullptr;
  node->operand = parseProduct();
  if (!node->operand)
    return nullptr;
  unsigned height = node->operand->height;
  return finish(std::move(node), height);
}

ExprPtr Parser::parsePostfix() {
  ExprPtr base = parseAtom();
  while (base && atTok(Tok::LSquare))
    base = parseIndex(std::move(base));
  return base;
}

/// `[L -> M, P = e]` behind a value.
ExprPtr Parser::parseIndex(ExprPtr base) {
  auto node = std::make_unique<IndexExpr>(base->loc());
  unsigned height = base->height;
  node->base = std::move(base);
  const Token &opening = take();
  do {
    IndexEntry entry;
    if (!atTok(Tok::Name) && !atTok(Tok::Number))
      return expected("the name of a dimension",
                      "an index names its dimension, as in x[L = 0] or x[L -> M]"),
             nullptr;
    if (!atTok(Tok::Arrow, 1) && !atTok(Tok::Assign, 1)) {
      take();
      auto *name = llvm::dyn_cast<NameExpr>(node->base.get());
      StringRef near = name ? nearest(name->name, bracketed) : "";
      if (!near.empty())
        return expected("'=' or '->'", "only an operation lists dimensions in brackets; did you mean '" + near + "'?"), nullptr;
      return expected("'=' or '->'", "an index names its dimension, as in x[L = 0] or x[L -> M]"),
             nullptr;
    }
    if (!parseDimName(entry.dim))
      return nullptr;
    for (const IndexEntry &other : node->entries)
      if (other.dim.name == entry.dim.name) {
        diags.error(rangeOf(entry.dim), "dimension '" + entry.dim.name + "' is indexed twice")
            .note(other.dim.loc, "the first time here");
        return nullptr;
      }
    if (take().is(Tok::Arrow)) {
      entry.renamed.emplace();
      if (!parseDimName(*entry.renamed))
        return nullptr;
    } else {
      entry.index = parseExpr();
      if (!entry.index)
        return nullptr;
      height = std::max(height, entry.index->height);
    }
    node->entries.push_back(std::move(entry));
  } while (accept(Tok::Comma));
  if (!expectClosing(Tok::RSquare, "',' or ']'", opening))
    return nullptr;
  return finish(std::move(node), height);
}
