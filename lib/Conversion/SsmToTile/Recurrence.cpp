//===- Recurrence.cpp - what the forms of a recurrence share ----------------===//
#include "Recurrence.h"

#include "../SsmToLinalg/FunctionTable.h"
#include "ssm/Dialect/Ssm/Semiring.h"
#include "ssm/Plan/RecurrenceForms.h"

using namespace mlir;

namespace ssm {

Recurrence::Recurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item)
    : e(e), op(op), dim(StringAttr::get(op.getContext(), op.getDim())), element(getElement(op.getInit())),
      parts(llvm::isa<ComplexType>(element) ? 2 : 1), dims(getDims(op.getInit())), item(item),
      walked(e.unbound(dims, item)) {}

LogicalResult Recurrence::begin(Tile &carries) {
  Value init = op.getInit();
  if (walked.empty()) {
    FailureOr<Tile> tile = e.demand(init, item);
    if (failed(tile))
      return failure();
    carries.append(tile->begin(), tile->end());
    return success();
  }
  FailureOr<Tile> views = e.scratch(init, item);
  if (failed(views))
    return failure();
  memory = *views;
  FailureOr<Tile> filled = e.loops(walked, item, {}, [&](const Coords &where, const Tile &) -> FailureOr<Tile> {
    FailureOr<Tile> tile = e.demand(init, where);
    if (failed(tile) || failed(e.writeScratch(memory, init, *tile, where)))
      return failure();
    return Tile();
  });
  return failure(failed(filled));
}

LogicalResult Recurrence::end(const Tile &last) {
  if (walked.empty())
    e.pin(op.getFinal(), item, last);
  else
    e.back(op.getFinal(), memory);
  return success();
}

Monoid Recurrence::addition() { return additionMonoid(op.getSemiring()); }

Value Recurrence::plus(Value a, Value b) { return emitCombine(e.b, e.b.getLoc(), addition(), a, b); }

NamedDims Recurrence::united(ValueRange values) {
  NamedDims all;
  for (Value value : values)
    uniteDims(all, getDims(value));
  return all;
}

NamedDims Recurrence::withDim(NamedDims all) {
  if (!findDim(all, dim))
    all.insert(all.begin(), NamedDim{dim});
  return all;
}

SmallVector<StringAttr> Recurrence::walkedOf(ArrayRef<StringAttr> some) {
  SmallVector<StringAttr> found;
  for (StringAttr name : walked)
    if (llvm::is_contained(some, name))
      found.push_back(name);
  return found;
}

SmallVector<StringAttr> Recurrence::summed(LinearRecurrenceOp::Readout &readout) {
  SmallVector<StringAttr> names;
  for (StringRef name : readout.over)
    names.push_back(StringAttr::get(readout.result.getContext(), name));
  return names;
}

FailureOr<Tile> Recurrence::state(const Coords &where) {
  return walked.empty() ? FailureOr<Tile>(carry) : e.readScratch(memory, op.getInit(), where);
}

FailureOr<Tile> Recurrence::product(ValueRange values, const Coords &where) {
  Tile result;
  NamedDims have;
  for (Value value : values) {
    value = beforeComplex(value);
    FailureOr<Tile> factor = e.demand(value, where);
    if (failed(factor))
      return failure();
    uniteDims(have, getDims(value));
    FailureOr<RankedTensorType> type = e.tileType(have, element, where);
    if (failed(type))
      return failure();
    if (result.empty())
      result = *factor;
    else if (op.getSemiring() == Semiring::Real)
      result = timesEach(e, result, *factor, *type);
    else
      result = {arith::AddFOp::create(e.b, e.spread(result, *type)[0], e.spread(*factor, *type)[0])};
  }
  return result;
}

FailureOr<Tile> Recurrence::product(ValueRange values, ArrayRef<NamedDim> wanted, const Coords &where) {
  FailureOr<Tile> result = product(values, where);
  FailureOr<RankedTensorType> type = e.tileType(wanted, element, where);
  if (failed(result) || failed(type))
    return failure();
  return e.spread(*result, *type);
}

Tile Recurrence::inside(const Tile &given, ValueRange values, ArrayRef<StringAttr> along, const Coords &where) {
  auto isZero = [&](Value value) {
    return isReadAsItLies(beforeComplex(value)) ||
           llvm::none_of(along, [&](StringAttr name) { return hasDim(value, name); });
  };
  if (llvm::all_of(values, isZero))
    return given;
  Tile zero;
  for (Value part : given) {
    auto scalar = RankedTensorType::get({}, getElement(part));
    zero.push_back(e.splat(llvm::cast<TypedAttr>(e.b.getZeroAttr(scalar.getElementType())), scalar));
  }
  return e.maskTail(given, along, where, zero);
}

Tile Recurrence::renamed(const Tile &given, StringAttr from, StringAttr to) {
  Tile result;
  for (Value part : given) {
    NamedDims names = getDims(part);
    for (NamedDim &d : names)
      if (d.name == from)
        d.name = to;
    Type type = getTensorType(names, getElement(part));
    result.push_back(type == part.getType() ? part : tile::RenameOp::create(e.b, type, part).getResult());
  }
  return result;
}

Tile Recurrence::exponentials(const Tile &x) {
  if (x.size() == 1)
    return {emitMap(e.b, e.b.getLoc(), MapFn::Exp, x, x[0].getType())};
  Place place{e.b, e.b.getLoc(), /*single=*/e.options.hardware};
  return Tile(emitComplexParts(place, MapFn::Exp, x));
}

Tile Recurrence::zeros(RankedTensorType type, unsigned count) {
  return Tile(count, e.splat(llvm::cast<TypedAttr>(e.b.getZeroAttr(type.getElementType())), type));
}

std::unique_ptr<Recurrence> makeRecurrence(Emitter &e, LinearRecurrenceOp op, const Coords &item, ScoreGroups &groups) {
  // One position is a step.
  bool single = e.staticSize(op.getDim()) == 1;
  switch (single ? PlanForm::Sequential : formUnder(op, e.plan().getForm())) {
  case PlanForm::Chunk:
    return hasChunkForm(op) ? makeChunk(e, op, item, groups) : makeFactored(e, op, item, groups);
  case PlanForm::Toeplitz:
    return makeToeplitz(e, op, item);
  default:
    return makeSteps(e, op, item);
  }
}

} // namespace ssm
