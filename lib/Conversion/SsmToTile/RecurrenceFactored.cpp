//===- RecurrenceFactored.cpp - chunks whose decay varies along what is summed --===//
//
// Where the decay is a product of a, along what the read-out sums, and b, along what it
// keeps, with w and x their products from j + 1 to i,
//
//   P[i, j] = sum of q[i] w[i, j] k[j]                        for j <= i
//   y[i]    = b.. a.. q[i] S + sum over j of P[i, j] x[i, j] v[j]
//   S'      = b.. a.. S + sum over j of (w[C-1, j] k[j]) (x[C-1, j] v[j])
//
// Products with the state are of matrices. The keys of a chunk decay together: step i
// multiplies those before it by a[i], takes in its own, and sums them with q[i] to a row
// of P; the same with b and values where there is one. A decay is only ever multiplied by
// those that follow it, so nothing is divided by what may be nearly or wholly zero, and
// its sign does not matter. Short chunks are best: rows cost C times what is summed.
//
//===----------------------------------------------------------------------===//
#include "RecurrenceProducts.h"

#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {
namespace {

class Factored : public ProductRecurrence {
public:
  Factored(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups)
      : ProductRecurrence(e, op, item, groups), decay(*factorDecay(op)) {}

private:
  /// Of one of the decay's factors in the chunk.
  struct Decays {
    Tile each, until, after; // a step's; their product until a step, that one too; after it
    NamedDims dims;
  };
  FailureOr<Scores> score() override;
  FailureOr<Tile> read(const Coords &own) override;
  FailureOr<Tile> next(const Coords &there) override;

  FailureOr<Decays> decays(ArrayRef<DecayTerm> terms, const Coords &there);
  /// Their product along the chunk, at each step what is before the next.
  FailureOr<Tile> multiplied(const Tile &each, bool against);
  FailureOr<Tile> readDecayed(const Tile &acc, const Decays &factor, const Coords &there);
  NamedDims without(NamedDims names, StringAttr dim) {
    llvm::erase_if(names, [&](const NamedDim &d) { return d.name == dim; });
    return names;
  }

