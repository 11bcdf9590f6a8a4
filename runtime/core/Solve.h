// What the sizes given for computed dimensions say of an open one: `W.second` with 8 rows along
// W.s = O * 4 / I, and I = 12, make O = 24.
#ifndef SSM_RUNTIME_CORE_SOLVE_H
#define SSM_RUNTIME_CORE_SOLVE_H

#include "core/Description.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace ssm::rt {

/// Turns expressions round, one after another. An operation that cannot be turned round (a greatest common
/// divisor) and what it must come to are kept: another expression may have it in it.
class Solver {
public:
  /// `size` gives a dimension's size where it is known.
  Solver(const std::vector<Dim> &dims, std::function<std::optional<int64_t>(int32_t)> size)
      : dims(dims), size(std::move(size)) {}

  /// The dimension and its size where `expression` comes to `value` for one only.
  std::optional<std::pair<int32_t, int64_t>> solve(const Expression &expression, int64_t value);

private:
  std::optional<int64_t> valueOf(const Expression &expression) const;
  Expression filled(const Expression &expression) const;

  const std::vector<Dim> &dims;
  std::function<std::optional<int64_t>(int32_t)> size;
  std::vector<std::pair<Expression, int64_t>> facts;
};

} // namespace ssm::rt
#endif
