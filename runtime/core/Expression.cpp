// Reading, printing and evaluating the expressions of sizes. See Expression.h.
#include "core/Expression.h"

#include "core/Description.h"
#include "core/Error.h"

#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <numeric>

namespace ssm::rt {
namespace {

struct OpInfo {
  const char *name;
  Op op;
  size_t least, most;
};

constexpr size_t many = 1u << 16;
constexpr OpInfo ops[] = {
    {"add", Op::Add, 2, many},     {"mul", Op::Mul, 2, many},         {"sub", Op::Sub, 2, 2},
    {"floordiv", Op::FloorDiv, 2, 2}, {"ceildiv", Op::CeilDiv, 2, 2}, {"mod", Op::Mod, 2, 2},
    {"min", Op::Min, 2, many},     {"max", Op::Max, 2, many},         {"div", Op::Div, 2, 2},
    {"log2", Op::Log2, 1, 1},      {"pow2", Op::Pow2, 1, 1},          {"pow2part", Op::Pow2Part, 1, 1},
    {"gcd", Op::Gcd, 2, many},     {"log2ceil", Op::Log2Ceil, 1, 1},
};

int64_t floorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0))); }

} // namespace

Expression parseExpression(const nlohmann::json &json, const std::vector<Dim> &dims, int depth) {
  if (depth > 64)
    fail(SSM_ERROR_NOT_ARTIFACT, "an expression is nested too deeply");
  if (json.is_number_integer())
    return {Op::Number, json.get<int64_t>(), 0, {}};
  if (json.is_string()) {
    const auto &name = json.get_ref<const std::string &>();
    for (size_t i = 0; i < dims.size(); ++i)
      if (dims[i].name == name)
        return {Op::Size, 0, static_cast<int32_t>(i), {}};
    fail(SSM_ERROR_NOT_ARTIFACT, "an expression names '", name, "', which is no dimension");
  }
  if (!json.is_array() || json.empty() || !json[0].is_string())
    fail(SSM_ERROR_NOT_ARTIFACT, "an expression is neither a number, a name nor a list");
  const auto &name = json[0].get_ref<const std::string &>();
  for (const OpInfo &info : ops) {
    if (name != info.name)
      continue;
    size_t count = json.size() - 1;
    if (count < info.least || count > info.most)
      fail(SSM_ERROR_NOT_ARTIFACT, "'", name, "' has ", count, " operands");
    Expression result{info.op, 0, 0, {}};
    for (size_t i = 1; i < json.size(); ++i)
      result.operands.push_back(parseExpression(json[i], dims, depth + 1));
    return result;
  }
  fail(SSM_ERROR_NOT_ARTIFACT, "an expression has the unknown operation '", name, "'");
}

std::string toText(const Expression &e, const std::vector<Dim> &dims, int outer) {
  auto call = [&](const char *name) {
    std::string text = std::string(name) + "(";
    for (size_t i = 0; i < e.operands.size(); ++i)
      text += (i ? ", " : "") + toText(e.operands[i], dims);
    return text + ")";
  };
  // `level` binds tighter the higher it is; the operands after the first need parentheses at the same one.
  auto infix = [&](const char *sign, int level) {
    std::string text;
    for (size_t i = 0; i < e.operands.size(); ++i)
      text += (i ? sign : "") + toText(e.operands[i], dims, level + (i ? 1 : 0));
    return outer > level ? "(" + text + ")" : text;
  };
  switch (e.op) {
  case Op::Number: return std::to_string(e.number);
  case Op::Size: return dims[e.dim].name;
  case Op::Add: return infix(" + ", 1);
  case Op::Sub: return infix(" - ", 1);
  case Op::Mul: return infix(" * ", 2);
  case Op::Div: return infix(" / ", 2);
  case Op::Pow2: return "2 ** " + toText(e.operands[0], dims, 4);
  case Op::FloorDiv: return call("div");
  case Op::CeilDiv: return call("ceildiv");
  case Op::Mod: return call("mod");
  case Op::Min: return call("min");
  case Op::Max: return call("max");
  case Op::Log2: return call("log2");
  case Op::Pow2Part: return call("pow2part");
  case Op::Log2Ceil: return call("log2ceil");
  case Op::Gcd: return call("gcd");
  }
  return "?";
}