  FactoredDecay decay;
};

FailureOr<Tile> Factored::multiplied(const Tile &each, bool against) {
  auto all = llvm::cast<RankedTensorType>(each[0].getType());
  RankedTensorType one = getTensorType(without(getDims(all), dim), all.getElementType());
  NamedDims stacked = getDims(one);
  stacked.insert(stacked.begin(), NamedDim{dim, tile.size});
  SmallVector<Type> types(each.size(), getTensorType(stacked, all.getElementType()));
  FailureOr<Tile> results = walk(against, e.identity(Monoid::Mul, one, each.size() == 2), each, types,
                                 [&](const Tile &slices, const Tile &carries) {
    Tile made = timesEach(e, slices, carries, one);
    const Tile &output = against ? carries : made;
    made.append(Tile(output));
    return made;
  });
  if (failed(results))
    return failure();
  return Tile(ArrayRef(*results).drop_front(each.size()));
}

FailureOr<Factored::Decays> Factored::decays(ArrayRef<DecayTerm> terms, const Coords &there) {
  Decays made;
  for (const DecayTerm &term : terms)
    uniteDims(made.dims, getDims(beforeComplex(term.value)));
  made.dims = withDim(made.dims);
  FailureOr<RankedTensorType> type = e.tileType(made.dims, element, there);
  if (failed(type))
    return failure();
  for (const DecayTerm &term : terms) {
    FailureOr<Tile> given = e.demand(beforeComplex(term.value), there);
    if (failed(given))
      return failure();
    if (made.each.empty() && !term.minus) {
      made.each = e.spread(*given, *type);
    } else if (!op.getLogDecay()) {
      made.each = timesEach(e, made.each, *given, *type);
    } else {
      if (made.each.empty())
        made.each = zeros(*type, given->size());
      Tile more = shaped(*given, *type, made.each.size());
      made.each = shaped(made.each, *type, more.size());
      for (auto [part, added] : llvm::zip(made.each, more))
        part = term.minus ? arith::SubFOp::create(e.b, part, added).getResult() : arith::AddFOp::create(e.b, part, added).getResult();
    }
  }
  made.each = oneBeyond(op.getLogDecay() ? exponentials(made.each) : made.each, *type);
  FailureOr<Tile> until = multiplied(made.each, false), after = multiplied(made.each, true);
  if (failed(until) || failed(after))
    return failure();
  made.until = *until;
  made.after = *after;
  return made;
}

FailureOr<Scores> Factored::score() {
  // Keys of all positions, then a row of what they give: the inputs' positions along vectors.
  NamedDims keyed = without(keyDims(), dim), rowDims;
  for (const DecayTerm &term : decay.keys)
    uniteDims(keyed, without(getDims(beforeComplex(term.value)), dim));
  NamedDims met = keyed;
  uniteDims(met, without(queryDims(), dim));
  for (const NamedDim &d : met)
    if (!llvm::is_contained(over, d.name))
      rowDims.push_back(d);
  for (NamedDims *some : {&keyed, &met, &rowDims})
    some->push_back({other, tile.size});
  Scores made;
  made.dims = withPlaces(withDim(rowDims));
  FailureOr<RankedTensorType> row = e.tileType(rowDims, element, both(at)), type = e.tileType(made.dims, element, both(at));
  if (failed(row) || failed(type))
    return failure();
  auto isComplexDecay = [](const DecayTerm &term) { return llvm::isa<ComplexType>(getElement(beforeComplex(term.value))); };
  unsigned keyParts = isComplex(keys) || llvm::any_of(decay.keys, isComplexDecay) ? 2 : 1;
  unsigned count = keyParts == 2 || isComplex(readout.factors) ? 2 : 1;
  NamedDims stacked = getDims(*row);
  stacked.insert(stacked.begin(), NamedDim{dim, tile.size});
  RankedTensorType rows = getTensorType(stacked, row->getElementType());
  SmallVector<StringRef> names;
  for (StringAttr name : over)
    names.push_back(name.getValue());
  FailureOr<Tile> sums = e.loops(around(), both(at), zeros(rows, count), [&](const Coords &there, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> q = queries(there), k = keysAt(there);
    FailureOr<Decays> factor = decays(decay.keys, there);
    FailureOr<RankedTensorType> kept = e.tileType(keyed, element, there), all = e.tileType(met, element, there);
    if (failed(q) || failed(k) || failed(factor) || failed(kept) || failed(all))
      return failure();
    Tile slices = factor->each;
    slices.append(*k);
    slices.append(*q);
    slices.push_back(places());
    Value sources = renamed({slices.back()}, dim, other)[0];
    FailureOr<Tile> results = walk(false, zeros(*kept, keyParts), slices, SmallVector<Type>(count, rows),
                                   [&](const Tile &given, const Tile &carries) {
      ArrayRef<Value> parts = ArrayRef(given).drop_back();
      Tile a(parts.take_front(factor->each.size())), key(parts.slice(a.size(), k->size())), query(parts.take_back(q->size()));
      Tile next = takeIn(timesEach(e, a, carries, *kept), shaped(key, *kept, keyParts), given.back(), sources);
      Tile terms = timesEach(e, query, next, *all);
      for (Value part : terms)
        next.push_back(e.spread(tile::CombineOp::create(e.b, tile::Combiner::Add, part, names).getResults()[0], *row));
      return next;
    });
    if (failed(results))
      return failure();
    Tile made(ArrayRef(*results).drop_front(keyParts));
    if (!around().empty())
      for (auto [part, sum] : llvm::zip(made, acc))
        part = arith::AddFOp::create(e.b, sum, part);
    return made;
  });
  if (failed(sums))
    return failure();
  made.weights = e.spread(*sums, *type);
  return made;
}

FailureOr<Tile> Factored::read(const Coords &own) {
  Coords there = at;
  there.add(own);
  FailureOr<RankedTensorType> type = e.tileType(getDims(readout.result), element, there);
  if (failed(type))
    return failure();
  FailureOr<Tile> y = e.loops(around(), there, zeros(*type, parts), [&](const Coords &place, const Tile &acc) -> FailureOr<Tile> {
    FailureOr<Tile> q = queries(place), s = state(place);
    FailureOr<Decays> factor = decays(decay.keys, place);
    if (failed(q) || failed(s) || failed(factor))
      return failure();
    NamedDims names = queryDims();
    uniteDims(names, factor->dims);
    FailureOr<RankedTensorType> decayed = e.tileType(names, element, place);
    if (failed(decayed))
      return failure();
    return sumOfProducts(e, {{timesEach(e, factor->until, *q, *decayed), names}, {*s, dims}}, over, acc, element, *type, place);
  });
  if (failed(y) || decay.values.empty())
    return failed(y) ? y : readValues(*y, there);
  FailureOr<Decays> factor = decays(decay.values, there);
  if (failed(factor))
    return failure();
  return readDecayed(timesEach(e, factor->until, *y, *type), *factor, there);
}

/// `acc` and the values under their own decays, row by row.
FailureOr<Tile> Factored::readDecayed(const Tile &acc, const Decays &factor, const Coords &there) {
  NamedDims valued{NamedDim{other, tile.size}}, results = without(getDims(readout.result), dim);
  for (const NamedDims &some : {without(valueDims(), dim), without(factor.dims, dim)})
    uniteDims(valued, some);
  NamedDims met = valued;
  uniteDims(met, results);
  FailureOr<RankedTensorType> kept = e.tileType(valued, element, both(there)), all = e.tileType(met, element, both(there));
  FailureOr<RankedTensorType> row = e.tileType(results, element, there), type = e.tileType(getDims(readout.result), element, there);
  FailureOr<Tile> v = values.empty() ? FailureOr<Tile>(Tile()) : valuesAt(there);
  if (failed(kept) || failed(all) || failed(row) || failed(type) || failed(v))
    return failure();
  unsigned count = isComplex(values) || factor.each.size() == 2 ? 2 : 1;
  Tile one = e.identity(Monoid::Mul, *kept, false), slices = factor.each;
  slices.append(*v);
  slices.append(scores.weights);
  slices.push_back(places());
  Value sources = renamed({slices.back()}, dim, other)[0];
  NamedDims stacked = getDims(*row);
  stacked.insert(stacked.begin(), NamedDim{dim, tile.size});
  SmallVector<Type> types(parts, getTensorType(stacked, row->getElementType()));
  FailureOr<Tile> made = walk(false, zeros(*kept, count), slices, types, [&](const Tile &given, const Tile &carries) {
    ArrayRef<Value> parts = ArrayRef(given).drop_back();
    Tile a(parts.take_front(factor.each.size())), weights(parts.take_back(scores.weights.size()));
    Tile value = values.empty() ? one : Tile(parts.slice(a.size(), v->size()));
    Tile next = takeIn(timesEach(e, a, carries, *kept), shaped(value, *kept, count), given.back(), sources);
    Tile terms = shaped(timesEach(e, weights, next, *all), *all, this->parts);
    for (Value part : terms)
      next.push_back(e.spread(tile::CombineOp::create(e.b, tile::Combiner::Add, part, {other.getValue()}).getResults()[0], *row));
    return next;
  });
  if (failed(made))
    return failure();
  Tile y = shaped(Tile(ArrayRef(*made).drop_front(count)), *type, parts);
  for (auto [part, sum] : llvm::zip(y, acc))
    part = arith::AddFOp::create(e.b, sum, part);
  return y;
}

FailureOr<Tile> Factored::next(const Coords &there) {
  FailureOr<Tile> s = state(there);
  FailureOr<RankedTensorType> type = e.tileType(dims, element, there);
  if (failed(s) || failed(type))
    return failure();
  SmallVector<Factor> factors;
  for (ArrayRef<DecayTerm> terms : {ArrayRef(decay.keys), ArrayRef(decay.values)}) {
    if (terms.empty())
      continue;
    FailureOr<Decays> factor = decays(terms, there);
    if (failed(factor))
      return failure();
    s = timesEach(e, pick(factor->until, dim, lastPlace()), *s, *type);
    factors.push_back({factor->after, factor->dims});
  }
  return addProducts(*s, factors, there);
}

} // namespace

std::unique_ptr<Recurrence> makeFactored(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups) {
  return std::make_unique<Factored>(e, op, item, groups);
}

} // namespace ssm
