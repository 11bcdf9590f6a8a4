//===- Lexer.cpp - the words of an .ssm file --------------------------------===//
//
// Brackets are followed here because they decide which newlines count. Where
// they do not match, the lexer guesses which one is missing (a word that only
// begins a statement closes round and square brackets, `layer` closes all), so
// that one forgotten bracket does not turn the rest of the file into one line.
//
//===----------------------------------------------------------------------===//
#include "Lexer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ConvertUTF.h"

using namespace ssm;
using llvm::StringRef;

bool ssm::beginsStatement(Tok kind) { return kind >= Tok::Layer && kind <= Tok::Return; }

std::string ssm::describe(const Token &token) {
  switch (token.kind) {
  case Tok::End:
    return "the end of the file";
  case Tok::Newline:
    return "the end of the line";
  default:
    if (token.text.size() > 40)
      return ("'" + token.text.take_front(37) + "...'").str();
    return ("'" + token.text + "'").str();
  }
}

namespace {

bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isNameCharacter(char c) { return llvm::isAlnum(c) || c == '_'; }

class Lexer {
public:
  explicit Lexer(StringRef buffer) : at(buffer.begin()), end(buffer.end()), lastEnd(at) {}
  Tokens run();

private:
  char peek(size_t ahead = 0) const { return size_t(end - at) > ahead ? at[ahead] : '\0'; }
  void add(Tok kind, size_t size);
  void addError(size_t size, const llvm::Twine &message);
  void addNewline();
  void closeBracket(char open, Tok kind);
  void lexName();
  void lexNumber();
  void lexString();
  void lexMark();
  void lexUnknown();

