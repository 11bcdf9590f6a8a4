//===- Matrix.cpp - arithmetic of structured matrices -----------------------===//
//
// Sums, differences, negation and multiples by what lacks rows and columns stay
// structured; a sum over columns of a product applies the matrix, one over rows
// its transpose, one over what two matrices share multiplies them.
//
//===----------------------------------------------------------------------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

Val Elaborator::matrixArithmetic(ast::BinaryOp op, Val lhs, Val rhs, const ast::BinaryExpr &expr, Env &env) {
  Kind kind = join(lhs.kind, rhs.kind);
  auto writeOut = [&] {
    return arithmetic(op, materialized(lhs, *expr.lhs, env), materialized(rhs, *expr.rhs, env), expr, env);
  };
  auto scale = [&](Val matrix, Val factor) -> Val {
    matrix = emit.convert(matrix, kind);
    return {MatrixScaleOp::create(emit.b, matrix.v.getType(), matrix.v, emit.convert(factor, kind).v), kind, {}};
  };
  auto isFactor = [&](const Val &value, const Val &matrix) {
    return !value.isMatrix() && !hasDim(value.v, matrix.matrix().getRows()) &&
           !hasDim(value.v, matrix.matrix().getColumns());
  };
  if (op == ast::BinaryOp::Add || op == ast::BinaryOp::Sub) {
    if (!lhs.isMatrix() || !rhs.isMatrix())
      return writeOut();
    lhs = emit.convert(lhs, kind);
    rhs = emit.convert(rhs, kind);
    if (lhs.v.getType() != rhs.v.getType())
      return writeOut();
    if (op == ast::BinaryOp::Sub)
      rhs = scale(rhs, emit.integer(-1));
    return {MatrixAddOp::create(emit.b, lhs.v.getType(), lhs.v, rhs.v), kind, {}};
  }
  if (op == ast::BinaryOp::Mul) {
    if (lhs.isMatrix() && isFactor(rhs, lhs))
      return scale(lhs, rhs);
    if (rhs.isMatrix() && isFactor(lhs, rhs)) {
      NamedDims order = lhs.dims();
      uniteDims(order, emit.matrixDims(rhs.v));
      Val scaled = scale(rhs, lhs);
      emit.orderMatrix(scaled.v, order);
      return scaled;
    }
    return writeOut();
  }
  if (!lhs.isMatrix() || !isFactor(rhs, lhs))
    return writeOut();
  return scale(lhs, emit.mapIn(kind, MapFn::Div, {emit.integer(1), rhs}));
}

Val Elaborator::matrixSum(const ast::ReductionExpr &expr, ArrayRef<Val> list, ArrayRef<StringAttr> over, Env &env,
                          bool &handled) {
  handled = false;
  if (over.size() != 1)
    return {};
  StringAttr dim = over[0];
  auto transposed = [&](Val matrix) -> Val {
    MatrixType type = matrix.matrix();
    auto result = MatrixType::get(&context, type.getColumns(), type.getRows(), type.getElementType());
    return {TransposeOp::create(emit.b, result, matrix.v), matrix.kind, {}};
  };
  auto hasSide = [&](const Val &matrix, StringAttr side) {
    return matrix.matrix().getRows() == side || matrix.matrix().getColumns() == side;
  };
  llvm::SmallVector<Val> matrices, others;
  for (const Val &factor : list)
    (factor.isMatrix() ? matrices : others).push_back(factor);
  if (matrices.empty() || matrices.size() > 2 || !llvm::all_of(matrices, [&](const Val &m) { return hasSide(m, dim); }))
    return {};
  Kind kind = matrices[0].kind;
  for (const Val &factor : list)
    kind = join(kind, factor.kind);
  if (!isReal(kind) && !isComplex(kind))
    return {};
  if (matrices.size() == 2) {
    Val a = emit.convert(matrices[0], kind), b = emit.convert(matrices[1], kind);
    if (a.matrix().getColumns() != dim)
      a = transposed(a);
    if (b.matrix().getRows() != dim)
      b = transposed(b);
    MatrixType left = a.matrix(), right = b.matrix();
    if (left.getRows() == right.getColumns() || left.getRows() == dim || right.getColumns() == dim)
      return {};
    for (const Val &factor : others)
      for (StringAttr side : {left.getRows(), right.getColumns(), dim})
        if (hasDim(factor.v, side))
          return {};
    handled = true;
    auto type = MatrixType::get(&context, left.getRows(), right.getColumns(), left.getElementType());
    Val product{MatrixMulOp::create(emit.b, type, a.v, b.v), kind, {}};
    for (const Val &factor : others)
      product = {MatrixScaleOp::create(emit.b, type, product.v, emit.convert(factor, kind).v), kind, {}};
    return product;
  }
  // What has the matrix's other side, and not the summed one, multiplies the result.
  Val matrix = emit.convert(matrices[0], kind);
  if (matrix.matrix().getColumns() != dim)
    matrix = transposed(matrix);
  StringAttr rows = matrix.matrix().getRows();
  Val operand, after;
  for (const Val &factor : others) {
    bool summed = hasDim(factor.v, dim), kept = hasDim(factor.v, rows);
    if (summed && kept && rows != dim)
      return {};
    Val &into = kept && !summed ? after : operand;
    into = into ? emit.mapIn(kind, MapFn::Mul, {into, factor}) : emit.convert(factor, kind);
  }
  if (rows == dim)
    return {};
  handled = true;
  // The sum of the matrix's own columns: applied to ones.
  if (!operand || !hasDim(operand.v, dim)) {
    Val ones = emit.align(emit.convert(emit.integer(1), kind), dims.named(dim));
    operand = operand ? emit.map(MapFn::Mul, {operand, ones}) : ones;
  }
  Val result = emit.apply(matrix, operand);
  return after ? emit.map(MapFn::Mul, {result, after}) : result;
}

} // namespace ssm
