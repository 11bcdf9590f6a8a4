//===- Diagnostics.cpp - messages that point into an .ssm file --------------===//
//
// Printing: `FILE:LINE:COLUMN: error: TEXT`, the source line, and a line with a
// caret and tildes. The column counts bytes; the caret stands under the
// character as a terminal shows it. What a terminal cannot show (control
// characters, bytes that are not UTF-8) is printed as '?'.
//
//===----------------------------------------------------------------------===//
#include "ssm/Frontend/Diagnostics.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"

#include <algorithm>

using namespace ssm;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

static SMLoc offset(SMLoc loc, size_t by) {
  return SMLoc::getFromPointer(loc.getPointer() + by);
}

SMRange ssm::rangeOf(const ast::Expr &expr) {
  return SMRange(expr.loc(), offset(expr.end, 1));
}
SMRange ssm::rangeOf(const ast::Ident &name) {
  return SMRange(name.loc, offset(name.loc, name.name.size()));
}
SMRange ssm::rangeOf(const ast::TypeDim &dim) {
  return SMRange(dim.loc, offset(dim.loc, dim.name.size()));
}

StringRef ssm::nearest(StringRef name, llvm::ArrayRef<StringRef> known) {
  StringRef best;
  unsigned bestDistance = std::max<unsigned>(1, name.size() / 3) + 1;
  for (StringRef word : known) {
    // Another case of the same letters is nearer than any other letter.
    unsigned distance = word.equals_insensitive(name)
                            ? 0
                            : name.edit_distance(word, true, bestDistance);
    // A word all of whose letters change is no likeness of the name.
    if (distance < bestDistance && distance < std::max(name.size(), word.size())) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Diagnostics::Builder::Builder(Diagnostics &diags, Message message) : diags(&diags) {
  messages.push_back(std::move(message));
}
Diagnostics::Builder::Builder(Builder &&other)
    : diags(other.diags), messages(std::move(other.messages)) {
  other.diags = nullptr;
}
Diagnostics::Builder::~Builder() {
  if (diags)
    diags->emit(messages);
}

Diagnostics::Builder &Diagnostics::Builder::range(SMRange range) & {
  messages.front().range = range;
  return *this;
}
Diagnostics::Builder &Diagnostics::Builder::note(SMLoc loc, const llvm::Twine &text) & {
  messages.push_back({Severity::Note, loc, SMRange(), text.str()});
  return *this;
}
Diagnostics::Builder &Diagnostics::Builder::note(SMRange range, const llvm::Twine &text) & {
  messages.push_back({Severity::Note, range.Start, range, text.str()});
  return *this;
}
Diagnostics::Builder &Diagnostics::Builder::note(const llvm::Twine &text) & {
  return note(SMLoc(), text);
}
Diagnostics::Builder &Diagnostics::Builder::suggest(StringRef name,
                                                    llvm::ArrayRef<StringRef> known) & {
  if (StringRef word = nearest(name, known); !word.empty())
    messages.front().text += "; did you mean '" + word.str() + "'?";
  return *this;
}
Diagnostics::Builder &&Diagnostics::Builder::range(SMRange r) && {
  return std::move(range(r));
}
Diagnostics::Builder &&Diagnostics::Builder::note(SMLoc loc, const llvm::Twine &text) && {
  return std::move(note(loc, text));
}
Diagnostics::Builder &&Diagnostics::Builder::note(SMRange range, const llvm::Twine &text) && {
  return std::move(note(range, text));
}
Diagnostics::Builder &&Diagnostics::Builder::note(const llvm::Twine &text) && {
  return std::move(note(text));
}
Diagnostics::Builder &&
Diagnostics::Builder::suggest(StringRef name, llvm::ArrayRef<StringRef> known) && {
  return std::move(suggest(name, known));
}

Diagnostics::Builder Diagnostics::error(SMLoc loc, const llvm::Twine &text) {
  return Builder(*this, {Severity::Error, loc, SMRange(), text.str()});
}
Diagnostics::Builder Diagnostics::error(SMRange range, const llvm::Twine &text) {
  return Builder(*this, {Severity::Error, range.Start, range, text.str()});
}
Diagnostics::Builder Diagnostics::warning(SMLoc loc, const llvm::Twine &text) {
  return Builder(*this, {Severity::Warning, loc, SMRange(), text.str()});
}
Diagnostics::Builder Diagnostics::warning(SMRange range, const llvm::Twine &text) {
  return Builder(*this, {Severity::Warning, range.Start, range, text.str()});
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

/// The line of the buffer around `at`, without its line end.
static StringRef lineAround(StringRef buffer, const char *at) {
  const char *begin = at, *end = at;
  while (begin != buffer.begin() && begin[-1] != '\n')
    --begin;
  while (end != buffer.end() && *end != '\n')
    ++end;
  StringRef line(begin, end - begin);
  line.consume_back("\r");
  return line;
}

Position Diagnostics::position(SMLoc loc) const {
  unsigned id = loc.isValid() ? sources.FindBufferContainingLoc(loc) : 0;
  if (!id)
    return {};
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(id);
  StringRef line = lineAround(buffer->getBuffer(), loc.getPointer());
  return {buffer->getBufferIdentifier(), sources.FindLineNumber(loc, id),
          unsigned(loc.getPointer() - line.begin()) + 1};
}

void Diagnostics::emit(llvm::ArrayRef<Message> messages) {
  const Message &first = messages.front();
  std::string key;
  llvm::raw_string_ostream(key) << (const void *)first.loc.getPointer() << first.text;
  if (!seen.insert(key).second)
    return;
  if (first.severity == Severity::Error)
    ++errorCount;
  else
    ++warningCount;
  if (errorCount > shownErrors) {
    if (seen.insert("too many").second)
      os << "error: more than " << shownErrors << " errors; the rest is not shown\n";
    return;
  }
  for (const Message &message : messages)
    print(message, first.loc);
  os.flush();
}

void Diagnostics::print(const Message &message, SMLoc fallback) {
  bool placed = message.loc.isValid();
  Position at = position(placed ? message.loc : fallback);
  bool colours = os.is_displayed() && os.has_colors();
  if (colours)
    os.changeColor(llvm::raw_ostream::SAVEDCOLOR, true);
  if (at.line)
    os << at.file << ':' << at.line << ':' << at.column << ": ";
  llvm::raw_ostream::Colors colour = llvm::raw_ostream::RED;
  const char *word = "error: ";
  if (message.severity == Severity::Warning) {
    colour = llvm::raw_ostream::MAGENTA;
    word = "warning: ";
  } else if (message.severity == Severity::Note) {
    colour = llvm::raw_ostream::CYAN;
    word = "note: ";
  }
  if (colours)
    os.changeColor(colour, true);
  os << word;
  if (colours)
    os.resetColor();
  os << message.text << '\n';
  if (placed && at.line)
    printSource(message.loc, message.range);
}

/// The bytes of the first character of `text`, and the columns that it takes on
/// a terminal; -1 columns if it cannot be shown.
static std::pair<size_t, int> firstCharacter(StringRef text) {
  size_t bytes = llvm::getNumBytesForUTF8(text[0]);
  if (bytes > text.size())
    return {1, -1};
  int columns = llvm::sys::unicode::columnWidthUTF8(text.take_front(bytes));
  return columns < 0 ? std::pair<size_t, int>{1, -1} : std::pair<size_t, int>{bytes, columns};
}

void Diagnostics::printSource(SMLoc loc, SMRange range) {
  StringRef buffer = sources.getMemoryBuffer(sources.FindBufferContainingLoc(loc))->getBuffer();
  StringRef line = lineAround(buffer, loc.getPointer());
  const char *begin = line.begin(), *end = line.end();
  // Of a very long line only what is near the caret.
  constexpr ptrdiff_t before = 60, after = 100;
  auto inCharacter = [&](const char *p) { return p != end && (*p & 0xC0) == 0x80; };
  if (loc.getPointer() - begin > before + after)
    for (begin = loc.getPointer() - before; inCharacter(begin);)
      ++begin;
  if (end - loc.getPointer() > 2 * after)
    for (end = loc.getPointer() + after; inCharacter(end);)
      --end;

  std::string shown, marks;
  if (begin != line.begin())
    shown = "...", marks = "   ";
  for (const char *p = begin; p < end;) {
    auto [bytes, columns] = firstCharacter(StringRef(p, end - p));
    bool tab = *p == '\t';
    bool marked = range.isValid() && p >= range.Start.getPointer() && p < range.End.getPointer();
    bool caret = loc.getPointer() >= p && loc.getPointer() < p + bytes;
    if (tab)
      shown += '\t';
    else if (columns < 0)
      shown += '?';
    else
      shown.append(p, bytes);
    for (int i = 0, n = tab || columns < 0 ? 1 : columns; i < n; ++i)
      marks += caret && i == 0 ? '^' : marked ? '~' : tab ? '\t' : ' ';
    p += bytes;
  }
  if (end != line.end())
    shown += "...";
  if (loc.getPointer() >= end)
    marks += '^';
  os << shown << '\n' << StringRef(marks).rtrim(" \t") << '\n';
}
