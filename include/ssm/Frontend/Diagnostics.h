//===- Diagnostics.h - messages that point into an .ssm file ----------------===//
//
// Errors, warnings and notes with file, line, column, the source line and a
// caret under it. A message is built in one statement and printed at its end:
//
//   diags.error(loc, "there is no dimension 'K'").note(bound, "did you mean ...");
//
// What is built converts to a failed LogicalResult or FailureOr, so a function
// may return it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Frontend/AST.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"
#include "llvm/Support/SMLoc.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace ssm {

enum class Severity { Error, Warning, Note };

/// Where a message stands: line and column count from 1, the column in bytes.
struct Position {
  llvm::StringRef file;
  unsigned line = 0;
  unsigned column = 0;
};

/// The characters of an expression, a name, a type's dimension.
llvm::SMRange rangeOf(const ast::Expr &expr);
llvm::SMRange rangeOf(const ast::Ident &name);
llvm::SMRange rangeOf(const ast::TypeDim &dim);

/// The word of `known` nearest to `name`, or an empty one if none is near.
llvm::StringRef nearest(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> known);

class Diagnostics {
public:
  struct Message {
    Severity severity;
    llvm::SMLoc loc;     // may be invalid: a message about no place
    llvm::SMRange range; // may be invalid: only the caret is shown
    std::string text;
  };

  /// An error or warning under construction, printed when it is destroyed.
  class Builder {
  public:
    Builder(Diagnostics &diags, Message message);
    Builder(Builder &&other);
    Builder(const Builder &) = delete;
    Builder &operator=(const Builder &) = delete;
    ~Builder();

    /// Underlines a range; the caret stays where it is.
    Builder &&range(llvm::SMRange range) &&;
    /// Adds a note, with the place it speaks of if it has one.
    Builder &&note(llvm::SMLoc loc, const llvm::Twine &text) &&;
    Builder &&note(llvm::SMRange range, const llvm::Twine &text) &&;
    Builder &&note(const llvm::Twine &text) &&;
    Builder &range(llvm::SMRange range) &;
    Builder &note(llvm::SMLoc loc, const llvm::Twine &text) &;
    Builder &note(llvm::SMRange range, const llvm::Twine &text) &;
    Builder &note(const llvm::Twine &text) &;
    /// Adds "did you mean 'X'?" if a known word is near.
    Builder &&suggest(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> known) &&;
    Builder &suggest(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> known) &;

    operator llvm::LogicalResult() const { return llvm::failure(); }
    template <typename T> operator llvm::FailureOr<T>() const { return llvm::failure(); }

  private:
    Diagnostics *diags; // null once moved from
    std::vector<Message> messages;
  };

  Diagnostics(llvm::SourceMgr &sources, llvm::raw_ostream &os) : sources(sources), os(os) {}

  Builder error(llvm::SMLoc loc, const llvm::Twine &text);
  Builder error(llvm::SMRange range, const llvm::Twine &text);
  Builder warning(llvm::SMLoc loc, const llvm::Twine &text);
  Builder warning(llvm::SMRange range, const llvm::Twine &text);

  unsigned errors() const { return errorCount; }
  unsigned warnings() const { return warningCount; }
  bool failed() const { return errorCount != 0; }
  /// There are more errors than are shown: work may stop.
  bool full() const { return errorCount > shownErrors; }

  Position position(llvm::SMLoc loc) const;
  llvm::SourceMgr &sourceManager() { return sources; }

  /// How many errors are shown before the rest is only counted.
  static constexpr unsigned shownErrors = 20;

private:
  void emit(llvm::ArrayRef<Message> messages);
  void print(const Message &message, llvm::SMLoc fallback);
  void printSource(llvm::SMLoc loc, llvm::SMRange range);

  llvm::SourceMgr &sources;
  llvm::raw_ostream &os;
  llvm::StringSet<> seen; // place and text of what was printed
  unsigned errorCount = 0;
  unsigned warningCount = 0;
};

} // namespace ssm
