//===- Expr.cpp - expressions: their functions and their text ---------------===//
//
// An expression is a tree of attributes. Its text has the usual precedences; a leaf is
// printed by who knows what operands are called: `x[0]` in an attribute alone, `%a` in a
// tile.compute.
//
//===----------------------------------------------------------------------===//
#include "Expr.h"
#include "ssm/Dialect/Tile/Compute.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static constexpr int kUnary = 6;

static const ExprFunction kFunctions[] = {
    {"or", 2, 1, ExprRule::Logic},         {"and", 2, 2, ExprRule::Logic},        {"==", 2, 3, ExprRule::Compare},
    {"<", 2, 3, ExprRule::Compare},        {"<=", 2, 3, ExprRule::Compare},       {">", 2, 3, ExprRule::Compare},
    {">=", 2, 3, ExprRule::Compare},       {"+", 2, 4, ExprRule::Number},         {"-", 2, 4, ExprRule::Number},
    {"*", 2, 5, ExprRule::Number},         {"/", 2, 5, ExprRule::Real},           {"floordiv", 2, 5, ExprRule::Integer},
    {"ceildiv", 2, 5, ExprRule::Integer},  {"mod", 2, 5, ExprRule::Integer},      {"neg", 1, kUnary, ExprRule::Number},
    {"not", 1, 0, ExprRule::Logic},        {"min", 2, 0, ExprRule::Number},       {"max", 2, 0, ExprRule::Number},
    {"divui", 2, 0, ExprRule::Integer},    {"remui", 2, 0, ExprRule::Integer},    {"fma", 3, 0, ExprRule::Real},
    {"exp2", 1, 0, ExprRule::Real},        {"log2", 1, 0, ExprRule::Real},        {"select", 3, 0, ExprRule::Select},
    {"f32", 1, 0, ExprRule::ToF32},        {"bf16", 1, 0, ExprRule::To16},        {"f16", 1, 0, ExprRule::To16},
};

const ExprFunction *findExprFunction(StringRef name) {
  const ExprFunction *found = llvm::find_if(kFunctions, [&](const ExprFunction &f) { return f.name == name; });
  return found == std::end(kFunctions) ? nullptr : found;
}

//===----------------------------------------------------------------------===//
// The attribute
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kOperand = "operand";

ExprAttr ExprAttr::operand(MLIRContext *context, int64_t number) {
  return get(context, kOperand, IntegerAttr::get(IntegerType::get(context, 64), number), {});
}
ExprAttr ExprAttr::number(TypedAttr value) { return get(value.getContext(), "", value, {}); }
ExprAttr ExprAttr::call(MLIRContext *context, StringRef function, ArrayRef<ExprAttr> operands) {
  return get(context, function, Attribute(), SmallVector<Attribute>(operands.begin(), operands.end()));
}
std::optional<int64_t> ExprAttr::operandNumber() const {
  if (getFunction() != kOperand)
    return std::nullopt;
  return cast<IntegerAttr>(getLeaf()).getInt();
}
TypedAttr ExprAttr::numberValue() const { return getFunction().empty() ? cast<TypedAttr>(getLeaf()) : TypedAttr(); }
ExprAttr ExprAttr::operandAt(unsigned i) const { return cast<ExprAttr>(getOperands()[i]); }

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

namespace {

class Reader {
public:
  Reader(AsmParser &parser, function_ref<FailureOr<std::optional<int64_t>>()> operand) : parser(parser), operand(operand) {}

  FailureOr<ExprAttr> expression(int level = 1) {
    if (level >= kUnary)
      return unary();
    FailureOr<ExprAttr> left = expression(level + 1);
    while (succeeded(left)) {
      StringRef name = infix(level);
      if (name.empty())
        return left;
      FailureOr<ExprAttr> right = expression(level + 1);
      if (failed(right))
        return failure();
      left = ExprAttr::call(parser.getContext(), name, {*left, *right});
    }
    return failure();
  }

private:
  /// The function of this precedence that stands here, or "".
  StringRef infix(int level) {
    auto sign = [&](bool read, StringRef plain, StringRef equal) {
      return !read ? StringRef() : succeeded(parser.parseOptionalEqual()) ? equal : plain;
    };
    if (level == 3) {
      if (StringRef name = sign(succeeded(parser.parseOptionalLess()), "<", "<="); !name.empty())
        return name;
      if (StringRef name = sign(succeeded(parser.parseOptionalGreater()), ">", ">="); !name.empty())
        return name;
      return succeeded(parser.parseOptionalEqual()) && succeeded(parser.parseEqual()) ? "==" : "";
    }
    if (level == 4)
      return succeeded(parser.parseOptionalPlus()) ? "+" : succeeded(parser.parseOptionalMinus()) ? "-" : "";
    if (level == 5 && succeeded(parser.parseOptionalStar()))
      return "*";
    if (level == 5 && succeeded(parser.parseOptionalSlash()))
      return "/";
    for (const ExprFunction &f : kFunctions)
      if (f.precedence == level && llvm::isAlpha(f.name.front()) && succeeded(parser.parseOptionalKeyword(f.name)))
        return f.name;
    return "";
  }

