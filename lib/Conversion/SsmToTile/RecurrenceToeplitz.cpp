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
//===----------------------------------------------------------------------===//
#include "Recurrence.h"

#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {
namespace {

class Toeplitz : public Recurrence {
public:
  Toeplitz(Emitter &e, LinearRecurrenceOp op, const Coords &item)
      : Recurrence(e, op, item), i(named(".i")), j(named(".j")), m(named(".n")), length(e.plan().getSub()) {
    for (Value input : op.getInputs())
      (hasDim(input, dim) ? varying : constant).push_back(input);
    count = std::max<int64_t>(1, e.stepOf(dim) / std::max<int64_t>(length, 1));
    uDims = withDim(united(varying));
    for (const NamedDim &d : dims)
      if (findDim(uDims, d.name) && llvm::is_contained(walked, d.name))
        rows.push_back(d.name);
  }

  LogicalResult begin(Tile &carries) override;
  LogicalResult enter(const Coords &where, const Tile &carried) override;
  FailureOr<Tile> leave() override { return next; }
  LogicalResult end(const Tile &last) override;

private:
  struct Table {
    Tile outer, kernel; // c a^(i + 1) by [.., r, i], K as a matrix by [.., j, i]
    NamedDims outerDims, kernelDims;
    bool real = false; // nobody asks for the imaginary part
  };
  StringAttr named(StringRef suffix) { return StringAttr::get(op.getContext(), op.getDim() + suffix); }
  LogicalResult makeTables();
  LogicalResult makePowers(const Coords &where);
  LogicalResult makeTable(LinearRecurrenceOp::Readout readout, const Coords &where);
  /// K along the positions of a chunk, as the matrix of its shifts.
  FailureOr<Tile> spreadOut(const Tile &kernel, NamedDims kernelDims, const Coords &where);
  FailureOr<Tile> widened(ValueRange values, const Coords &where);
  Tile cast(const Tile &given, Type to);
  /// The product element by element, in f64, over both dimensions.
  FailureOr<Tile> times(const Tile &x, const Tile &y, NamedDims all, const Coords &where);
  FailureOr<Tile> inputs(const Coords &there);
  /// A tile of L as chunks and positions in them.
  Tile parted(const Tile &u);
  Type inputElement() {
    bool complex = llvm::any_of(varying, [](Value v) { return llvm::isa<ComplexType>(getElement(beforeComplex(v))); });
    return complex ? element : Emitter::partType(element);
  }
  FailureOr<Tile> over(const Coords &there, const Tile &from);
  FailureOr<Tile> read(unsigned number, const Coords &own);
  FailureOr<Tile> finish(const Coords &there, const Tile &from);
  bool endsFull() { return !ShapedType::isDynamic(e.staticSize(dim)) && e.staticSize(dim) % length == 0; }
  Coords withTables(const Coords &where);
  Type wide() { return parts == 2 ? Type(ComplexType::get(Float64Type::get(op.getContext()))) : Float64Type::get(op.getContext()); }

  StringAttr i, j, m; // positions of results and of inputs in a chunk, chunks in a tile
  int64_t length, count;
  SmallVector<Value> varying, constant;
  NamedDims uDims, aDims, inDims;
  SmallVector<StringAttr> rows; // walked dimensions that the inputs have
  Tile base64, powers64, powers, whole64, whole, in; // a, a^i, a^C, a^(C - 1 - j) b
  std::vector<Table> tables;
  Tile before, kept, next; // states before the chunks; the inputs of the last tile
  NamedDims beforeDims;
};

Coords Toeplitz::withTables(const Coords &where) {
  Coords all = where;
  all.set(i, {Value(), length, &e.program()});
  all.set(j, {Value(), length, &e.program()});
  all.set(m, {Value(), count, &e.program()});
  return all;
}

Tile Toeplitz::cast(const Tile &given, Type to) {
  Tile result;
  for (Value part : given) {
    auto type = llvm::cast<RankedTensorType>(part.getType()).clone(to);
    unsigned from = getElement(part).getIntOrFloatBitWidth(), into = to.getIntOrFloatBitWidth();
    if (from == into)
      result.push_back(part);
    else if (from < into)
      result.push_back(arith::ExtFOp::create(e.b, type, part));
    else
      result.push_back(arith::TruncFOp::create(e.b, type, part));
  }
  return result;
}

FailureOr<Tile> Toeplitz::widened(ValueRange values, const Coords &where) {
  FailureOr<Tile> made = product(values, where);
  if (failed(made))
    return failure();
  return cast(*made, e.b.getF64Type());
}

FailureOr<Tile> Toeplitz::times(const Tile &x, const Tile &y, NamedDims all, const Coords &where) {
  if (y.empty())
    return x;
  FailureOr<RankedTensorType> type = e.tileType(all, wide(), where);
  if (failed(type))
    return failure();
  return timesEach(e, x, y, *type);
}

LogicalResult Toeplitz::makePowers(const Coords &where) {
  Value decay = op.getAnyDecay();
  aDims = decay ? getDims(decay) : NamedDims();
  FailureOr<RankedTensorType> type = e.tileType(aDims, wide(), where);
  if (failed(type))
    return failure();
  Tile one = e.identity(Monoid::Mul, *type, parts == 2), base = one;
  if (decay) {
    FailureOr<Tile> given = widened(decay, where);
    if (failed(given))
      return failure();
    base = op.getLogDecay() ? exponentials(*given) : *given;
    for (unsigned part = base.size(); part < parts; ++part) // a real decay of a complex state
      base.push_back(zeros(*type, 1)[0]);
    base = e.spread(base, *type);
    base64 = base;
  }
  NamedDims stacked = getDims(*type);
  stacked.insert(stacked.begin(), NamedDim{i, length});
  SmallVector<Type> types(parts, getTensorType(stacked, e.b.getF64Type()));
  for (bool up : {true, false}) {
    StringAttr along = up ? i : j;
    if (!up)
      for (Type &t : types) {
        stacked.front().name = j;
        t = getTensorType(stacked, e.b.getF64Type());
      }
    auto recur = tile::RecurOp::create(e.b, along.getValue(), /*reverse=*/!up, Value(), one, ValueRange(), types);
    if (failed(e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
          Tile power(ValueRange(recur.getCarries())), all = timesEach(e, base, power, *type);
          all.append(power.begin(), power.end());
          tile::YieldOp::create(e.b, all);
          return success();
        })))
      return failure();
    Tile stack(ValueRange(recur.getOutputs()));
    if (up) {
      powers64 = stack;
      whole64 = Tile(ValueRange(recur.getFinals()));
    } else {
      in = stack; // a^(C - 1 - j), so far
    }
  }
  return success();
}

