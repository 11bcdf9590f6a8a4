//===- Compute.cpp - tile.compute: its text and its types -------------------===//
#include "ssm/Dialect/Tile/Compute.h"
#include "Expr.h"
#include "Syntax.h"

using namespace mlir;

namespace ssm::tile {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type withElements(Type type, Type element) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.clone(element) : element;
}

LogicalResult ExprTypes::complain(const Twine &what) {
  if (problem.empty())
    problem = what.str();
  return failure();
}

static std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

/// Both are spread to what this is; over the operation's result where neither holds the other.
FailureOr<Type> ExprTypes::meet(Type a, Type b) {
  if (!a || !b || a == b)
    return a ? a : b;
  if (getElementTypeOrSelf(a) != getElementTypeOrSelf(b))
    return complain("'" + text(a) + "' meets '" + text(b) + "': their elements differ");
  for (auto [from, to] : {std::pair(a, b), std::pair(b, a)})
    if (auto tile = dyn_cast<RankedTensorType>(to); tile && BroadcastOp::spreads(from, tile))
      return to;
  auto result = dyn_cast<RankedTensorType>(withElements(op.getResult().getType(), getElementTypeOrSelf(a)));
  if (result && BroadcastOp::spreads(a, result) && BroadcastOp::spreads(b, result))
    return Type(result);
  return complain("'" + text(a) + "' meets '" + text(b) + "', and neither is spread over the other");
}

FailureOr<Type> ExprTypes::meetingOf(ExprAttr call) {
  bool condition = findExprFunction(call.getFunction())->rule == ExprRule::Select;
  Type all;
  for (unsigned i = condition; i < call.getOperands().size(); ++i) {
    FailureOr<Type> type = of(call.operandAt(i));
    if (failed(type))
      return failure();
    FailureOr<Type> both = meet(all, *type);
    if (failed(both))
      return failure();
    all = *both;
  }
  if (!condition)
    return all;
  // A tile is chosen from where the condition is one.
  FailureOr<Type> which = of(call.operandAt(0));
  if (failed(which))
    return failure();
  auto tile = dyn_cast_or_null<RankedTensorType>(*which);
  if (!*which || !getElementTypeOrSelf(*which).isInteger(1))
    return complain("'select' chooses by an i1");
  if (tile && all)
    return meet(all, withElements(tile, getElementTypeOrSelf(all)));
  return all;
}

FailureOr<Type> ExprTypes::of(ExprAttr expr) {
  if (std::optional<int64_t> number = expr.operandNumber()) {
    if (*number < 0 || *number >= int64_t(op.getInputs().size()))
      return complain("there is no operand " + Twine(*number));
    return op.getInputs()[*number].getType();
  }
  if (expr.numberValue())
    return Type();
  const ExprFunction *function = findExprFunction(expr.getFunction());
  if (!function || expr.getOperands().size() != function->arity)
    return complain("there is no function '" + expr.getFunction() + "' of " + Twine(expr.getOperands().size()) + " operands");
  FailureOr<Type> met = meetingOf(expr);
  if (failed(met))
    return failure();
  MLIRContext *context = op.getContext();
  Type f32 = Float32Type::get(context);
  if (!*met && (function->rule == ExprRule::Number || function->rule == ExprRule::Select))
    return Type();
  if (!*met)
    return complain("'" + function->name + "' is of numbers alone");
  Type element = getElementTypeOrSelf(*met);
  bool integer = element.isIndex() || element.isInteger(32);
  auto give = [&](bool fits, const char *what, Type type) -> FailureOr<Type> {
    if (!fits)
      return complain("'" + function->name + "' is of " + what + ", not of '" + text(*met) + "'");
    return type;
  };
  switch (function->rule) {
  case ExprRule::Number:
    return give(integer || element.isF32(), "f32, index and i32", *met);
  case ExprRule::Real:
    return give(element.isF32(), "f32", *met);
  case ExprRule::Integer:
    return give(integer, "index and i32", *met);
  case ExprRule::Logic:
    return give(element.isInteger(1), "i1", *met);
  case ExprRule::Select:
    return *met;
  case ExprRule::Compare:
    return give(integer || element.isF32(), "f32, index and i32", withElements(*met, IntegerType::get(context, 1)));
  case ExprRule::ToF32:
    return give(integer || element.isF16() || element.isBF16(), "bf16, f16, index and i32", withElements(*met, f32));
  case ExprRule::To16:
    return give(element.isF32(), "f32", withElements(*met, function->name == "f16" ? Type(Float16Type::get(context)) : Type(BFloat16Type::get(context))));
  }
  llvm_unreachable("the rules are these");
}

LogicalResult ComputeOp::verify() {
  ExprTypes types(*this);
  FailureOr<Type> type = types.of(getExpression());
  if (failed(type))
    return emitOpError() << types.problem;
  Type result = getResult().getType();
  auto tile = dyn_cast<RankedTensorType>(result);
  if (*type && *type != result && !(tile && BroadcastOp::spreads(*type, tile)))
    return emitOpError() << "computes " << *type << ", which is not spread over " << result;
  if (!layoutOf(result) && !isa<IndexType, FloatType, IntegerType>(result))
    return emitOpError() << "computes scalars and register tiles, not " << result;
  return success();
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// `%a * %b + 1 approx : (T, U) -> V`; one type for all; `T -> V` where all operands are T.
ParseResult ComputeOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<Unresolved> operands;
  auto operand = [&]() -> FailureOr<std::optional<int64_t>> {
    Unresolved here;
    OptionalParseResult parsed = parser.parseOptionalOperand(here);
    if (!parsed.has_value())
      return std::optional<int64_t>();
    if (failed(*parsed))
      return failure();
    auto known = llvm::find_if(operands, [&](const Unresolved &o) { return o.name == here.name && o.number == here.number; });
    int64_t number = known - operands.begin();
    if (known == operands.end())
      operands.push_back(here);
    return std::optional<int64_t>(number);
  };
  FailureOr<ExprAttr> expr = parseExpression(parser, operand);
  if (failed(expr))
    return failure();
  result.addAttribute(getExpressionAttrName(result.name), *expr);
  if (succeeded(parser.parseOptionalKeyword("approx")))
    result.addAttribute(getApproxAttrName(result.name), parser.getBuilder().getUnitAttr());
  SmallVector<Type> types;
  Type last;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColon())
    return failure();
  if (succeeded(parser.parseOptionalLParen())) {
    if (parser.parseTypeList(types) || parser.parseRParen() || parser.parseArrow() || parser.parseType(last))
      return failure();
  } else {
    Type all;
    if (parser.parseType(all))
      return failure();
    types.assign(operands.size(), all);
    last = all;
    if (succeeded(parser.parseOptionalArrow()) && parser.parseType(last))
      return failure();
  }
  result.addTypes(last);
  return parser.resolveOperands(operands, types, parser.getCurrentLocation(), result.operands);
}

void ComputeOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printExpression(getExpression(), printer.getStream(), [&](int64_t number) { printer << getInputs()[number]; });
  if (getApprox())
    printer << " approx";
  printer.printOptionalAttrDict((*this)->getAttrs(), {getExpressionAttrName(), getApproxAttrName()});
  printer << " : ";
  Type type = getResult().getType();
  if (llvm::all_equal(getInputs().getTypes())) {
    if (!getInputs().empty() && getInputs().front().getType() != type)
      printer << getInputs().front().getType() << " -> ";
  } else {
    printer << "(" << getInputs().getTypes() << ") -> ";
  }
  printer << type;
}

} // namespace ssm::tile
