//===- Size.cpp - sizes as expressions of dimensions ------------------------===//
#include "NameSyntax.h"
#include "ssm/Dialect/Ssm/Ssm.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;

namespace ssm {

SizeAttr SizeAttr::constant(MLIRContext *context, int64_t value) {
  return get(context, SizeOp::Const, value, StringAttr::get(context, ""), {});
}

SizeAttr SizeAttr::ofDim(StringAttr dim) { return get(dim.getContext(), SizeOp::Dim, 0, dim, {}); }

SizeAttr SizeAttr::operand(unsigned i) const { return llvm::cast<SizeAttr>(getOperands()[i]); }

std::optional<int64_t> SizeAttr::constantValue() const {
  if (getOp() == SizeOp::Const)
    return getValue();
  return std::nullopt;
}

/// The value of one operation, or nullopt where it has none (or is not exact).
static std::optional<int64_t> evaluate(SizeOp op, llvm::ArrayRef<int64_t> x) {
  auto floorDiv = [](int64_t a, int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0))); };
  switch (op) {
  case SizeOp::Add:
    return std::accumulate(x.begin(), x.end(), int64_t(0));
  case SizeOp::Mul:
    return std::accumulate(x.begin(), x.end(), int64_t(1), std::multiplies<>());
  case SizeOp::Sub:
    return x[0] - x[1];
  case SizeOp::FloorDiv:
    return x[1] ? std::optional(floorDiv(x[0], x[1])) : std::nullopt;
  case SizeOp::CeilDiv:
    return x[1] ? std::optional(-floorDiv(-x[0], x[1])) : std::nullopt;
  case SizeOp::Mod:
    return x[1] ? std::optional(x[0] - x[1] * floorDiv(x[0], x[1])) : std::nullopt;
  case SizeOp::Min:
    return *llvm::min_element(x);
  case SizeOp::Max:
    return *llvm::max_element(x);
  case SizeOp::Div:
    return x[1] && x[0] % x[1] == 0 ? std::optional(x[0] / x[1]) : std::nullopt;
  case SizeOp::Log2:
    return x[0] > 0 && llvm::isPowerOf2_64(x[0]) ? std::optional<int64_t>(llvm::Log2_64(x[0])) : std::nullopt;
  case SizeOp::Pow2:
    return x[0] >= 0 && x[0] < 63 ? std::optional(int64_t(1) << x[0]) : std::nullopt;
  case SizeOp::Pow2Part:
    return x[0] ? (x[0] & -x[0]) : 1;
  case SizeOp::Gcd:
    return std::gcd(x[0], x[1]);
  case SizeOp::Const:
  case SizeOp::Dim:
    break;
  }
  return std::nullopt;
}

SizeAttr SizeAttr::make(SizeOp op, llvm::ArrayRef<SizeAttr> operands) {
  MLIRContext *context = operands.front().getContext();
  llvm::SmallVector<int64_t> values;
  for (SizeAttr operand : operands)
    if (std::optional<int64_t> value = operand.constantValue())
      values.push_back(*value);
  if (values.size() == operands.size())
    if (std::optional<int64_t> value = evaluate(op, values))
      return constant(context, *value);
  llvm::SmallVector<Attribute> attrs(operands.begin(), operands.end());
  return get(context, op, 0, StringAttr::get(context, ""), attrs);
}

static bool takesTwo(SizeOp op) {
  return op == SizeOp::Sub || op == SizeOp::FloorDiv || op == SizeOp::CeilDiv || op == SizeOp::Mod ||
         op == SizeOp::Div || op == SizeOp::Gcd;
}
static bool takesOne(SizeOp op) { return op == SizeOp::Log2 || op == SizeOp::Pow2 || op == SizeOp::Pow2Part; }

Attribute SizeAttr::parse(AsmParser &parser, Type) {
  MLIRContext *context = parser.getContext();
  int64_t value;
  OptionalParseResult integer = parser.parseOptionalInteger(value);
  if (integer.has_value())
    return succeeded(*integer) ? constant(context, value) : Attribute();
  llvm::SMLoc loc = parser.getCurrentLocation();
  FailureOr<StringAttr> name = parseDimName(parser);
  if (failed(name))
    return {};
  if (failed(parser.parseOptionalLParen()))
    return ofDim(*name);
  std::optional<SizeOp> op = symbolizeSizeOp(name->getValue());
  if (!op || *op == SizeOp::Const || *op == SizeOp::Dim) {
    parser.emitError(loc) << "'" << name->getValue() << "' is no operation of sizes";
    return {};
  }
  llvm::SmallVector<Attribute> operands;
  auto parseOne = [&]() -> ParseResult {
    operands.push_back(SizeAttr::parse(parser, {}));
    return success(operands.back() != nullptr);
  };
  if (parser.parseCommaSeparatedList(parseOne) || parser.parseRParen())
    return {};
  if ((takesTwo(*op) && operands.size() != 2) || (takesOne(*op) && operands.size() != 1)) {
    parser.emitError(loc) << "wrong number of operands for '" << name->getValue() << "'";
    return {};
  }
  return get(context, *op, 0, StringAttr::get(context, ""), operands);
}

void SizeAttr::print(AsmPrinter &printer) const {
  switch (getOp()) {
  case SizeOp::Const:
    printer << getValue();
    return;
  case SizeOp::Dim:
    printDimName(printer, getDim());
    return;
  default:
    printer << stringifySizeOp(getOp()) << "(";
    llvm::interleaveComma(getOperands(), printer,
                          [&](Attribute operand) { llvm::cast<SizeAttr>(operand).print(printer); });
    printer << ")";
  }
}

} // namespace ssm
