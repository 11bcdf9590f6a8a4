//===- Parser.h - recursive descent over the tokens of one file -------------===//
//
// One function a rule of the grammar. A rule that fails has reported why and
// returns null or false; its callers return at once, up to the statement or the
// block, which skips to the next line of its own and goes on. So one mistake is
// one message, and several mistakes are several.
//
// ParseLayer.cpp has files, layers and statements, ParseType.cpp types and
// lists of dimensions, ParseExpr.cpp expressions up to postfix, ParseAtom.cpp
// the forms with a syntax of their own, Parser.cpp what they share.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Lexer.h"

#include "ssm/Frontend/AST.h"
#include "ssm/Frontend/Diagnostics.h"

namespace ssm {

class Parser {
public:
  Parser(llvm::StringRef buffer, Diagnostics &diags);

  /// Parses the whole file; what cannot be parsed is reported and left out.
  void parseFile(ast::File &file);

  /// No expression is deeper than this.
  static constexpr unsigned maxHeight = 256;

private:
  // Layers and statements.
  void parseImport(ast::File &file);
  bool parseLayer(ast::File &file);
  bool parseHeader(ast::Layer &layer);
  bool parseArgument(ast::Layer &layer);
  void parseBody(ast::Layer &layer);
  bool parseStatement(ast::Layer &layer);
  bool parseDeclaration(ast::Statement &statement);
  bool parseSchedule(ast::Statement &statement);
  bool parseChoice(ast::Statement &statement);
  bool parseLet(ast::Let &let);
  bool parseBlock(ast::Block &block, unsigned &height);
  /// Skips to the end of a block with a mistake.
  void closeBlock();
  /// Whether the 'return' here is the layer's own, and not in a block.
  bool returnEndsLayer() const;

  // Types and lists of dimensions.
  bool parseType(ast::Type &type);
  bool parseStructure(ast::StructureRef &structure);
  bool parseTypeDim(ast::Type &type);
  bool parseDimName(ast::Ident &dim);
  bool parseDims(std::vector<ast::Ident> &dims, llvm::StringRef of);
  bool parseNames(std::vector<ast::Ident> &names);
  bool parseName(ast::Ident &name, const char *what);

  // Expressions.
  ast::ExprPtr parseExpr();
  ast::ExprPtr parseAnd();
  ast::ExprPtr parseNot();
  ast::ExprPtr parseComparison();
  ast::ExprPtr parseSum();
  ast::ExprPtr parseProduct();
  ast::ExprPtr parseUnary();
  ast::ExprPtr parsePostfix();
  ast::ExprPtr parseAtom();
  ast::ExprPtr parseReduction();
  ast::ExprPtr parseIndex(ast::ExprPtr base);
  ast::ExprPtr parseNumber();
  ast::ExprPtr parseParentheses();
  ast::ExprPtr parseNameOrCall();
  ast::ExprPtr parseWindow();
  ast::ExprPtr parseFourier();
  ast::ExprPtr parseScan();
  ast::ExprPtr parseRepeat();
  ast::ExprPtr binary(ast::BinaryOp op, ast::ExprPtr lhs, ast::ExprPtr (Parser::*parseRhs)());

  /// Sets the end and the height of a node that was parsed; null if too deep.
  ast::ExprPtr finish(ast::ExprPtr node, unsigned childHeight = 0);

  /// Enters one level of the recursion; true, and reported, if it is too deep.
  bool tooDeep();

  // Tokens.
  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  }
  bool atTok(Tok kind, size_t ahead = 0) const { return peek(ahead).is(kind); }
  const Token &take() { return at + 1 < tokens.size() ? tokens[at++] : tokens[at]; }
  bool accept(Tok kind) { return atTok(kind) ? (take(), true) : false; }
  bool expect(Tok kind, const char *what);
  /// Like expect, with a note at the bracket that is to be closed.
  bool expectClosing(Tok kind, const char *what, const Token &opening);
  bool expectLineEnd();
  /// Reports that `what` was expected here; always false.
  bool expected(const llvm::Twine &what);
  bool expected(const llvm::Twine &what, const llvm::Twine &note);
  void skipNewlines();
  bool atLayerEnd() const { return atTok(Tok::End) || atTok(Tok::Layer) || atTok(Tok::Import); }
  /// Skips to the end of the statement, or to the brace that closes its block.
  void skipStatement();
  /// The same after a mistake, unless the next statement has been reached.
  void recover();
  /// The token behind the bracket that closes the one `ahead` tokens away.
  const Token &behindBracket(size_t ahead) const;
  bool isName(llvm::StringRef text, size_t ahead = 0) const {
    return atTok(Tok::Name, ahead) && peek(ahead).text == text;
  }

  std::vector<Token> tokens;
  std::vector<std::string> messages;
  size_t at = 0;
  unsigned depth = 0; // of the recursion
  Diagnostics &diags;
};

/// Whether the name, followed by `[`, begins a reduction or a Fourier transform.
bool isReduction(llvm::StringRef name);
bool isFourier(llvm::StringRef name);

} // namespace ssm
