//===- RecurrenceToeplitz.cpp - a recurrence as a convolution by chunks -----===//
//
// Where everything but the inputs u is constant in time, a tile of the dimension is M
// chunks of C positions, met by products with tables that an item makes once. With K[i] =
// sum over r of c a^i b, chunk m, and S[m] the state before it:
//
//   X[m]    = sum over j of a^(C - 1 - j) b u[m, j]          S[m + 1] = a^C S[m] + X[m]
//   y[m, i] = sum over j <= i of K[i - j] u[m, j] + sum over r of c a^(i + 1) S[m]
//
// The powers are repeated products in f64, rounded once. A last chunk that is not full
// leaves the state as it is; its inputs are kept, and finish the state behind the loop:
// with n of them, a^n S + sum over the last n positions j of a^(C - 1 - j) b u.
//
// From the end, chunks and positions are met the other way round, and the chunk that is
// not full first: it meets a state of nothing, what the real one gives along its n
// positions, c a^(n - i) S, is added, and the state behind it is a^n S + X.
//
//===----------------------------------------------------------------------===//
#include "RecurrenceToeplitz.h"

#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {

Coords Toeplitz::withTables(const Coords &where) {
  Coords all = where;
  all.set(i, {Value(), length, &e.program()});
  all.set(j, {Value(), length, &e.program()});
  all.set(m, {Value(), count, &e.program()});
  return all;
}

LogicalResult Toeplitz::begin(Tile &carries) {
  if (length <= 0 || e.stepOf(dim) % length != 0)
    return e.refuse("the plan's steps along '" + Twine(dim.getValue()) + "' are not whole chunks");
  if (failed(Recurrence::begin(carries)) || failed(e.hoisted(kernelDims(op), item, [&] { return makeTables(); })))
    return failure();
  if (endsFull() || op.getReverse())
    return success();
  Coords last = item;
  last.set(dim, {Value(), length * count, &e.program()});
  FailureOr<Tile> views = e.scratch(uDims, inputElement(), last);
  if (failed(views))
    return failure();
  kept = *views;
  return success();
}

/// The inputs that vary, 0 beyond the end.
FailureOr<Tile> Toeplitz::inputs(const Coords &there) {
  FailureOr<Tile> u = product(varying, there);
  FailureOr<RankedTensorType> type = e.tileType(uDims, element, there);
  if (failed(u) || failed(type))
    return failure();
  return e.spread(inside(*u, varying, {dim}, there), *type);
}

Tile Toeplitz::parted(const Tile &u) {
  Tile result;
  for (Value part : u) {
    NamedDims names;
    for (const NamedDim &d : getDims(part))
      if (d.name == dim)
        names.append({NamedDim{m, count}, NamedDim{j, length}});
      else
        names.push_back(d);
    if (count == 1)
      llvm::erase_if(names, [&](const NamedDim &d) { return d.name == m; });
    Type type = getTensorType(names, getElement(part));
    result.push_back(count == 1 ? renamed({part}, dim, j)[0]
                                : tile::PartOp::create(e.b, type, part, dim, e.b.getArrayAttr({m, j})).getResult());
  }
  return result;
}

static NamedDims replaced(NamedDims names, StringAttr dim, ArrayRef<NamedDim> by) {
  NamedDims result;
  for (const NamedDim &d : names)
    if (d.name == dim)
      result.append(by.begin(), by.end());
    else
      result.push_back(d);
  return result;
}