FailureOr<Tile> Toeplitz::spreadOut(const Tile &kernel, NamedDims kernelDims, const Coords &where) {
  StringAttr place = named(".k");
  Coords at = where;
  at.set(place, {Value(), length, &e.program()});
  NamedDims stored = kernelDims, matrix = kernelDims;
  stored.push_back({place, length});
  matrix.push_back({j, length});
  matrix.push_back({i, length});
  Type part = Emitter::partType(element);
  FailureOr<RankedTensorType> type = e.tileType(matrix, part, at);
  if (failed(type))
    return failure();
  RankedTensorType index = getTensorType({NamedDim{j, length}, NamedDim{i, length}}, e.b.getI64Type());
  Value zero = arith::ConstantIndexOp::create(e.b, 0);
  auto positions = [&](StringAttr name) {
    Value line = tile::PosOp::create(e.b, getTensorType({NamedDim{name, length}}, e.b.getI64Type()), zero);
    return e.spread(line, index);
  };
  // What is before the first is outside of the view, and 0.
  Value shift = arith::SubIOp::create(e.b, positions(i), positions(j));
  Tile result;
  for (Value values : renamed(kernel, i, place)) {
    FailureOr<Tile> view = e.scratch(stored, part, at);
    if (failed(view) || failed(e.writeScratch(*view, stored, {values}, at)))
      return failure();
    auto read = tile::ReadOp::create(e.b, TypeRange{*type}, (*view)[0], ArrayRef<StringRef>{place.getValue()}, ValueRange{shift});
    result.push_back(read.getResults()[0]);
  }
  return result;
}

LogicalResult Toeplitz::makeTable(LinearRecurrenceOp::Readout readout, const Coords &where) {
  tables.emplace_back();
  Table &table = tables.back();
  if (readout.result.use_empty())
    return success();
  Type part = Emitter::partType(element);
  FailureOr<Tile> c = widened(readout.factors, where), b = widened(constant, where);
  if (failed(c) || failed(b))
    return failure();
  NamedDims names = getDims(powers64[0]), all;
  uniteDims(names, united(readout.factors));
  FailureOr<Tile> read = times(powers64, *c, names, where); // c a^i
  if (failed(read))
    return failure();
  FailureOr<Tile> later = times(*read, base64, names, where);
  all = names;
  uniteDims(all, united(constant));
  FailureOr<Tile> response = times(*read, *b, all, where); // c a^i b, to be summed
  if (failed(later) || failed(response))
    return failure();
  table.real = parts == 2 && llvm::all_of(readout.result.getUsers(), [](Operation *user) {
                 auto map = llvm::dyn_cast<MapOp>(user);
                 return map && map.getFn() == MapFn::Re;
               });
  // [.., r, i], the imaginary part's sign as the real one takes it.
  table.outerDims = names;
  llvm::erase_if(table.outerDims, [&](const NamedDim &d) { return d.name == i; });
  table.outerDims.push_back({i, length});
  FailureOr<RankedTensorType> outerType = e.tileType(table.outerDims, part, where);
  if (failed(outerType))
    return failure();
  Tile outer = e.spread(cast(*later, part), *outerType);
  table.outer = {outer[0]};
  if (outer.size() == 2) {
    table.outer.push_back(arith::NegFOp::create(e.b, outer[1]));
    if (!table.real)
      table.outer.append({outer[1], outer[0]});
  }
  SmallVector<StringRef> over;
  for (StringRef name : readout.over)
    if (findDim(getDims((*response)[0]), name))
      over.push_back(name);
  Tile kernel;
  bool realInput = llvm::none_of(varying, [](Value v) { return llvm::isa<ComplexType>(getElement(beforeComplex(v))); });
  for (Value value : *response) {
    if (table.real && realInput && !kernel.empty())
      break;
    kernel.push_back(over.empty() ? value : tile::CombineOp::create(e.b, tile::Combiner::Add, value, over).getResults()[0]);
  }
  NamedDims kernelDims = all;
  llvm::erase_if(kernelDims, [&](const NamedDim &d) { return d.name == i || llvm::is_contained(readout.over, d.name.getValue()); });
  FailureOr<Tile> matrix = spreadOut(cast(kernel, part), kernelDims, where);
  if (failed(matrix))
    return failure();
  table.kernel = *matrix;
  table.kernelDims = kernelDims;
  table.kernelDims.append({NamedDim{j, length}, NamedDim{i, length}});
  return success();
}

