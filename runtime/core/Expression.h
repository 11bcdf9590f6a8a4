// Sizes that are computed from others: ["add", ["floordiv", "L", 2], 1] of an artifact's description.
#ifndef SSM_RUNTIME_CORE_EXPRESSION_H
#define SSM_RUNTIME_CORE_EXPRESSION_H

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ssm::rt {

struct Dim;

enum class Op { Number, Size, Add, Mul, Sub, FloorDiv, CeilDiv, Mod, Min, Max, Div, Log2, Log2Ceil, Pow2, Pow2Part, Gcd };

struct Expression {
  Op op = Op::Number;
  int64_t number = 0; ///< of a Number
  int32_t dim = 0;    ///< of a Size: index into the entry's dimensions
  std::vector<Expression> operands;
};

/// Reads an expression; throws an Error that says what is wrong with it.
Expression parseExpression(const nlohmann::json &json, const std::vector<Dim> &dims, int depth = 0);

/// As a reader of the language would write it: "L / 2 + 1".
std::string toText(const Expression &expression, const std::vector<Dim> &dims, int outer = 0);

/// `size` gives a dimension's size. Throws SSM_ERROR_SIZE where it does not work out or overflows.
int64_t evaluate(const Expression &expression, const std::vector<Dim> &dims,
                 const std::function<int64_t(int32_t)> &size);

/// The same in floating point, for counts of operations, which may pass 2^63.
double evaluateApproximately(const Expression &expression, const std::function<double(int32_t)> &size);

} // namespace ssm::rt
#endif
