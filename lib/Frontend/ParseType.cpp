//===- ParseType.cpp - types, structures and lists of dimensions ------------===//
//
//   lowrank<32> bf16[O, I]      f32[B, 4]      x: bf16[B, L[B], D]
//
//===----------------------------------------------------------------------===//
#include "Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace ssm;
using namespace ssm::ast;
using llvm::StringRef;

static constexpr StringRef elements[] = {"f64", "f32",  "bf16", "f16", "c64",
                                         "c128", "i32", "i64",  "bool"};
static constexpr StringRef structures[] = {"diagonal",     "lowrank",   "block_diagonal",
                                           "flat_butterfly", "block_sparse", "monarch",
                                           "butterfly",    "toeplitz",  "circulant"};

/// What a type is called here that has this name elsewhere.
static StringRef elementElsewhere(StringRef name) {
  return llvm::StringSwitch<StringRef>(name)
      .Cases({"float", "float32", "single"}, "f32")
      .Cases({"double", "float64"}, "f64")
      .Cases({"half", "float16", "fp16"}, "f16")
      .Cases({"bfloat", "bfloat16"}, "bf16")
      .Cases({"complex", "complex64"}, "c64")
      .Case("complex128", "c128")
      .Cases({"int", "int32"}, "i32")
      .Cases({"long", "int64"}, "i64")
      .Case("boolean", "bool")
      .Default("");
}

bool Parser::parseName(Ident &name, const char *what) {
  if (!atTok(Tok::Name)) {
    if (peek().kind >= Tok::Layer && peek().kind <= Tok::Or)
      return expected(what, "'" + peek().text +
                                "' is a word of the language and cannot be a name");
    return expected(what);
  }
  if (peek().text.contains('.')) {
    diags.error(peek().loc(), "a name that is bound here cannot have a '.'");
    return false;
  }
  name.loc = peek().loc();
  name.name = take().text;
  return true;
}

/// `a`, `(a, b)`.
bool Parser::parseNames(std::vector<Ident> &names) {
  const Token &opening = peek();
  bool several = accept(Tok::LParen);
  do {
    Ident name;
    if (!parseName(name, several ? "a name" : "a name, or names in '(' and ')'"))
      return false;
    for (const Ident &other : names)
      if (other.name == name.name) {
        diags.error(rangeOf(name), "'" + name.name + "' is bound twice")
            .note(other.loc, "the first time here");
        return false;
      }
    names.push_back(name);
  } while (several && accept(Tok::Comma));
  return !several || expectClosing(Tok::RParen, "',' or ')'", opening);
}

/// A name, or a whole number: the dimension that a literal in a type made.
bool Parser::parseDimName(Ident &dim) {
  bool literal = atTok(Tok::Number) && llvm::all_of(peek().text, llvm::isDigit);
  if (!atTok(Tok::Name) && !literal)
    return expected("the name of a dimension");
  dim.loc = peek().loc();
  dim.name = take().text;
  return true;
}

