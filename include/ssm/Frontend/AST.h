//===- AST.h - the syntax tree of an .ssm file ------------------------------===//
//
// What the parser builds and the elaborator walks: one class a form of the
// grammar, nothing resolved. Names are views into the source buffer, which the
// File's SourceManager keeps alive; every node has the position where it starts
// and, for errors, an operator's own position where that differs.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Casting.h"
#include "llvm/Support/SMLoc.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ssm::ast {

/// A name with the place where it stands.
struct Ident {
  llvm::StringRef name;
  llvm::SMLoc loc;
};

class Expr {
public:
  enum Kind {
    Number,
    Name,
    Tuple,
    Unary,
    Binary,
    Reduction,
    Index,
    Call,
    Window,
    Fourier,
    Scan,
    Repeat,
  };
  virtual ~Expr() = default;
  Kind kind() const { return kindValue; }
  llvm::SMLoc loc() const { return location; }
  /// The last character of the node, for ranges.
  llvm::SMLoc end;
  /// Levels of the tree under it; the parser limits them, so walks may recurse.
  unsigned height = 1;

protected:
  Expr(Kind kind, llvm::SMLoc loc) : end(loc), kindValue(kind), location(loc) {}

private:
  Kind kindValue;
  llvm::SMLoc location;
};
using ExprPtr = std::unique_ptr<Expr>;

template <Expr::Kind K> struct ExprOf : Expr {
  explicit ExprOf(llvm::SMLoc loc) : Expr(K, loc) {}
  static bool classof(const Expr *e) { return e->kind() == K; }
};

/// `32`, `0.5`, `1e-6`. A literal with neither point nor exponent is whole.
struct NumberExpr : ExprOf<Expr::Number> {
  using ExprOf::ExprOf;
  bool whole = false;
  int64_t integer = 0; // when whole
  double real = 0;     // always
};

/// `u`, `pi`, `inf`, `norm.weight`.
struct NameExpr : ExprOf<Expr::Name> {
  using ExprOf::ExprOf;
  llvm::StringRef name;
};

/// `(a, b)`: two or more. `(a)` is a itself.
struct TupleExpr : ExprOf<Expr::Tuple> {
  using ExprOf::ExprOf;
  std::vector<ExprPtr> elements;
};

enum class UnaryOp { Neg, Not };
struct UnaryExpr : ExprOf<Expr::Unary> {
  using ExprOf::ExprOf;
  UnaryOp op = UnaryOp::Neg;
  ExprPtr operand;
};

enum class BinaryOp { Add, Sub, Mul, Div, Pow, Lt, Le, Gt, Ge, Eq, Ne, And, Or };
/// loc() is the left operand's start; opLoc is the operator.
struct BinaryExpr : ExprOf<Expr::Binary> {
  using ExprOf::ExprOf;
  BinaryOp op = BinaryOp::Add;
  llvm::SMLoc opLoc;
  ExprPtr lhs, rhs;
};

/// `sum[D, M] e`, `softmax[M] e`, `cumsum[L] e`: name is one of the words
/// sum prod max min mean logsumexp argmax softmax cumsum cumprod cummax cummin
/// cumlogsumexp.
struct ReductionExpr : ExprOf<Expr::Reduction> {
  using ExprOf::ExprOf;
  llvm::StringRef name;
  std::vector<Ident> dims;
  ExprPtr operand;
};

/// One entry of `x[L -> M, P = e]`.
struct IndexEntry {
  Ident dim;
  std::optional<Ident> renamed; // L -> M
  ExprPtr index;                // P = e
};
struct IndexExpr : ExprOf<Expr::Index> {
  using ExprOf::ExprOf;
  ExprPtr base;
  std::vector<IndexEntry> entries;
};

/// One entry of `<D = H, N = 16>`.
struct DimArgument {
  Ident name;
  ExprPtr value;
};

/// `exp(x)`, `where(c, a, b)`, `pos(L)`, `bf16(x)`, `s4d<N = 16>(u)`.
struct CallExpr : ExprOf<Expr::Call> {
  using ExprOf::ExprOf;
  llvm::StringRef callee;
  std::vector<DimArgument> dimArguments;
  std::vector<ExprPtr> arguments;
};

/// `shift[L](x, k)`, `conv[L, K](u, k, same)`.
struct WindowExpr : ExprOf<Expr::Window> {
  using ExprOf::ExprOf;
  bool isConv = false;
  std::vector<Ident> dims;
  ExprPtr first, second;
  std::optional<Ident> mode;
};

/// `rfft[X -> K1, Y -> K2] x`; kind is rfft, irfft, fft or ifft.
struct FourierExpr : ExprOf<Expr::Fourier> {
  using ExprOf::ExprOf;
  llvm::StringRef name;
  std::vector<std::pair<Ident, Ident>> dims;
  ExprPtr operand;
};

/// `let h = e`, `let (a, b) = e`.
struct Let {
  llvm::SMLoc loc;
  std::vector<Ident> names;
  ExprPtr value;
};

/// `{ let ...; e }`.
struct Block {
  std::vector<Let> lets;
  ExprPtr result;
};

/// `[reverse] scan[L] (a, b) = init { ... }`.
struct ScanExpr : ExprOf<Expr::Scan> {
  using ExprOf::ExprOf;
  bool reverse = false;
  std::vector<Ident> dims; // one, checked by the elaborator
  std::vector<Ident> names;
  ExprPtr init;
  Block body;
};

/// `repeat n x = init { ... }`.
struct RepeatExpr : ExprOf<Expr::Repeat> {
  using ExprOf::ExprOf;
  ExprPtr count;
  std::vector<Ident> names;
  ExprPtr init;
  Block body;
};

/// A dimension in a type: a name, or a literal size.
struct TypeDim {
  llvm::SMLoc loc;
  llvm::StringRef name;           // the literal's text when it is one
  std::optional<int64_t> literal; // set when it is one
  bool ragged = false;            // `L[B]`: accepted by the parser, refused later
};

/// `lowrank<32>`, `flat_butterfly<block = 32, factors = 4>`.
struct StructureArgument {
  std::optional<Ident> name;
  ExprPtr value;
  llvm::SMLoc loc;
};
struct StructureRef {
  Ident name;
  std::vector<StructureArgument> arguments;
};

struct Type {
  llvm::SMLoc loc;
  std::optional<StructureRef> structure;
  Ident element; // f64 f32 bf16 f16 c64 c128 i32 i64 bool
  std::vector<TypeDim> dims;
};

struct Argument {
  Ident name;
  Type type;
};

/// A statement of a layer. Exactly the fields of its kind are set.
struct Statement {
  enum Kind { Const, Param, State, LetStatement, Schedule } kind;
  llvm::SMLoc loc;
  Ident name;  // Const, Param, State
  Type type;   // Param, State
  Let let;     // LetStatement; for Const, Param, State only let.value is set
  std::vector<std::pair<Ident, Ident>> schedule; // precision = tf32
};

struct Layer {
  Ident name;
  llvm::SMLoc loc;
  std::vector<Argument> arguments;
  std::vector<Type> results; // one or more
  std::vector<Statement> statements;
  llvm::SMLoc returnLoc;
  ExprPtr result;
};

struct Import {
  llvm::SMLoc loc;
  std::string path; // as written, without quotes
};

/// One source file; layers in the order of the text.
struct File {
  std::string path;
  std::vector<Import> imports;
  std::vector<std::unique_ptr<Layer>> layers;
};

} // namespace ssm::ast