/// The state behind the tile's full chunks, and before each.
FailureOr<Tile> Toeplitz::over(const Coords &there, const Tile &from) {
  FailureOr<Tile> u = inputs(there);
  if (failed(u))
    return failure();
  if (!kept.empty() && failed(e.writeScratch(kept, uDims, *u, there)))
    return failure();
  Coords where = withTables(there);
  NamedDims xDims = dims;
  xDims.insert(xDims.begin(), NamedDim{m, count});
  FailureOr<RankedTensorType> xType = e.tileType(xDims, element, where), type = e.tileType(dims, element, where);
  if (failed(xType) || failed(type))
    return failure();
  NamedDims partedDims = replaced(uDims, dim, {{m, count}, {j, length}});
  FailureOr<Tile> x = sumOfProducts(e, {{parted(*u), partedDims}, {in, inDims}}, {j}, zeros(*xType, parts), element, *xType, where);
  if (failed(x))
    return failure();
  auto step = [&](const Tile &power, const Tile &s, const Tile &added) {
    Tile now = timesEach(e, power, s, *type);
    for (auto [part, more] : llvm::zip(now, added))
      part = arith::AddFOp::create(e.b, part, e.spread(more, *type));
    return now;
  };
  // A chunk that is not full leaves the state, or is where it comes from.
  auto [full, partial] = fullness();
  auto choose = [&](Value flag, const Tile &now, const Tile &old) {
    Tile result;
    for (auto [a, b] : llvm::zip(now, old))
      result.push_back(flag ? arith::SelectOp::create(e.b, e.spread(flag, type->clone(e.b.getI1Type())), a, b).getResult() : a);
    return result;
  };
  // The state behind the chunk, then the one before it as its positions see it.
  auto next = [&](Value full, Value partial, const Tile &s, const Tile &added) {
    Tile behind = step(whole, s, added), seen = s;
    if (!partial) {
      behind = choose(full, behind, s);
    } else {
      behind = choose(full, behind, choose(partial, step(restWhole, s, added), s));
      seen = choose(partial, zeros(*type, parts), s);
    }
    behind.append(seen);
    return behind;
  };
  if (count == 1)
    return next(full, partial, from, *x);
  Tile slices = *x;
  for (Value flag : {full, partial})
    if (flag)
      slices.push_back(flag);
  NamedDims stacked = getDims(*type);
  stacked.insert(stacked.begin(), NamedDim{m, count});
  SmallVector<Type> types(parts, getTensorType(stacked, type->getElementType()));
  auto recur = tile::RecurOp::create(e.b, m.getValue(), op.getReverse(), Value(), from, slices, types);
  if (failed(e.within(recur, recur.getBody().front(), [&, full = full, partial = partial]() -> LogicalResult {
        ValueRange arguments(recur.getSliceArguments()), flags = arguments.drop_front(parts);
        tile::YieldOp::create(e.b, next(full ? flags.front() : Value(), partial ? flags.back() : Value(),
                                        Tile(ValueRange(recur.getCarries())), Tile(arguments.take_front(parts))));
        return success();
      })))
    return failure();
  return Tile(recur.getResults());
}

Value Toeplitz::restOf() {
  return arith::RemSIOp::create(e.b, e.size(dim), arith::ConstantIndexOp::create(e.b, length));
}

std::pair<Value, Value> Toeplitz::fullness() {
  int64_t known = e.staticSize(dim);
  if (!ShapedType::isDynamic(known) && known % (length * count) == 0)
    return {};
  Value left = arith::SubIOp::create(e.b, e.size(dim), tile.at), zero = arith::ConstantIndexOp::create(e.b, 0);
  Value step = arith::ConstantIndexOp::create(e.b, length), chunks = arith::DivSIOp::create(e.b, left, step);
  auto line = count == 1 ? RankedTensorType::get({}, e.b.getI64Type()) : getTensorType({NamedDim{m, count}}, e.b.getI64Type());
  auto spread = [&](Value index) { return tile::SpreadOp::create(e.b, line, index).getResult(); };
  Value place = count == 1 ? spread(zero) : tile::PosOp::create(e.b, line, zero).getResult();
  Value full = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, place, spread(chunks));
  if (!op.getReverse() || endsFull())
    return {full, Value()};
  // The chunk behind the full ones, if anything is left for it.
  Value begins = arith::MulIOp::create(e.b, place, spread(step));
  Value any = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, begins, spread(left));
  Value open = arith::CmpIOp::create(e.b, arith::CmpIPredicate::sge, place, spread(chunks));
  return {full, arith::AndIOp::create(e.b, any, open)};
}