/// `[L, K]` behind the word `of`.
bool Parser::parseDims(std::vector<Ident> &dims, StringRef of) {
  const Token &opening = peek();
  if (!atTok(Tok::LSquare))
    return expected("'[' and the dimensions of '" + of + "'");
  take();
  do {
    Ident dim;
    if (!parseDimName(dim))
      return false;
    for (const Ident &other : dims)
      if (other.name == dim.name) {
        diags.error(rangeOf(dim), "dimension '" + dim.name + "' is listed twice")
            .note(other.loc, "the first time here");
        return false;
      }
    dims.push_back(dim);
  } while (accept(Tok::Comma));
  if (atTok(Tok::Arrow) || atTok(Tok::Assign))
    return expected("',' or ']'", "'" + of + "' before '[' is an operation, which lists "
                                  "dimensions; a value of that name cannot be indexed");
  return expectClosing(Tok::RSquare, "',' or ']'", opening);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

bool Parser::parseType(Type &type) {
  type.loc = peek().loc();
  if (!atTok(Tok::Name))
    return expected("a type, as in f32[B, L]");
  bool element = llvm::is_contained(elements, peek().text);
  if (!element && (atTok(Tok::Lt, 1) || atTok(Tok::Name, 1))) {
    type.structure.emplace();
    if (!parseStructure(*type.structure))
      return false;
    element = atTok(Tok::Name) && llvm::is_contained(elements, peek().text);
  }
  if (!element) {
    if (!atTok(Tok::Name))
      return expected("an element type (f64 f32 bf16 f16 c64 c128 i32 i64 bool)");
    StringRef name = peek().text, elsewhere = elementElsewhere(name);
    diags.error(rangeOf(Ident{name, peek().loc()}), "'" + name + "' is no element type")
        .suggest(elsewhere.empty() ? name : elsewhere, elements)
        .note("the element types are f64 f32 bf16 f16 c64 c128 i32 i64 bool");
    return false;
  }
  type.element.loc = peek().loc();
  type.element.name = take().text;
  const Token &opening = peek();
  if (!atTok(Tok::LSquare))
    return expected("'[' and the dimensions",
                    "a scalar is written " + type.element.name + "[]");
  take();
  if (!atTok(Tok::RSquare)) {
    do {
      if (!parseTypeDim(type))
        return false;
    } while (accept(Tok::Comma));
  }
  return expectClosing(Tok::RSquare, "',' or ']'", opening);
}

bool Parser::parseTypeDim(Type &type) {
  Ident name;
  bool literal = atTok(Tok::Number);
  if (literal && !llvm::all_of(peek().text, llvm::isDigit))
    return expected("a dimension: a name or a whole number");
  if (!literal && !atTok(Tok::Name))
    return expected("a dimension: a name or a whole number");
  TypeDim dim;
  dim.loc = peek().loc();
  dim.name = peek().text;
  if (literal) {
    int64_t size;
    if (peek().text.getAsInteger(10, size)) {
      diags.error(peek().loc(), "this size is too large");
      return false;
    }
    dim.literal = size;
    take();
  } else if (!parseName(name, "a dimension")) {
    return false;
  }
  if (const Token &opening = peek(); accept(Tok::LSquare)) {
    dim.ragged = true;
    Ident along;
    if (!parseDimName(along) || !expectClosing(Tok::RSquare, "']'", opening))
      return false;
  }
  for (const TypeDim &other : type.dims)
    if (other.name == dim.name) {
      diags.error(rangeOf(dim), "dimension '" + dim.name + "' stands twice in this type")
          .note(other.loc, "the first time here");
      return false;
    }
  type.dims.push_back(dim);
  return true;
}

/// `diagonal`, `lowrank<32>`, `flat_butterfly<block = 32, factors = 4>`.
bool Parser::parseStructure(StructureRef &structure) {
  structure.name.loc = peek().loc();
  structure.name.name = take().text;
  if (!llvm::is_contained(structures, structure.name.name)) {
    bool isElement = atTok(Tok::LSquare, 1); // `f23 x[`: no structure was meant
    diags
        .error(rangeOf(structure.name), "there is no structure '" + structure.name.name + "'")
        .suggest(structure.name.name, structures)
        .note(isElement ? "a type is written STRUCTURE ELEMENT[O, I], the structure may be left out"
                        : "the structures are diagonal, lowrank, block_diagonal, flat_butterfly, "
                          "block_sparse, monarch, butterfly, toeplitz and circulant");
    return false;
  }
  const Token &opening = peek();
  if (!accept(Tok::Lt))
    return true;
  do {
    StructureArgument argument;
    argument.loc = peek().loc();
    if (atTok(Tok::Name) && atTok(Tok::Assign, 1)) {
      argument.name.emplace();
      argument.name->loc = peek().loc();
      argument.name->name = take().text;
      take();
    }
    argument.value = parseSum();
    if (!argument.value)
      return false;
    structure.arguments.push_back(std::move(argument));
  } while (accept(Tok::Comma));
  return expectClosing(Tok::Gt, "',' or '>'", opening);
}