LogicalResult Toeplitz::makeTables() {
  Coords where = withTables(item);
  if (failed(makePowers(where)))
    return failure();
  Type part = Emitter::partType(element);
  FailureOr<Tile> b = widened(constant, where);
  if (failed(b))
    return failure();
  inDims = getDims(in[0]);
  uniteDims(inDims, united(constant));
  FailureOr<Tile> scaled = times(in, *b, inDims, where);
  if (failed(scaled))
    return failure();
  in = cast(*scaled, part);
  powers = cast(powers64, part);
  whole = cast(whole64, part);
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
    if (failed(makeTable(readout, where)))
      return failure();
  return success();
}

LogicalResult Toeplitz::begin(Tile &carries) {
  if (length <= 0 || e.stepOf(dim) % length != 0)
    return e.refuse("the plan's steps along '" + Twine(dim.getValue()) + "' are not whole chunks");
  if (failed(Recurrence::begin(carries)) || failed(e.hoisted(kernelDims(op), item, [&] { return makeTables(); })))
    return failure();
  if (endsFull())
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
  auto step = [&](const Tile &s, const Tile &added) {
    Tile now = timesEach(e, whole, s, *type);
    for (auto [part, more] : llvm::zip(now, added))
      part = arith::AddFOp::create(e.b, part, e.spread(more, *type));
    return now;
  };
  // A chunk that is not full leaves the state.
  Value full;
  int64_t known = e.staticSize(dim);
  if (ShapedType::isDynamic(known) || known % (length * count) != 0) {
    Value left = arith::SubIOp::create(e.b, e.size(dim), tile.at);
    Value chunks = arith::DivSIOp::create(e.b, left, arith::ConstantIndexOp::create(e.b, length));
    auto line = count == 1 ? RankedTensorType::get({}, e.b.getI64Type()) : getTensorType({NamedDim{m, count}}, e.b.getI64Type());
    Value zero = arith::ConstantIndexOp::create(e.b, 0);
    Value place = count == 1 ? e.spread(tile::SpreadOp::create(e.b, line, zero).getResult(), line)
                             : tile::PosOp::create(e.b, line, zero).getResult();
    full = arith::CmpIOp::create(e.b, arith::CmpIPredicate::slt, place, tile::SpreadOp::create(e.b, line, chunks));
  }
  auto chosen = [&](Value flag, const Tile &now, const Tile &old) {
    Tile result;
    for (auto [a, b] : llvm::zip(now, old))
      result.push_back(flag ? arith::SelectOp::create(e.b, e.spread(flag, type->clone(e.b.getI1Type())), a, b).getResult() : a);
    return result;
  };
  if (count == 1) {
    Tile result = chosen(full, step(from, *x), from);
    result.append(from.begin(), from.end());
    return result;
  }
  Tile slices = *x;
  if (full)
    slices.push_back(full);
  NamedDims stacked = getDims(*type);
  stacked.insert(stacked.begin(), NamedDim{m, count});
  SmallVector<Type> types(parts, getTensorType(stacked, type->getElementType()));
  auto recur = tile::RecurOp::create(e.b, m.getValue(), /*reverse=*/false, Value(), from, slices, types);
  if (failed(e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
        Tile s(ValueRange(recur.getCarries()));
        ValueRange arguments(recur.getSliceArguments());
        Tile all = chosen(full ? arguments.back() : Value(), step(s, Tile(arguments.take_front(parts))), s);
        all.append(s.begin(), s.end());
        tile::YieldOp::create(e.b, all);
        return success();
      })))
    return failure();
  return Tile(recur.getResults());
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
  if (endsFull())
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

} // namespace

std::unique_ptr<Recurrence> makeToeplitz(Emitter &e, LinearRecurrenceOp op, const Coords &item) {
  return std::make_unique<Toeplitz>(e, op, item);
}

} // namespace ssm