LogicalResult Toeplitz::enter(const Coords &where, const Tile &carried) {
  at = where;
  tile = *at.find(dim);
  carry = carried;
  beforeDims = dims;
  beforeDims.insert(beforeDims.begin(), NamedDim{m, count});
  if (walked.empty()) {
    FailureOr<Tile> all = over(at, carry);
    if (failed(all))
      return failure();
    next = Tile(ArrayRef(*all).take_front(parts));
    before = Tile(ArrayRef(*all).drop_front(parts));
  } else {
    FailureOr<Tile> views = e.scratch(beforeDims, element, withTables(at));
    if (failed(views))
      return failure();
    before = *views;
    FailureOr<Tile> done = e.loops(walked, at, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
      FailureOr<Tile> s = state(there);
      if (failed(s))
        return failure();
      FailureOr<Tile> all = over(there, *s);
      if (failed(all) || failed(e.writeScratch(memory, op.getInit(), Tile(ArrayRef(*all).take_front(parts)), there)) ||
          failed(e.writeScratch(before, beforeDims, Tile(ArrayRef(*all).drop_front(parts)), withTables(there))))
        return failure();
      return Tile();
    });
    if (failed(done))
      return failure();
  }
  for (auto [number, readout] : llvm::enumerate(op.getReadouts()))
    e.provide(readout.result, [this, number = number](const Coords &own) { return read(number, own); });
  return success();
}

FailureOr<Tile> Toeplitz::read(unsigned number, const Coords &own) {
  LinearRecurrenceOp::Readout readout = op.getReadouts()[number];
  const Table &table = tables[number];
  Coords there = at;
  there.add(own);
  Coords where = withTables(there);
  NamedDims yDims = getDims(readout.result);
  llvm::erase_if(yDims, [&](const NamedDim &d) { return d.name == dim; });
  yDims.append({NamedDim{m, count}, NamedDim{i, length}});
  FailureOr<RankedTensorType> type = e.tileType(yDims, element, where);
  FailureOr<Tile> s = walked.empty() ? FailureOr<Tile>(before) : e.readScratch(before, beforeDims, element, where);
  FailureOr<Tile> u = inputs(there);
  if (failed(type) || failed(s) || failed(u))
    return failure();
  SmallVector<StringAttr> over = summed(readout);
  Tile y = zeros(*type, parts);
  for (auto [k, factor] : llvm::enumerate(table.outer)) {
    FailureOr<Tile> sum = sumOfProducts(e, {{{(*s)[k % parts]}, beforeDims}, {{factor}, table.outerDims}}, over,
                                        {y[k / parts]}, element, *type, where);
    if (failed(sum))
      return failure();
    y[k / parts] = (*sum)[0];
  }
  NamedDims partedDims = replaced(uDims, dim, {{m, count}, {j, length}});
  FailureOr<Tile> all = sumOfProducts(e, {{parted(*u), partedDims}, {table.kernel, table.kernelDims}}, {j}, y, element, *type, where);
  if (succeeded(all) && !table.rest.empty())
    all = addRest(*all, table, over, *type, where);
  if (failed(all) || count == 1)
    return failed(all) ? all : FailureOr<Tile>(renamed(*all, i, dim));
  Tile joined;
  for (Value part : *all) {
    NamedDims names = replaced(getDims(part), m, {});
    names = replaced(names, i, {{dim, length * count}});
    joined.push_back(tile::JoinOp::create(e.b, getTensorType(names, getElement(part)), part, e.b.getArrayAttr({m, i}), dim));
  }
  return joined;
}

