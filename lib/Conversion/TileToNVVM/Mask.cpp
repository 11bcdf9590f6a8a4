//===- Mask.cpp - keeping elements by position ------------------------------===//
//
// A constraint of the set is an affine form in the row, the column and symbols. A
// thread's row and column are values of its own plus constants, so the constraint is
//
//   limit + coefficients * constants >= 0
//
// with one limit, in which all values are gathered, and a comparison with an immediate
// an element. Constraints of one coefficient of the column share the smaller limit, one
// a row where they differ in the row's.
// Without symbols a constraint may hold for an element in all threads, or in none.
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>
#include <map>
#include <set>

using namespace mlir;

namespace ssm::tile::gpu {
namespace {

/// sum of coefficient * dim, plus a form of symbols.
struct Linear {
  SmallVector<int64_t> dims;
  AffineExpr rest;
};

/// Null where a dimension stands under a division or a modulo.
std::optional<Linear> linear(AffineExpr expression, unsigned numDims) {
  Linear form{SmallVector<int64_t>(numDims, 0), getAffineConstantExpr(0, expression.getContext())};
  if (expression.isSymbolicOrConstant()) {
    form.rest = expression;
    return form;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expression)) {
    form.dims[dim.getPosition()] = 1;
    return form;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add) {
    std::optional<Linear> a = linear(binary.getLHS(), numDims), c = linear(binary.getRHS(), numDims);
    if (!a || !c)
      return std::nullopt;
    for (auto [sum, more] : llvm::zip(a->dims, c->dims))
      sum += more;
    a->rest = a->rest + c->rest;
    return a;
  }
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() != AffineExprKind::Mul || !factor)
    return std::nullopt;
  std::optional<Linear> a = linear(binary.getLHS(), numDims);
  if (!a)
    return std::nullopt;
  for (int64_t &dim : a->dims)
    dim *= factor.getValue();
  a->rest = a->rest * factor.getValue();
  return a;
}

/// Whether an element is kept: `when` null is always or never.
struct Keep {
  Value when;
  bool never = false;
};

class Mask {
public:
  Mask(MaskOp op, const Placement &at, const layout::Registers &registers, Lowering &l)
      : op(op), at(at), l(l), tile(cast<RankedTensorType>(op.getSource().getType())), set(op.getSet()),
        symbols(l.flat(op.getSymbols())) {
    for (int64_t thread = 0; thread < registers.threads(); ++thread) {
      SmallVector<int64_t, 4> index = registers.element(thread, 0), first = registers.element(0, 0);
      for (auto [dim, start] : llvm::zip(index, first))
        dim -= start;
      threads.insert(index);
    }
  }
  Values masked();

private:
  /// The element's constant coordinates along the tile's dimensions.
  SmallVector<int64_t> constants(const Spot &spot) const;
  Value threadPart(unsigned dim) const;
  Keep keeps(const Spot &spot);
  /// Of a form without symbols: the least and the greatest value among the threads.
  std::optional<std::pair<int64_t, int64_t>> range(const Linear &form, ArrayRef<int64_t> position) const;
  Value element(AffineExpr constraint, const Spot &spot, bool equal);

  MaskOp op;
  const Placement &at;
  Lowering &l;
  RankedTensorType tile;
  IntegerSet set;
  Values symbols;
  std::set<SmallVector<int64_t, 4>> threads; // what each adds to the coordinates
  /// Limits by (kind of constraint and coefficient of the column, other constants).
  std::map<std::pair<std::pair<int64_t, int64_t>, SmallVector<int64_t>>, Value> limits;
};

SmallVector<int64_t> Mask::constants(const Spot &spot) const {
  int64_t rank = tile.getRank(), spread = std::min<int64_t>(layoutRank(layoutOf(tile)), rank), block = spot.block;
  SmallVector<int64_t> all(rank, 0);
  all[rank - 1] = spot.column;
  if (spread == 2)
    all[rank - 2] = spot.row;
  for (int64_t dim = rank - spread; dim-- > 0;) {
    all[dim] = block % tile.getDimSize(dim);
    block /= tile.getDimSize(dim);
  }
  return all;
}

Value Mask::threadPart(unsigned dim) const {
  int64_t rank = tile.getRank(), spread = std::min<int64_t>(layoutRank(layoutOf(tile)), rank);
  if (int64_t(dim) == rank - 1)
    return at.column;
  return int64_t(dim) == rank - 2 && spread == 2 ? at.row : Value();
}

/// A constraint that is no linear form: all of it, element by element.
Value Mask::element(AffineExpr constraint, const Spot &spot, bool equal) {
  Values position;
  for (auto [dim, constant] : llvm::enumerate(constants(spot)))
    position.push_back(l.add(threadPart(dim), constant));
  Value value = lowerAffine(constraint, position, symbols, l);
  return l.compare(equal ? arith::CmpIPredicate::eq : arith::CmpIPredicate::sge, value, l.constant(int64_t(0)));
}

