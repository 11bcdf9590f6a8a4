//===- ParseAtom.cpp - numbers, calls and the forms with their own syntax ---===//
//
// conv, shift, Fourier transforms, scan and repeat. A word such as `conv` or
// `sum` means its operation only before `[`, so it may also name a value.
//
//===----------------------------------------------------------------------===//
#include "Parser.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace ssm;
using namespace ssm::ast;
using llvm::StringRef;

ExprPtr Parser::parseAtom() {
  switch (peek().kind) {
  case Tok::Number:
    return parseNumber();
  case Tok::LParen:
    return parseParentheses();
  case Tok::Reverse:
  case Tok::Scan:
    return parseScan();
  case Tok::Repeat:
    return parseRepeat();
  case Tok::Name:
    if (atTok(Tok::LSquare, 1)) {
      if (isName("shift") || isName("conv"))
        return parseWindow();
      if (isFourier(peek().text))
        return parseFourier();
    }
    return parseNameOrCall();
  case Tok::Not:
    expected("a value", "'not' binds looser than comparisons and arithmetic; put it in brackets");
    return nullptr;
  case Tok::LBrace:
    expected("a value", "a block stands only behind 'scan' or 'repeat'");
    return nullptr;
  default:
    expected("a value");
    return nullptr;
  }
}

ExprPtr Parser::parseNumber() {
  auto node = std::make_unique<NumberExpr>(peek().loc());
  StringRef text = take().text;
  node->whole = llvm::all_of(text, llvm::isDigit);
  if (node->whole && text.getAsInteger(10, node->integer)) {
    diags.error(node->loc(), "this whole number does not fit in 64 bits");
    return nullptr;
  }
  // strtod rounds to nearest; what is too small becomes 0.
  node->real = std::strtod(text.str().c_str(), nullptr);
  if (std::isinf(node->real)) {
    diags.error(node->loc(), "this number is too large for f64; write 'inf' for infinity");
    return nullptr;
  }
  return finish(std::move(node));
}

/// `(e)` is e itself, `(a, b)` a tuple.
ExprPtr Parser::parseParentheses() {
  const Token &opening = take();
  ExprPtr first = parseExpr();
  if (!first)
    return nullptr;
  if (accept(Tok::RParen))
    return first;
  auto node = std::make_unique<TupleExpr>(opening.loc());
  unsigned height = first->height;
  node->elements.push_back(std::move(first));
  while (accept(Tok::Comma)) {
    ExprPtr element = parseExpr();
    if (!element)
      return nullptr;
    height = std::max(height, element->height);
    node->elements.push_back(std::move(element));
  }
  if (!expectClosing(Tok::RParen, "',' or ')'", opening))
    return nullptr;
  return finish(std::move(node), height);
}

/// `u`, `exp(x)`, `s4d<N = 16>(u)`.
ExprPtr Parser::parseNameOrCall() {
  // `a < b = ...` is no comparison, so `<` here opens a list of dimensions.
  bool dimArguments = atTok(Tok::Lt, 1) && atTok(Tok::Name, 2) && atTok(Tok::Assign, 3);
  if (!atTok(Tok::LParen, 1) && !dimArguments) {
    auto name = std::make_unique<NameExpr>(peek().loc());
    name->name = take().text;
    return finish(std::move(name));
  }
  auto node = std::make_unique<CallExpr>(peek().loc());
  node->callee = take().text;
  unsigned height = 0;
  if (dimArguments) {
    const Token &opening = take();
    do {
      DimArgument argument;
      if (!parseName(argument.name, "the name of a dimension or a constant") ||
          !expect(Tok::Assign, "'='"))
        return nullptr;
      for (const DimArgument &other : node->dimArguments)
        if (other.name.name == argument.name.name) {
          diags.error(rangeOf(argument.name), "'" + argument.name.name + "' is given twice")
              .note(other.name.loc, "the first time here");
          return nullptr;
        }
      argument.value = parseSum(); // no comparison: '>' ends the list
      if (!argument.value)
        return nullptr;
      height = std::max(height, argument.value->height);
      node->dimArguments.push_back(std::move(argument));
    } while (accept(Tok::Comma));
    if (!expectClosing(Tok::Gt, "',' or '>'", opening))
      return nullptr;
  }
  const Token &opening = peek();
  if (!expect(Tok::LParen, "'(' and the arguments of the call"))
    return nullptr;
  if (!atTok(Tok::RParen)) {
    do {
      ExprPtr argument = parseExpr();
      if (!argument)
        return nullptr;
      height = std::max(height, argument->height);
      node->arguments.push_back(std::move(argument));
    } while (accept(Tok::Comma));
  }
  if (!expectClosing(Tok::RParen, "',' or ')'", opening))
    return nullptr;
  return finish(std::move(node), height);
}

