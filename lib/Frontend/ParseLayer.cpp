//===- ParseLayer.cpp - files, layers and statements ------------------------===//
#include "Parser.h"

#include "llvm/ADT/StringMap.h"

using namespace ssm;
using namespace ssm::ast;
using llvm::SMLoc;
using llvm::StringRef;

void Parser::parseFile(File &file) {
  bool quiet = false; // after a layer that failed, what follows it is its rest
  llvm::StringMap<SMLoc> seen;
  for (skipNewlines(); !atTok(Tok::End) && !diags.full(); skipNewlines()) {
    if (atTok(Tok::Import)) {
      parseImport(file);
    } else if (atTok(Tok::Layer)) {
      unsigned before = diags.errors();
      if (parseLayer(file)) {
        const Ident &name = file.layers.back()->name;
        auto [first, isNew] = seen.try_emplace(name.name, name.loc);
        if (!isNew)
          diags.error(rangeOf(name), "there are two layers named '" + name.name + "'")
              .note(first->second, "the first one is here");
      }
      quiet = diags.errors() != before;
    } else {
      // Rest of a layer is what a layer can hold.
      if (!quiet || atTok(Tok::Name))
        expected("'layer' or 'import'");
      quiet = true;
      while (!atLayerEnd())
        take();
    }
  }
}