FailureOr<Tile> Toeplitz::addRest(const Tile &y, const Table &table, ArrayRef<StringAttr> over, RankedTensorType type,
                                  const Coords &where) {
  FailureOr<Tile> end = e.demand(op.getInit(), where);
  NamedDims names = getDims(type);
  llvm::erase_if(names, [&](const NamedDim &d) { return d.name == m; });
  RankedTensorType chunk = getTensorType(names, type.getElementType());
  if (failed(end))
    return failure();
  Tile given = zeros(chunk, parts), result;
  for (auto [k, factor] : llvm::enumerate(table.rest)) {
    FailureOr<Tile> sum = sumOfProducts(e, {{{(*end)[k % parts]}, dims}, {{factor}, table.outerDims}}, over, {given[k / parts]},
                                        element, chunk, where);
    if (failed(sum))
      return failure();
    given[k / parts] = (*sum)[0];
  }
  Value flag = e.spread(fullness().second, type.clone(e.b.getI1Type()));
  for (auto [part, more] : llvm::zip(y, given)) {
    Value all = arith::AddFOp::create(e.b, part, e.spread(more, type));
    result.push_back(arith::SelectOp::create(e.b, flag, all, part));
  }
  return result;
}

/// What a last chunk that is not full does to the state.
FailureOr<Tile> Toeplitz::finish(const Coords &there, const Tile &from) {
  auto number = [&](int64_t x) { return arith::ConstantIndexOp::create(e.b, x).getResult(); };
  Value size = e.size(dim), steps = number(length * count);
  Value rest = arith::RemSIOp::create(e.b, size, number(length));
  // Where the rest begins in the last tile, and from where a chunk ends with it.
  Value back = arith::MaxSIOp::create(e.b, arith::SubIOp::create(e.b, size, number(1)), number(0));
  Value base = arith::SubIOp::create(e.b, back, arith::RemSIOp::create(e.b, back, steps));
  Value end = arith::SubIOp::create(e.b, size, base);
  Coords where = there;
  where.set(dim, {arith::SubIOp::create(e.b, end, number(length)), length, &e.current()});
  FailureOr<Tile> u = e.readScratch(kept, uDims, inputElement(), where, dim);
  FailureOr<RankedTensorType> type = e.tileType(dims, element, where);
  if (failed(u) || failed(type))
    return failure();
  Tile moved = renamed(*u, dim, j);
  auto line = getTensorType({NamedDim{j, length}}, e.b.getI64Type());
  Value place = tile::PosOp::create(e.b, line, number(0));
  Value from0 = tile::SpreadOp::create(e.b, line, arith::SubIOp::create(e.b, number(length), rest));
  Value valid = arith::CmpIOp::create(e.b, arith::CmpIPredicate::sge, place, from0);
  for (Value &part : moved) {
    auto own = llvm::cast<RankedTensorType>(part.getType());
    part = arith::SelectOp::create(e.b, e.spread(valid, own.clone(e.b.getI1Type())), part, zeros(own, 1)[0]);
  }
  Tile power;
  for (Value part : powers) {
    NamedDims names = replaced(getDims(part), i, {});
    power.push_back(tile::PickOp::create(e.b, getTensorType(names, getElement(part)), part, e.b.getStrArrayAttr({i.getValue()}), ValueRange{rest}));
  }
  Tile kept = timesEach(e, power, from, *type);
  return sumOfProducts(e, {{moved, replaced(uDims, dim, {{j, length}})}, {in, inDims}}, {j}, kept, element, *type,
                       withTables(where));
}

LogicalResult Toeplitz::end(const Tile &last) {
  if (endsFull() || op.getReverse())
    return Recurrence::end(last);
  if (walked.empty()) {
    FailureOr<Tile> final = finish(item, last);
    return failed(final) ? failure() : Recurrence::end(*final);
  }
  FailureOr<Tile> done = e.loops(walked, item, {}, [&](const Coords &there, const Tile &) -> FailureOr<Tile> {
    FailureOr<Tile> from = e.readScratch(memory, op.getInit(), there);
    if (failed(from))
      return failure();
    FailureOr<Tile> made = finish(there, *from);
    if (failed(made) || failed(e.writeScratch(memory, op.getInit(), *made, there)))
      return failure();
    return Tile();
  });
  return failed(done) ? failure() : Recurrence::end(last);
}

std::unique_ptr<Recurrence> makeToeplitz(Emitter &e, LinearRecurrenceOp op, const Coords &item) {
  return std::make_unique<Toeplitz>(e, op, item);
}

} // namespace ssm
