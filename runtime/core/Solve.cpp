// Expressions of sizes, turned round. See Solve.h.
#include "core/Solve.h"

#include "core/Error.h"

#include <algorithm>
#include <bit>

namespace ssm::rt {
namespace {

bool same(const Expression &a, const Expression &b) {
  return a.op == b.op && a.number == b.number && a.dim == b.dim &&
         std::equal(a.operands.begin(), a.operands.end(), b.operands.begin(), b.operands.end(), same);
}

bool isClosed(const Expression &e) {
  return e.op != Op::Size && std::all_of(e.operands.begin(), e.operands.end(), isClosed);
}

/// What operand `open` must come to for the operation to come to `value`; `others` folds the operands beside it.
std::optional<int64_t> turnedRound(Op op, bool isFirst, int64_t value, int64_t others) {
  int64_t result;
  bool overflows = false;
  switch (op) {
  case Op::Add:
    overflows = __builtin_sub_overflow(value, others, &result);
    break;
  case Op::Sub:
    overflows = isFirst ? __builtin_add_overflow(value, others, &result) : __builtin_sub_overflow(others, value, &result);
    break;
  case Op::Mul:
    if (others <= 0 || value % others != 0)
      return std::nullopt;
    return value / others;
  case Op::Div:
    if (isFirst)
      overflows = __builtin_mul_overflow(value, others, &result);
    else if (value <= 0 || others % value != 0)
      return std::nullopt;
    else
      return others / value;
    break;
  case Op::Log2:
    if (value < 0 || value > 62)
      return std::nullopt;
    return int64_t(1) << value;
  case Op::Pow2:
    if (value <= 0 || !std::has_single_bit(static_cast<uint64_t>(value)))
      return std::nullopt;
    return std::countr_zero(static_cast<uint64_t>(value));
  default: return std::nullopt;
  }
  return overflows ? std::nullopt : std::optional(result);
}

bool turnsRound(Op op) {
  return op == Op::Add || op == Op::Sub || op == Op::Mul || op == Op::Div || op == Op::Log2 || op == Op::Pow2;
}

} // namespace

/// Numbers in place of all that is known.
Expression Solver::filled(const Expression &e) const {
  for (const auto &[known, value] : facts)
    if (same(known, e))
      return {Op::Number, value, 0, {}};
  if (e.op == Op::Size) {
    std::optional<int64_t> known = size(e.dim);
    return known ? Expression{Op::Number, *known, 0, {}} : e;
  }
  Expression result = e;
  for (Expression &operand : result.operands)
    operand = filled(operand);
  return result;
}

std::optional<int64_t> Solver::valueOf(const Expression &e) const {
  Expression closed = filled(e);
  if (!isClosed(closed))
    return std::nullopt;
  try {
    return evaluate(closed, dims, [](int32_t) { return int64_t(0); });
  } catch (const Error &) {
    return std::nullopt; // said when the sizes are checked
  }
}

std::optional<std::pair<int32_t, int64_t>> Solver::solve(const Expression &e, int64_t value) {
  if (e.op == Op::Number || valueOf(e))
    return std::nullopt;
  if (e.op == Op::Size)
    return std::pair(e.dim, value);
  const Expression *open = nullptr;
  std::optional<int64_t> others;
  for (const Expression &operand : e.operands) {
    std::optional<int64_t> known = valueOf(operand);
    if (!known && open) {
      open = nullptr;
      break;
    }
    if (!known)
      open = &operand;
    else if (!others)
      others = known;
    else if (e.op == Op::Add ? __builtin_add_overflow(*others, *known, &*others)
                             : __builtin_mul_overflow(*others, *known, &*others))
      return std::nullopt;
  }
  if (!open || !turnsRound(e.op)) {
    facts.emplace_back(e, value);
    return std::nullopt;
  }
  std::optional<int64_t> operand = turnedRound(e.op, open == &e.operands.front(), value, others.value_or(0));
  return operand ? solve(*open, *operand) : std::nullopt;
}

} // namespace ssm::rt