void Parser::parseImport(File &file) {
  Import import;
  import.loc = take().loc();
  if (!atTok(Tok::String)) {
    expected("the name of a file in double quotes, as in import \"std/s4d\"");
    return skipStatement();
  }
  import.path = take().text.drop_front().drop_back().str();
  if (import.path.empty())
    diags.error(import.loc, "the name of the file to import is empty");
  else
    file.imports.push_back(std::move(import));
  if (!expectLineEnd())
    skipStatement();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// True if there is a layer to keep, even if parts of it had to be left out.
bool Parser::parseLayer(File &file) {
  auto layer = std::make_unique<Layer>();
  layer->loc = take().loc();
  bool header = parseHeader(*layer);
  if (!header) {
    // The body is read for its errors if it can be found.
    while (!atTok(Tok::LBrace) && !atLayerEnd())
      take();
    if (!atTok(Tok::LBrace))
      return false;
  }
  parseBody(*layer);
  if (layer->name.name.empty())
    return false;
  file.layers.push_back(std::move(layer));
  return true;
}

bool Parser::parseHeader(Layer &layer) {
  if (!parseName(layer.name, "the layer's name"))
    return false;
  const Token &opening = peek();
  if (!expect(Tok::LParen, "'(' before the layer's arguments"))
    return false;
  if (!atTok(Tok::RParen)) {
    do {
      if (!parseArgument(layer))
        return false;
    } while (accept(Tok::Comma));
  }
  if (!expectClosing(Tok::RParen, "',' or ')'", opening))
    return false;
  skipNewlines();
  if (!expect(Tok::Arrow, "'->' and the type of the result"))
    return false;
  const Token &results = peek();
  bool several = accept(Tok::LParen);
  do {
    Type type;
    if (!parseType(type))
      return false;
    if (type.structure) {
      diags.error(type.loc, "a result has no structure; only parameters do");
      return false;
    }
    layer.results.push_back(std::move(type));
  } while (several && accept(Tok::Comma));
  if (several && !expectClosing(Tok::RParen, "',' or ')'", results))
    return false;
  skipNewlines();
  return atTok(Tok::LBrace) || expected("'{' before the layer's body");
}

bool Parser::parseArgument(Layer &layer) {
  Argument argument;
  if (!parseName(argument.name, "the name of an argument") ||
      !expect(Tok::Colon, "':' and the type of the argument") || !parseType(argument.type))
    return false;
  if (argument.type.structure) {
    diags.error(argument.type.loc, "an argument has no structure; only parameters do");
    return false;
  }
  for (const Argument &other : layer.arguments)
    if (other.name.name == argument.name.name) {
      diags
          .error(rangeOf(argument.name),
                 "there are two arguments named '" + argument.name.name + "'")
          .note(other.name.loc, "the first one is here");
      return true;
    }
  layer.arguments.push_back(std::move(argument));
  return true;
}

void Parser::parseBody(Layer &layer) {
  const Token &opening = take();
  unsigned before = diags.errors();
  // What was lost to another mistake may have held the 'return'.
  auto missingReturn = [&] {
    constexpr const char *what = "'return' and the value of the layer";
    if (diags.errors() == before)
      atLayerEnd() ? expectClosing(Tok::RBrace, what, opening) : expected(what);
  };
  for (skipNewlines(); !atTok(Tok::RBrace) && !atTok(Tok::Return) && !diags.full();
       skipNewlines()) {
    if (atLayerEnd())
      return missingReturn();
    size_t start = at;
    if (!parseStatement(layer) || !expectLineEnd())
      recover();
    if (at == start) // never twice at one word
      take();
  }
  if (!atTok(Tok::Return)) {
    missingReturn();
    accept(Tok::RBrace);
    return;
  }
  layer.returnLoc = take().loc();
  layer.result = parseExpr();
  if (!layer.result || !expectLineEnd())
    recover();
  skipNewlines();
  if (accept(Tok::RBrace))
    return;
  if (!layer.result) // the rest of what was wrong
    return;
  if (atLayerEnd()) {
    expectClosing(Tok::RBrace, "'}' at the end of the layer", opening);
    return;
  }
  expected("'}' at the end of the layer", "'return' is a layer's last statement");
  while (!atTok(Tok::RBrace) && !atLayerEnd())
    skipStatement();
  accept(Tok::RBrace);
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

bool Parser::parseStatement(Layer &layer) {
  Statement statement;
  statement.loc = peek().loc();
  bool parsed;
  switch (peek().kind) {
  case Tok::Const:
  case Tok::Param:
  case Tok::State:
    parsed = parseDeclaration(statement);
    break;
  case Tok::Let:
    statement.kind = Statement::LetStatement;
    parsed = parseLet(statement.let);
    break;
  case Tok::Schedule:
    parsed = parseSchedule(statement);
    break;
  case Tok::Name:
    if (peek(1).is(Tok::Assign))
      return expected("a statement",
                      "a value is named with 'let " + peek().text + " = ...'");
    [[fallthrough]];
  default:
    return expected("a statement (const, param, state, let, schedule) or 'return'");
  }
  if (parsed)
    layer.statements.push_back(std::move(statement));
  return parsed;
}

bool Parser::parseDeclaration(Statement &statement) {
  Tok kind = take().kind;
  if (kind == Tok::Const) {
    statement.kind = Statement::Const;
    if (!parseName(statement.name, "the name of the constant"))
      return false;
    if (atTok(Tok::Colon))
      return expected("'='", "a constant has no type");
    if (!expect(Tok::Assign, "'=' and the value of the constant"))
      return false;
  } else {
    bool param = kind == Tok::Param;
    statement.kind = param ? Statement::Param : Statement::State;
    if (!parseName(statement.name, param ? "the name of the parameter" : "the name of the state") ||
        !expect(Tok::Colon, param ? "':' and the type of the parameter"
                                  : "':' and the type of the state") ||
        !parseType(statement.type))
      return false;
    if (!param && statement.type.structure) {
      diags.error(statement.type.loc, "a state has no structure; only parameters do");
      return false;
    }
    if (!expect(Tok::Assign, param ? "'=' and how the parameter is initialised"
                                   : "'=' and the initial value of the state"))
      return false;
  }
  statement.let.loc = statement.loc;
  statement.let.value = parseExpr();
  return statement.let.value != nullptr;
}

bool Parser::parseSchedule(Statement &statement) {
  statement.kind = Statement::Schedule;
  take();
  const Token &opening = peek();
  if (!expect(Tok::LBrace, "'{' after 'schedule'"))
    return false;
  for (skipNewlines(); !atTok(Tok::RBrace); skipNewlines()) {
    if (atLayerEnd())
      return expectClosing(Tok::RBrace, "'}'", opening);
    if (!parseChoice(statement) || (!accept(Tok::Comma) && !expectLineEnd())) {
      closeBlock();
      return false;
    }
  }
  take();
  return true;
}

/// `precision = f32`.
bool Parser::parseChoice(Statement &statement) {
  Ident key, value;
  if (!parseName(key, "a choice, as in 'precision = f32'") || !expect(Tok::Assign, "'='"))
    return false;
  if (!atTok(Tok::Name) && !atTok(Tok::Number))
    return expected("the value of '" + key.name + "'");
  value.loc = peek().loc();
  value.name = take().text;
  for (auto &other : statement.schedule)
    if (other.first.name == key.name) {
      diags.error(rangeOf(key), "'" + key.name + "' is chosen twice")
          .note(other.first.loc, "the first time here");
      return false;
    }
  statement.schedule.push_back({key, value});
  return true;
}

bool Parser::parseLet(Let &let) {
  let.loc = take().loc();
  if (!parseNames(let.names) || !expect(Tok::Assign, "'=' and a value"))
    return false;
  let.value = parseExpr();
  return let.value != nullptr;
}

bool Parser::parseBlock(Block &block, unsigned &height) {
  const Token opening = peek();
  if (!expect(Tok::LBrace, "'{' and the body"))
    return false;
  bool good = true;
  for (skipNewlines(); atTok(Tok::Let) && !diags.full(); skipNewlines()) {
    Let let;
    if (parseLet(let) && expectLineEnd()) {
      height = std::max(height, let.value->height);
      block.lets.push_back(std::move(let));
    } else {
      good = false;
      recover();
    }
  }
  if (atTok(Tok::Return)) {
    expected("the value of the block", "a block ends in its value, without 'return'");
    if (!returnEndsLayer()) {
      take();
      closeBlock();
    }
    return false;
  }
  if (atTok(Tok::RBrace)) {
    if (good)
      expected("the value of the block", "a block ends in an expression, its value");
    take();
    return false;
  }
  block.result = parseExpr();
  if (!block.result) {
    closeBlock();
    return false;
  }
  height = std::max(height, block.result->height);
  skipNewlines();
  if (accept(Tok::RBrace))
    return good;
  if (atTok(Tok::Assign))
    expected("'}' after the value of the block", "a value is named with 'let'");
  else
    expectClosing(Tok::RBrace, "'}' after the value of the block", opening);
  closeBlock();
  return false;
}

void Parser::closeBlock() {
  // A word that only a layer's own statements begin with says that the block's
  // brace is missing.
  while (!atTok(Tok::RBrace) && !atTok(Tok::End) &&
         (!beginsStatement(peek().kind) || accept(Tok::Let)))
    skipStatement();
  accept(Tok::RBrace);
}

bool Parser::returnEndsLayer() const {
  // In `return x }`, the brace is the layer's if no more of the layer follows.
  unsigned braces = 0;
  size_t ahead = 1;
  for (; !atTok(Tok::End, ahead); ++ahead) {
    if (braces == 0 && (atTok(Tok::Newline, ahead) || atTok(Tok::RBrace, ahead)))
      break;
    braces += atTok(Tok::LBrace, ahead);
    braces -= atTok(Tok::RBrace, ahead);
  }
  while (atTok(Tok::Newline, ahead))
    ++ahead;
  if (!atTok(Tok::RBrace, ahead++))
    return false;
  while (atTok(Tok::Newline, ahead))
    ++ahead;
  return atTok(Tok::End, ahead) || atTok(Tok::Layer, ahead) || atTok(Tok::Import, ahead);
}