int64_t evaluate(const Expression &e, const std::vector<Dim> &dims, const std::function<int64_t(int32_t)> &size) {
  if (e.op == Op::Number)
    return e.number;
  if (e.op == Op::Size)
    return size(e.dim);

  auto overflow = [&]() { fail(SSM_ERROR_SIZE, "the size ", toText(e, dims), " is too large"); };
  // "L = 6" for a name, "L + 1 = 7" for more, "6" for a number.
  auto describe = [&](size_t i, int64_t value) {
    const Expression &operand = e.operands[i];
    std::string number = std::to_string(value);
    return operand.op == Op::Number ? number : toText(operand, dims) + " = " + number;
  };
  int64_t result = evaluate(e.operands[0], dims, size);
  if (e.op == Op::Log2) {
    if (result <= 0 || !std::has_single_bit(static_cast<uint64_t>(result)))
      fail(SSM_ERROR_SIZE, describe(0, result), " is not a power of two");
    return std::countr_zero(static_cast<uint64_t>(result));
  }
  if (e.op == Op::Log2Ceil)
    return result <= 1 ? 0 : std::bit_width(static_cast<uint64_t>(result - 1));
  if (e.op == Op::Pow2) {
    if (result < 0 || result > 62)
      overflow();
    return int64_t(1) << result;
  }
  if (e.op == Op::Pow2Part)
    return result == 0 ? 1 : result & -static_cast<uint64_t>(result);

  for (size_t i = 1; i < e.operands.size(); ++i) {
    int64_t right = evaluate(e.operands[i], dims, size);
    bool divides = e.op == Op::FloorDiv || e.op == Op::CeilDiv || e.op == Op::Mod || e.op == Op::Div;
    if (divides && right == 0)
      fail(SSM_ERROR_SIZE, toText(e, dims), " divides by zero");
    if (divides && right == -1 && result == INT64_MIN)
      overflow();
    switch (e.op) {
    case Op::Add:
      if (__builtin_add_overflow(result, right, &result))
        overflow();
      break;
    case Op::Sub:
      if (__builtin_sub_overflow(result, right, &result))
        overflow();
      break;
    case Op::Mul:
      if (__builtin_mul_overflow(result, right, &result))
        overflow();
      break;
    case Op::FloorDiv: result = floorDiv(result, right); break;
    case Op::CeilDiv: result = -floorDiv(-result, right); break;
    case Op::Mod: result -= floorDiv(result, right) * right; break;
    case Op::Div:
      if (result % right != 0)
        fail(SSM_ERROR_SIZE, describe(0, result), " is not a multiple of ", describe(i, right));
      result /= right;
      break;
    case Op::Min: result = std::min(result, right); break;
    case Op::Max: result = std::max(result, right); break;
    case Op::Gcd: result = std::gcd(result, right); break;
    default: fail(SSM_ERROR_INTERNAL, "an operation without evaluation");
    }
  }
  return result;
}

double evaluateApproximately(const Expression &e, const std::function<double(int32_t)> &size) {
  if (e.op == Op::Number)
    return static_cast<double>(e.number);
  if (e.op == Op::Size)
    return size(e.dim);
  double result = evaluateApproximately(e.operands[0], size);
  switch (e.op) {
  case Op::Log2: return result > 0 ? std::log2(result) : 0;
  case Op::Log2Ceil: return result > 1 ? std::ceil(std::log2(result)) : 0;
  case Op::Pow2: return std::exp2(result);
  case Op::Pow2Part: {
    auto whole = static_cast<uint64_t>(result);
    return whole == 0 ? 1 : static_cast<double>(whole & -whole);
  }
  default: break;
  }
  for (size_t i = 1; i < e.operands.size(); ++i) {
    double right = evaluateApproximately(e.operands[i], size);
    switch (e.op) {
    case Op::Add: result += right; break;
    case Op::Sub: result -= right; break;
    case Op::Mul: result *= right; break;
    case Op::Div: result /= right; break;
    case Op::FloorDiv: result = std::floor(result / right); break;
    case Op::CeilDiv: result = std::ceil(result / right); break;
    case Op::Mod: result -= std::floor(result / right) * right; break;
    case Op::Min: result = std::min(result, right); break;
    case Op::Max: result = std::max(result, right); break;
    case Op::Gcd:
      result = static_cast<double>(std::gcd(static_cast<int64_t>(result), static_cast<int64_t>(right)));
      break;
    default: break;
    }
  }
  return result;
}

} // namespace ssm::rt