std::optional<std::pair<int64_t, int64_t>> Mask::range(const Linear &form, ArrayRef<int64_t> position) const {
  auto rest = dyn_cast<AffineConstantExpr>(form.rest);
  if (!rest)
    return std::nullopt;
  int64_t least = std::numeric_limits<int64_t>::max(), most = std::numeric_limits<int64_t>::min();
  for (const SmallVector<int64_t, 4> &thread : threads) {
    int64_t value = rest.getValue();
    for (auto [coefficient, mine, constant] : llvm::zip(form.dims, thread, position))
      value += coefficient * (mine + constant);
    least = std::min(least, value), most = std::max(most, value);
  }
  return std::pair(least, most);
}

Keep Mask::keeps(const Spot &spot) {
  SmallVector<int64_t> position = constants(spot);
  unsigned last = position.size() - 1;
  Value all;
  // Forms by coefficient of the column: one comparison each.
  std::map<std::pair<int64_t, int64_t>, SmallVector<Linear>> forms;
  for (unsigned i = 0; i < set.getNumConstraints(); ++i) {
    AffineExpr constraint = set.getConstraint(i);
    std::optional<Linear> form = linear(constraint, set.getNumDims());
    if (!form) {
      all = l.both(all, element(constraint, spot, set.isEq(i)));
      continue;
    }
    if (std::optional<std::pair<int64_t, int64_t>> known = range(*form, position)) {
      auto [least, most] = *known;
      if (most < 0 || (set.isEq(i) && least > 0))
        return {{}, /*never=*/true};
      if (set.isEq(i) ? least == 0 && most == 0 : least >= 0)
        continue;
    }
    // Each equation on its own.
    forms[{set.isEq(i) ? i + 1 : 0, form->dims[last]}].push_back(*form);
  }
  for (auto &[key, group] : forms) {
    bool alike = llvm::all_of(group, [&, &first = group.front()](const Linear &form) { return form.dims == first.dims; });
    SmallVector<int64_t> others; // whose constants the limit contains
    if (!alike)
      others.assign(position.begin(), position.end() - 1);
    int64_t known = 0; // what the element's constants add to it
    for (auto [dim, coefficient] : llvm::enumerate(group.front().dims))
      known += alike || dim == last ? coefficient * position[dim] : 0;
    Value &limit = limits[{key, others}];
    if (!limit)
      for (const Linear &form : group) {
        Value sum = lowerAffine(form.rest, {}, symbols, l);
        for (auto [dim, coefficient] : llvm::enumerate(form.dims)) {
          sum = l.add(sum, l.mul(threadPart(dim), coefficient));
          if (!alike && dim != last)
            sum = l.add(sum, coefficient * position[dim]);
        }
        limit = limit ? arith::MinSIOp::create(l.b, limit, sum).getResult() : sum;
      }
    auto predicate = key.first ? arith::CmpIPredicate::eq : arith::CmpIPredicate::sge;
    all = l.both(all, l.compare(predicate, limit, l.constant(-known)));
  }
  return {all};
}

Values Mask::masked() {
  Values values = l.of(op.getSource());
  Type element = tile.getElementType();
  Value fill = l.single(op.getFill());
  if (isHalf(element)) {
    Value bits = arith::ExtUIOp::create(l.b, l.b.getI32Type(), arith::BitcastOp::create(l.b, l.b.getI16Type(), fill));
    fill = arith::OrIOp::create(l.b, bits, l.mul(bits, 1 << 16));
    for (unsigned i = 0; i < values.size(); ++i) {
      auto condition = [&](const Keep &keep) {
        if (keep.when)
          return keep.when;
        return arith::ConstantOp::create(l.b, l.b.getBoolAttr(!keep.never)).getResult();
      };
      Value low = condition(keeps(at.spots[2 * i])), high = condition(keeps(at.spots[2 * i + 1]));
      values[i] = selectPair(low, high, values[i], fill, l);
    }
    return values;
  }
  for (auto [value, spot] : llvm::zip(values, at.spots)) {
    Keep keep = keeps(spot);
    if (keep.never)
      value = fill;
    else if (keep.when)
      value = l.select(keep.when, value, fill);
  }
  return values;
}

LogicalResult lowerMask(MaskOp op, Lowering &l) {
  auto tile = cast<RankedTensorType>(op.getSource().getType());
  FailureOr<Placement> at = l.placement(tile, op);
  FailureOr<layout::Registers> registers = l.registersOf(tile, op);
  if (failed(at) || failed(registers))
    return failure();
  std::optional<int64_t> known = Lowering::constantOf(op.getPredicate());
  if (known && !(*known & 1)) {
    l.bind(op.getResult(), l.of(op.getSource()));
    return success();
  }
  if (!op.getPredicate() || known) {
    l.bind(op.getResult(), Mask(op, *at, *registers, l).masked());
    return success();
  }
  auto branch = scf::IfOp::create(l.b, l.types(tile), l.single(op.getPredicate()), /*withElse=*/true);
  {
    OpBuilder::InsertionGuard guard(l.b);
    l.b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(l.b, Mask(op, *at, *registers, l).masked());
    l.b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(l.b, l.of(op.getSource()));
  }
  l.bindFlat(op.getResult(), branch.getResults());
  return success();
}

} // namespace

void addMaskLowerings(LoweringTable &table) { table.add<MaskOp, lowerMask>(); }

} // namespace ssm::tile::gpu