/// `shift[L](x, k)`, `conv[L, K](u, k, same)`.
ExprPtr Parser::parseWindow() {
  auto node = std::make_unique<WindowExpr>(peek().loc());
  StringRef word = take().text;
  node->isConv = word == "conv";
  if (!parseDims(node->dims, word))
    return nullptr;
  const Token &opening = peek();
  if (!expect(Tok::LParen, "'(' and two arguments"))
    return nullptr;
  node->first = parseExpr();
  if (!node->first)
    return nullptr;
  if (!expect(Tok::Comma, node->isConv ? "',' and the kernel" : "',' and how far to shift"))
    return nullptr;
  node->second = parseExpr();
  if (!node->second)
    return nullptr;
  if (node->isConv && accept(Tok::Comma)) {
    Ident mode;
    if (!parseName(mode, "a kind of convolution: anticausal, circular or same"))
      return nullptr;
    node->mode = mode;
  }
  if (!expectClosing(Tok::RParen, node->isConv && !node->mode ? "',' or ')'" : "')'", opening))
    return nullptr;
  unsigned height = std::max(node->first->height, node->second->height);
  return finish(std::move(node), height);
}

/// `rfft[X -> K1, Y -> K2] x`: the operand is the unary that follows.
ExprPtr Parser::parseFourier() {
  auto node = std::make_unique<FourierExpr>(peek().loc());
  node->name = take().text;
  const Token &opening = take();
  do {
    std::pair<Ident, Ident> dims;
    if (!parseDimName(dims.first) ||
        !expect(Tok::Arrow, "'->' and the dimension of the transform") ||
        !parseDimName(dims.second))
      return nullptr;
    for (auto &other : node->dims)
      if (other.first.name == dims.first.name) {
        diags.error(rangeOf(dims.first), "dimension '" + dims.first.name + "' is listed twice")
            .note(other.first.loc, "the first time here");
        return nullptr;
      }
    node->dims.push_back(dims);
  } while (accept(Tok::Comma));
  if (!expectClosing(Tok::RSquare, "',' or ']'", opening))
    return nullptr;
  node->operand = parseUnary();
  if (!node->operand)
    return nullptr;
  unsigned height = node->operand->height;
  return finish(std::move(node), height);
}

/// `[reverse] scan[L] (a, b) = init { ... }`.
ExprPtr Parser::parseScan() {
  auto node = std::make_unique<ScanExpr>(peek().loc());
  node->reverse = accept(Tok::Reverse);
  if (!expect(Tok::Scan, "'scan' after 'reverse'") || !parseDims(node->dims, "scan") ||
      !parseNames(node->names) || !expect(Tok::Assign, "'=' and the initial value"))
    return nullptr;
  node->init = parseExpr();
  if (!node->init)
    return nullptr;
  unsigned height = node->init->height;
  if (!parseBlock(node->body, height))
    return nullptr;
  return finish(std::move(node), height);
}

/// `repeat n x = init { ... }`.
ExprPtr Parser::parseRepeat() {
  auto node = std::make_unique<RepeatExpr>(take().loc());
  // In `repeat n (a, b) = ...` the brackets hold names, they are no call.
  if (atTok(Tok::Name) && atTok(Tok::LParen, 1) && behindBracket(1).is(Tok::Assign)) {
    auto name = std::make_unique<NameExpr>(peek().loc());
    name->name = take().text;
    node->count = finish(std::move(name));
  } else {
    node->count = parseAtom();
  }
  if (!node->count || !parseNames(node->names) || !expect(Tok::Assign, "'=' and the initial value"))
    return nullptr;
  node->init = parseExpr();
  if (!node->init)
    return nullptr;
  unsigned height = std::max(node->count->height, node->init->height);
  if (!parseBlock(node->body, height))
    return nullptr;
  return finish(std::move(node), height);
}
