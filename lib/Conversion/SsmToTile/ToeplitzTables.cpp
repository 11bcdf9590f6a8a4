//===- ToeplitzTables.cpp - the tables of a convolution by chunks -----------===//
//
// Powers a^i by repeated products in f64, from them what a chunk's inputs leave, what a
// state gives along a chunk, and the kernel spread out as the matrix of its shifts; all
// rounded once.
//
//===----------------------------------------------------------------------===//
#include "RecurrenceToeplitz.h"

using namespace mlir;

namespace ssm {

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
  if (decay) {
    FailureOr<Tile> given = widened(decay, where);
    if (failed(given))
      return failure();
    Tile base = op.getLogDecay() ? exponentials(*given) : *given;
    for (unsigned part = base.size(); part < parts; ++part) // a real decay of a complex state
      base.push_back(zeros(*type, 1)[0]);
    base = e.spread(base, *type);
    base64 = base;
  }
  // The inputs of a chunk decay until its end, the state from its beginning; from the end the
  // other way round.
  bool back = op.getReverse();
  FailureOr<Tile> up = powersAlong(i, false, *type, Value(), &whole64), inward = powersAlong(j, !back, *type, Value(), nullptr);
  if (failed(up) || failed(inward))
    return failure();
  powers64 = outer64 = *up;
  in = *inward;
  if (!back)
    return success();
  FailureOr<Tile> down = powersAlong(i, true, *type, Value(), nullptr);
  FailureOr<Tile> some = endsFull() ? FailureOr<Tile>(Tile()) : powersAlong(i, true, *type, restOf(), nullptr);
  if (failed(down) || failed(some))
    return failure();
  outer64 = *down;
  rest64 = *some;
  return success();
}

FailureOr<Tile> Toeplitz::powersAlong(StringAttr along, bool fromEnd, RankedTensorType type, Value some, Tile *whole) {
  NamedDims stacked = getDims(type);
  stacked.insert(stacked.begin(), NamedDim{along, length});
  SmallVector<Type> types(parts, getTensorType(stacked, e.b.getF64Type()));
  Tile one = e.identity(Monoid::Mul, type, parts == 2), base = base64.empty() ? one : base64;
  auto recur = tile::RecurOp::create(e.b, along.getValue(), /*reverse=*/fromEnd, some, one, ValueRange(), types);
  if (failed(e.within(recur, recur.getBody().front(), [&]() -> LogicalResult {
        Tile power(ValueRange(recur.getCarries())), all = timesEach(e, base, power, type);
        all.append(power.begin(), power.end());
        tile::YieldOp::create(e.b, all);
        return success();
      })))
    return failure();
  if (whole)
    *whole = Tile(ValueRange(recur.getFinals()));
  return Tile(ValueRange(recur.getOutputs()));
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
  Value later = positions(op.getReverse() ? j : i), earlier = positions(op.getReverse() ? i : j);
  Value shift = arith::SubIOp::create(e.b, later, earlier);
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
  all = names;
  uniteDims(all, united(constant));
  FailureOr<Tile> response = times(*read, *b, all, where); // c a^i b, to be summed
  if (failed(response))
    return failure();
  table.real = parts == 2 && llvm::all_of(readout.result.getUsers(), [](Operation *user) {
                 auto map = llvm::dyn_cast<MapOp>(user);
                 return map && map.getFn() == MapFn::Re;
               });
  table.outerDims = names;
  llvm::erase_if(table.outerDims, [&](const NamedDim &d) { return d.name == i; });
  table.outerDims.push_back({i, length});
  FailureOr<Tile> outer = outerTable(table, *c, outer64, names, where);
  FailureOr<Tile> rest = rest64.empty() ? FailureOr<Tile>(Tile()) : outerTable(table, *c, rest64, names, where);
  if (failed(outer) || failed(rest))
    return failure();
  table.outer = *outer;
  table.rest = *rest;
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

FailureOr<Tile> Toeplitz::outerTable(Table &table, const Tile &c, const Tile &powers, NamedDims names, const Coords &where) {
  Type part = Emitter::partType(element);
  FailureOr<Tile> read = times(powers, c, names, where);
  FailureOr<Tile> later = failed(read) ? read : times(*read, base64, names, where);
  FailureOr<RankedTensorType> type = e.tileType(table.outerDims, part, where);
  if (failed(later) || failed(type))
    return failure();
  // [.., r, i], the imaginary part's sign as the real one takes it.
  Tile outer = e.spread(cast(*later, part), *type), result{outer[0]};
  if (outer.size() == 2) {
    result.push_back(arith::NegFOp::create(e.b, outer[1]));
    if (!table.real)
      result.append({outer[1], outer[0]});
  }
  return result;
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
  if (op.getReverse() && !endsFull()) {
    Value rest = restOf();
    for (Value power : powers) {
      NamedDims names = getDims(power);
      llvm::erase_if(names, [&](const NamedDim &d) { return d.name == i; });
      restWhole.push_back(tile::PickOp::create(e.b, getTensorType(names, getElement(power)), power,
                                               e.b.getStrArrayAttr({i.getValue()}), ValueRange{rest}));
    }
  }
  for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
    if (failed(makeTable(readout, where)))
      return failure();
  return success();
}

} // namespace ssm