  const char *at, *end;
  const char *lastEnd;      // behind the last word
  std::string open;         // the brackets around `at`
  bool lineEnded = false;   // a newline came since the last word
  Tokens out;
};

/// Whether a line may not end behind this word.
bool continuesLine(Tok kind) {
  return (kind >= Tok::Comma && kind <= Tok::Ne) || (kind >= Tok::Not && kind <= Tok::Or);
}

void Lexer::addNewline() {
  if (!out.tokens.empty() && !out.tokens.back().is(Tok::Newline))
    out.tokens.push_back({Tok::Newline, StringRef(lastEnd, 0)});
}

void Lexer::add(Tok kind, size_t size) {
  if (lineEnded) {
    lineEnded = false;
    // Before a word that begins a statement the line has ended, whatever stood at
    // its end, and a bracket still open was forgotten.
    bool ended = beginsStatement(kind) || kind == Tok::RBrace;
    while (ended && !open.empty() && open.back() != '{')
      open.pop_back();
    if (kind == Tok::Layer || kind == Tok::Import)
      open.clear();
    bool inBrackets = !open.empty() && open.back() != '{';
    bool goesOn = !out.tokens.empty() && continuesLine(out.tokens.back().kind);
    if (!inBrackets && (ended || !goesOn))
      addNewline();
  }
  out.tokens.push_back({kind, StringRef(at, size)});
  at += size;
  lastEnd = at;
}

void Lexer::addError(size_t size, const llvm::Twine &message) {
  add(Tok::Error, size);
  out.tokens.back().message = out.messages.size();
  out.messages.push_back(message.str());
}

void Lexer::closeBracket(char opening, Tok kind) {
  add(kind, 1);
  if (opening == '{') {
    // Closes what was left open inside the braces.
    size_t brace = open.rfind('{');
    if (brace != std::string::npos)
      open.resize(brace);
  } else if (!open.empty() && open.back() != '{') {
    open.pop_back();
  }
}

void Lexer::lexName() {
  size_t size = 0;
  while (isNameCharacter(peek(size)) || (peek(size) == '.' && isNameStart(peek(size + 1))))
    ++size;
  Tok kind = llvm::StringSwitch<Tok>(StringRef(at, size))
                 .Case("layer", Tok::Layer)
                 .Case("import", Tok::Import)
                 .Case("const", Tok::Const)
                 .Case("param", Tok::Param)
                 .Case("state", Tok::State)
                 .Case("let", Tok::Let)
                 .Case("schedule", Tok::Schedule)
                 .Case("return", Tok::Return)
                 .Case("scan", Tok::Scan)
                 .Case("reverse", Tok::Reverse)
                 .Case("repeat", Tok::Repeat)
                 .Case("not", Tok::Not)
                 .Case("and", Tok::And)
                 .Case("or", Tok::Or)
                 .Default(Tok::Name);
  add(kind, size);
}

void Lexer::lexNumber() {
  size_t size = 0;
  auto digits = [&] {
    while (llvm::isDigit(peek(size)))
      ++size;
  };
  digits();
  bool whole = true;
  if (peek(size) == '.') {
    whole = false;
    ++size;
    digits();
  }
  if (peek(size) == 'e' || peek(size) == 'E') {
    size_t sign = peek(size + 1) == '+' || peek(size + 1) == '-';
    if (llvm::isDigit(peek(size + 1 + sign))) {
      whole = false;
      size += 1 + sign;
      digits();
    }
  }
  if (isNameCharacter(peek(size)) || peek(size) == '.') {
    while (isNameCharacter(peek(size)) || peek(size) == '.')
      ++size;
    return addError(size, "'" + StringRef(at, std::min<size_t>(size, 40)) +
                              "' is neither a number nor a name");
  }
  if (whole && size > 1 && *at == '0')
    return addError(size, "a whole number does not begin with 0");
  add(Tok::Number, size);
}

void Lexer::lexString() {
  size_t size = 1;
  while (peek(size) != '"') {
    if ((unsigned char)peek(size) < 0x20)
      return addError(size, "expected '\"' at the end of the string");
    ++size;
  }
  add(Tok::String, size + 1);
}

/// A byte or character that begins no word.
void Lexer::lexUnknown() {
  unsigned char c = *at;
  if (c < 0x80 && llvm::isPrint(c)) {
    StringRef advice = llvm::StringSwitch<StringRef>(StringRef(at, 1))
                           .Case("^", "; a power is written '**'")
                           .Case("%", "; a remainder is written 'mod(a, b)'")
                           .Case("&", "; write 'and'")
                           .Case("|", "; write 'or'")
                           .Case("!", "; write 'not'")
                           .Case("@", "; a product is written 'sum[D] a * b'")
                           .Case(";", "; a statement ends with its line")
                           .Case(".", "; a number begins with a digit, as in 0.5")
                           .Case("'", "; strings stand in double quotes")
                           .Default("");
    return addError(1, "'" + StringRef(at, 1) + "' is not used in this language" + advice);
  }
  size_t size = std::min<size_t>(llvm::getNumBytesForUTF8(c), end - at);
  const auto *source = reinterpret_cast<const llvm::UTF8 *>(at);
  if (c >= 0x80 && llvm::isLegalUTF8Sequence(source, source + size))
    return addError(size, "'" + StringRef(at, size) +
                              "' may stand only in a comment; names are made of the letters a to "
                              "z and A to Z, digits and '_'");
  addError(1, "the byte 0x" + llvm::utohexstr(c, false, 2) + " is not text");
}

void Lexer::lexMark() {
  char c = *at, next = peek(1);
  auto pair = [&](char second, Tok two, Tok one) {
    return next == second ? add(two, 2) : add(one, 1);
  };
  switch (c) {
  case '(':
  case '[':
  case '{':
    add(c == '(' ? Tok::LParen : c == '[' ? Tok::LSquare : Tok::LBrace, 1);
    return open.push_back(c);
  case ')':
    return closeBracket('(', Tok::RParen);
  case ']':
    return closeBracket('[', Tok::RSquare);
  case '}':
    return closeBracket('{', Tok::RBrace);
  case ':':
    return add(Tok::Colon, 1);
  case ',':
    return add(Tok::Comma, 1);
  case '+':
    return add(Tok::Plus, 1);
  case '-':
    return pair('>', Tok::Arrow, Tok::Minus);
  case '*':
    return pair('*', Tok::Power, Tok::Star);
  case '/':
    if (next == '/')
      return addError(2, "'//' is not used in this language; a comment begins with '#', and a "
                         "quotient rounded down is 'div(a, b)'");
    return add(Tok::Slash, 1);
  case '<':
    return pair('=', Tok::Le, Tok::Lt);
  case '>':
    return pair('=', Tok::Ge, Tok::Gt);
  case '=':
    return pair('=', Tok::Eq, Tok::Assign);
  case '!':
    return next == '=' ? add(Tok::Ne, 2) : lexUnknown();
  case '"':
    return lexString();
  default:
    return lexUnknown();
  }
}

Tokens Lexer::run() {
  if (StringRef(at, end - at).starts_with("\xEF\xBB\xBF")) // a byte order mark
    lastEnd = at += 3;
  while (at != end) {
    char c = *at;
    if (c == '\n') {
      lineEnded = true;
      ++at;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
    } else if (c == '#') {
      while (at != end && *at != '\n')
        ++at;
    } else if (isNameStart(c)) {
      lexName();
    } else if (llvm::isDigit(c)) {
      lexNumber();
    } else {
      lexMark();
    }
  }
  addNewline();
  out.tokens.push_back({Tok::End, StringRef(lastEnd, 0)});
  return std::move(out);
}

} // namespace

Tokens ssm::lex(StringRef buffer) { return Lexer(buffer).run(); }
