//===- Parser.cpp - what the rules of the grammar share ---------------------===//
//
// Expecting tokens, saying what was found instead, and finding the way back
// after an error.
//
//===----------------------------------------------------------------------===//
#include "Parser.h"

using namespace ssm;

Parser::Parser(llvm::StringRef buffer, Diagnostics &diags) : diags(diags) {
  Tokens lexed = lex(buffer);
  tokens = std::move(lexed.tokens);
  messages = std::move(lexed.messages);
}

bool Parser::expected(const llvm::Twine &what) { return expected(what, ""); }

bool Parser::expected(const llvm::Twine &what, const llvm::Twine &note) {
  const Token &token = peek();
  if (token.is(Tok::Error)) {
    diags.error(token.loc(), messages[token.message]);
    return false;
  }
  llvm::SMRange range(token.loc(), llvm::SMLoc::getFromPointer(token.text.end()));
  Diagnostics::Builder error =
      diags.error(range, "expected " + what + ", found " + describe(token));
  if (std::string text = note.str(); !text.empty())
    error.note(text);
  return false;
}

bool Parser::expect(Tok kind, const char *what) {
  return accept(kind) || expected(what);
}

bool Parser::expectClosing(Tok kind, const char *what, const Token &opening) {
  if (accept(kind))
    return true;
  const Token &token = peek();
  if (token.is(Tok::Error))
    return expected(what);
  llvm::SMRange range(token.loc(), llvm::SMLoc::getFromPointer(token.text.end()));
  diags.error(range, llvm::Twine("expected ") + what + ", found " + describe(token))
      .note(opening.loc(), "to close this '" + opening.text + "'");
  return false;
}

bool Parser::expectLineEnd() {
  if (atTok(Tok::RBrace) || atTok(Tok::End) || accept(Tok::Newline))
    return true;
  return expected("the end of the line");
}

void Parser::skipNewlines() {
  while (accept(Tok::Newline))
    ;
}

void Parser::recover() {
  // A statement that begins here, on a line of its own, is the next one.
  if (at == 0 || !tokens[at - 1].is(Tok::Newline) || !beginsStatement(peek().kind))
    skipStatement();
}

void Parser::skipStatement() {
  unsigned braces = 0;
  for (;; take()) {
    if (atTok(Tok::End) || atTok(Tok::Layer) || atTok(Tok::Import))
      return;
    if (atTok(Tok::LBrace))
      ++braces;
    if (atTok(Tok::RBrace) && braces-- == 0)
      return;
    if (atTok(Tok::Newline) && braces == 0) {
      take();
      return;
    }
  }
}

const Token &Parser::behindBracket(size_t ahead) const {
  unsigned open = 0;
  for (;; ++ahead) {
    switch (peek(ahead).kind) {
    case Tok::LParen:
    case Tok::LSquare:
    case Tok::LBrace:
      ++open;
      break;
    case Tok::RParen:
    case Tok::RSquare:
    case Tok::RBrace:
      if (--open == 0)
        return peek(ahead + 1);
      break;
    case Tok::Newline:
    case Tok::End:
      return peek(ahead);
    default:
      break;
    }
  }
}

ast::ExprPtr Parser::finish(ast::ExprPtr node, unsigned childHeight) {
  node->height = childHeight + 1;
  if (node->height > maxHeight) {
    diags.error(node->loc(), "this expression has more than " + llvm::Twine(maxHeight) +
                                 " levels; name its parts with 'let'");
    return nullptr;
  }
  if (at > 0)
    node->end = llvm::SMLoc::getFromPointer(
        std::max(node->loc().getPointer(), tokens[at - 1].text.end() - 1));
  return node;
}