  FailureOr<ExprAttr> unary() {
    if (failed(parser.parseOptionalMinus()))
      return primary();
    FailureOr<ExprAttr> of = unary();
    if (failed(of))
      return failure();
    TypedAttr number = of->numberValue();
    if (auto integer = dyn_cast_or_null<IntegerAttr>(number))
      return ExprAttr::number(IntegerAttr::get(integer.getType(), -integer.getInt()));
    if (auto real = dyn_cast_or_null<FloatAttr>(number))
      return ExprAttr::number(FloatAttr::get(real.getType(), -real.getValue()));
    return ExprAttr::call(parser.getContext(), "neg", {*of});
  }

  static FailureOr<ExprAttr> leaf(ParseResult parsed, TypedAttr number) {
    if (failed(parsed))
      return failure();
    return ExprAttr::number(number);
  }

  FailureOr<ExprAttr> primary() {
    Builder &b = parser.getBuilder();
    if (succeeded(parser.parseOptionalLParen())) {
      FailureOr<ExprAttr> inner = expression();
      return succeeded(inner) && succeeded(parser.parseRParen()) ? inner : FailureOr<ExprAttr>(failure());
    }
    FailureOr<std::optional<int64_t>> number = operand();
    if (failed(number))
      return failure();
    if (*number)
      return ExprAttr::operand(parser.getContext(), **number);
    int64_t integer;
    if (OptionalParseResult parsed = parser.parseOptionalDecimalInteger(integer); parsed.has_value())
      return leaf(*parsed, b.getI64IntegerAttr(integer));
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    if (failed(parser.parseOptionalKeyword(&name))) {
      double real = 0;
      ParseResult parsed = parser.parseFloat(real);
      return leaf(parsed, b.getF64FloatAttr(real));
    }
    if (name == "inf")
      return ExprAttr::number(b.getF64FloatAttr(std::numeric_limits<double>::infinity()));
    const ExprFunction *function = findExprFunction(name);
    if (!function || function->precedence) {
      parser.emitError(loc) << "there is no function '" << name << "' of expressions";
      return failure();
    }
    SmallVector<ExprAttr> operands;
    auto one = [&]() -> ParseResult {
      FailureOr<ExprAttr> x = expression();
      if (failed(x))
        return failure();
      operands.push_back(*x);
      return success();
    };
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, one))
      return failure();
    if (operands.size() != function->arity) {
      parser.emitError(loc) << "'" << name << "' takes " << function->arity << " operands, not " << operands.size();
      return failure();
    }
    return ExprAttr::call(parser.getContext(), name, operands);
  }

  AsmParser &parser;
  function_ref<FailureOr<std::optional<int64_t>>()> operand;
};

void printNumber(TypedAttr number, raw_ostream &os) {
  if (auto integer = dyn_cast<IntegerAttr>(number)) {
    os << integer.getInt();
    return;
  }
  const APFloat &value = cast<FloatAttr>(number).getValue();
  if (value.isInfinity()) {
    os << (value.isNegative() ? "-inf" : "inf");
    return;
  }
  SmallString<32> text;
  value.toString(text, /*FormatPrecision=*/0, /*FormatMaxPadding=*/0); // every digit, with an exponent
  StringRef digits = text;
  if (!digits.contains('.')) // the lexer's numbers have a point
    os << digits.take_until([](char c) { return c == 'E' || c == 'e'; }) << ".0" << digits.drop_until([](char c) { return c == 'E' || c == 'e'; });
  else
    os << digits;
}

} // namespace

FailureOr<ExprAttr> parseExpression(AsmParser &parser, function_ref<FailureOr<std::optional<int64_t>>()> operand) {
  return Reader(parser, operand).expression();
}

void printExpression(ExprAttr expr, raw_ostream &os, function_ref<void(int64_t)> operand, int level) {
  if (std::optional<int64_t> number = expr.operandNumber())
    return operand(*number);
  if (TypedAttr number = expr.numberValue())
    return printNumber(number, os);
  const ExprFunction *function = findExprFunction(expr.getFunction());
  int own = function ? function->precedence : 0;
  auto print = [&](unsigned i, int within) { printExpression(expr.operandAt(i), os, operand, within); };
  if (!own) {
    os << expr.getFunction() << "(";
    for (unsigned i = 0; i < expr.getOperands().size(); ++i) {
      os << (i ? ", " : "");
      print(i, 0);
    }
    os << ")";
    return;
  }
  os << (own < level ? "(" : "");
  if (own == kUnary) {
    os << "-";
    print(0, own);
  } else {
    print(0, own);
    os << " " << function->name << " ";
    print(1, own + 1);
  }
  os << (own < level ? ")" : "");
}

Attribute ExprAttr::parse(AsmParser &parser, Type) {
  auto operand = [&]() -> FailureOr<std::optional<int64_t>> {
    StringRef name;
    int64_t number;
    if (failed(parser.parseOptionalKeyword(&name, {"x"})))
      return std::optional<int64_t>();
    if (parser.parseLSquare() || parser.parseInteger(number) || parser.parseRSquare())
      return failure();
    return std::optional<int64_t>(number);
  };
  if (parser.parseLess())
    return {};
  FailureOr<ExprAttr> expr = parseExpression(parser, operand);
  return succeeded(expr) && succeeded(parser.parseGreater()) ? Attribute(*expr) : Attribute();
}

void ExprAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printExpression(*this, printer.getStream(), [&](int64_t number) { printer << "x[" << number << "]"; }, 4);
  printer << ">";
}

} // namespace ssm::tile
