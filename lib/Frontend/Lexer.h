//===- Lexer.h - the words of an .ssm file ----------------------------------===//
//
// Splits a buffer into tokens, all at once. A newline is a token only where it
// ends a statement: not inside round or square brackets, and not after an
// operator, a comma or `=`. What no word begins with becomes an Error token,
// whose message the parser reports if it gets there.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"

#include <string>
#include <vector>

namespace ssm {

enum class Tok {
  End, // of the file
  Newline,
  Error,
  Name, // `h`, `norm.weight`
  Number,
  String,
  // Words that cannot be names.
  Layer,
  Import,
  Const,
  Param,
  State,
  Let,
  Schedule,
  Return,
  Scan,
  Reverse,
  Repeat,
  Not,
  And,
  Or,
  // Brackets.
  LParen,
  RParen,
  LSquare,
  RSquare,
  LBrace,
  RBrace,
  // Marks after which a newline does not count, from here on but for the colon.
  Colon,
  Comma,
  Assign,
  Arrow,
  Plus,
  Minus,
  Star,
  Slash,
  Power,
  Lt,
  Le,
  Gt,
  Ge,
  Eq,
  Ne,
};

struct Token {
  Tok kind;
  llvm::StringRef text; // empty for Newline and End, which stand behind the last word
  unsigned message = 0; // Error: which of Tokens::messages

  llvm::SMLoc loc() const { return llvm::SMLoc::getFromPointer(text.begin()); }
  bool is(Tok k) const { return kind == k; }
};

struct Tokens {
  std::vector<Token> tokens; // the last one is End
  std::vector<std::string> messages;
};

/// The buffer must outlive the tokens.
Tokens lex(llvm::StringRef buffer);

/// How a message names a token: `'h'`, `the end of the line`.
std::string describe(const Token &token);

/// Whether statements begin with the word, or layers or imports do.
bool beginsStatement(Tok kind);

} // namespace ssm
