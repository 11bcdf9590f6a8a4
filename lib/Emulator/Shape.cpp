//===- Shape.cpp - reductions, broadcasts, slices, masks --------------------===//
#include "Machine.h"

#include <cmath>

using namespace mlir;

namespace ssm::emulator {
namespace {

float combine(tile::Combine kind, float a, float b) {
  if (isPoison(a) || isPoison(b))
    return poison();
  switch (kind) {
  case tile::Combine::AddF:
    return a + b;
  case tile::Combine::MulF:
    return a * b;
  case tile::Combine::MaxNumF:
    return std::fmax(a, b);
  case tile::Combine::MinNumF:
    return std::fmin(a, b);
  case tile::Combine::MaximumF:
    return a != a ? a : b != b ? b : std::fmax(a, b);
  case tile::Combine::MinimumF:
    return a != a ? a : b != b ? b : std::fmin(a, b);
  default:
    break;
  }
  return a;
}

int32_t combine(tile::Combine kind, int32_t a, int32_t b) {
  return kind == tile::Combine::MaxSI ? std::max(a, b) : kind == tile::Combine::MinSI ? std::min(a, b) : a + b;
}

/// Row-major walk: calls f(index, position).
template <typename F> void forEach(ArrayRef<int64_t> shape, F f) {
  int64_t total = 1;
  for (int64_t size : shape)
    total *= size;
  SmallVector<int64_t, 4> index(shape.size(), 0);
  for (int64_t i = 0; i < total; ++i) {
    f(ArrayRef<int64_t>(index), i);
    for (size_t k = shape.size(); k-- > 0;) {
      if (++index[k] < shape[k])
        break;
      index[k] = 0;
    }
  }
}

int64_t position(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t at = 0;
  for (auto [size, i] : llvm::zip(shape, index))
    at = at * size + i;
  return at;
}

/// Combines values by halves, as threads and lanes do: what is off grows with the number of halvings.
template <typename T> T combineAll(tile::Combine kind, ArrayRef<T> values) {
  if (values.size() == 1)
    return values.front();
  size_t half = values.size() / 2;
  return combine(kind, combineAll(kind, values.take_front(half)), combineAll(kind, values.drop_front(half)));
}

/// Combines what falls on one element of the result. `to` gives its index.
TileValue reduceTo(RankedTensorType type, tile::Combine kind, const TileValue &in, const TileValue *init,
                   function_ref<SmallVector<int64_t, 4>(ArrayRef<int64_t>)> to) {
  TileValue out = init ? *init : TileValue::of(type);
  std::vector<SmallVector<float, 0>> floats(in.isFloat ? out.size() : 0);
  std::vector<SmallVector<int32_t, 0>> integers(in.isFloat ? 0 : out.size());
  forEach(in.shape, [&](ArrayRef<int64_t> index, int64_t i) {
    int64_t at = position(out.shape, to(index));
    in.isFloat ? floats[at].push_back(in.floats[i]) : integers[at].push_back(in.integers[i]);
  });
  for (auto [i, values] : llvm::enumerate(floats)) {
    float all = combineAll<float>(kind, values);
    out.floats[i] = init ? combine(kind, out.floats[i], all) : all;
  }
  for (auto [i, values] : llvm::enumerate(integers)) {
    int32_t all = combineAll<int32_t>(kind, values);
    out.integers[i] = init ? combine(kind, out.integers[i], all) : all;
  }
  return out;
}

TileValue scan(tile::ScanOp op, const TileValue &in, const TileValue *scale) {
  TileValue out = in;
  int64_t length = in.shape.back(), within = op.getWithin().value_or(length);
  for (int64_t start = 0; start < in.size(); start += within)
    for (int64_t k = 1; k < within; ++k) {
      int64_t i = op.getReverse() ? start + within - 1 - k : start + k, before = op.getReverse() ? i + 1 : i - 1;
      if (!in.isFloat)
        out.integers[i] = combine(op.getKind(), out.integers[before], in.integers[i]);
      else if (scale)
        out.floats[i] = std::fma(scale->floats[i], out.floats[before], in.floats[i]);
      else
        out.floats[i] = combine(op.getKind(), out.floats[before], in.floats[i]);
    }
  return out;
}

void copyElement(TileValue &to, int64_t at, const TileValue &from, int64_t i) {
  if (to.isFloat)
    to.floats[at] = from.floats[i];
  else
    to.integers[at] = from.integers[i];
}

TileValue broadcast(RankedTensorType type, const Datum &from, Type fromType) {
  TileValue out = TileValue::of(type);
  if (from.kind != Datum::Kind::Tile) {
    std::fill(out.floats.begin(), out.floats.end(), from.real);
    std::fill(out.integers.begin(), out.integers.end(), int32_t(from.scalar));
    return out;
  }
  bool isCol = isa<tile::ColAttr>(tile::layoutOf(fromType));
  forEach(out.shape, [&](ArrayRef<int64_t> index, int64_t i) {
    SmallVector<int64_t, 4> source(index);
    source.erase(isCol ? source.end() - 2 : source.end() - 1);
    copyElement(out, i, *from.tile, position(from.tile->shape, source));
  });
  return out;
}

} // namespace

Handled runShape(Machine &machine, Core &core, Operation *op) {
  auto tileOf = [&](Value v) -> const TileValue & { return *machine.value(core, v).tile; };
  auto done = [&](TileValue result) { return machine.give(core, op, Datum::ofTile(std::move(result))); };

  if (auto fold = dyn_cast<tile::FoldOp>(op))
    return done(reduceTo(cast<RankedTensorType>(fold.getType()), fold.getKind(), tileOf(fold.getSource()),
                         fold.getInit() ? &tileOf(fold.getInit()) : nullptr, [](ArrayRef<int64_t> index) {
                           SmallVector<int64_t, 4> to(index);
                           to.back() = to.back() % 8 / 2;
                           return to;
                         }));
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    auto from = cast<RankedTensorType>(reduce.getSource().getType()), to = cast<RankedTensorType>(reduce.getType());
    bool overRows = isa<tile::ColAttr>(tile::layoutOf(to)) ||
                    (isa<tile::LanesAttr>(tile::layoutOf(from)) && isa<tile::LanesAttr>(tile::layoutOf(to)));
    if (reduce.getVia())
      machine.meet(core);
    return done(reduceTo(to, reduce.getKind(), tileOf(reduce.getSource()), nullptr, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t, 4> rest(index);
      rest.erase(overRows ? rest.end() - 2 : rest.end() - 1);
      return rest;
    }));
  }
  if (auto running = dyn_cast<tile::ScanOp>(op))
    return done(scan(running, tileOf(running.getSource()), running.getScale() ? &tileOf(running.getScale()) : nullptr));
  if (auto gather = dyn_cast<tile::GatherOp>(op)) {
    const TileValue &in = tileOf(gather.getSource());
    TileValue out = in;
    int64_t length = in.shape.back();
    for (int64_t i = 0; i < in.size(); ++i)
      copyElement(out, i, in, i / length * length + evaluate(gather.getMap().getResult(0), {i % length}, {}));
    return done(std::move(out));
  }
  if (auto cast_ = dyn_cast<tile::BroadcastOp>(op))
    return done(broadcast(cast<RankedTensorType>(cast_.getType()), machine.value(core, cast_.getSource()), cast_.getSource().getType()));
  if (auto convert = dyn_cast<tile::ConvertOp>(op))
    return machine.give(core, op, machine.value(core, convert.getSource()));
  if (auto slice = dyn_cast<tile::SliceOp>(op)) {
    const TileValue &in = tileOf(slice.getSource());
    SmallVector<int64_t, 4> offsets;
    for (OpFoldResult offset : slice.getMixedOffsets())
      offsets.push_back(machine.scalar(core, offset));
    auto type = cast<RankedTensorType>(slice.getType());
    TileValue out = TileValue::of(type);
    size_t dropped = in.shape.size() - out.shape.size();
    bool inside = true;
    forEach(out.shape, [&](ArrayRef<int64_t> index, int64_t i) {
      SmallVector<int64_t, 4> from(offsets);
      for (auto [k, x] : llvm::enumerate(index))
        from[k + dropped] += x;
      for (auto [x, size] : llvm::zip(from, in.shape))
        inside &= x >= 0 && x < size;
      if (inside)
        copyElement(out, i, in, position(in.shape, from));
    });
    if (!inside)
      return machine.fault(core, op, "slices past the end of a tile");
    return done(std::move(out));
  }
  if (auto insert = dyn_cast<tile::InsertOp>(op)) {
    TileValue out = tileOf(insert.getDest());
    const TileValue &in = tileOf(insert.getSource());
    SmallVector<int64_t, 4> offsets;
    for (OpFoldResult offset : insert.getMixedOffsets())
      offsets.push_back(machine.scalar(core, offset));
    size_t dropped = out.shape.size() - in.shape.size();
    forEach(in.shape, [&](ArrayRef<int64_t> index, int64_t i) {
      SmallVector<int64_t, 4> to(offsets);
      for (auto [k, x] : llvm::enumerate(index))
        to[k + dropped] += x;
      copyElement(out, position(out.shape, to), in, i);
    });
    return done(std::move(out));
  }
  if (auto mask = dyn_cast<tile::MaskOp>(op)) {
    TileValue out = tileOf(mask.getSource());
    if (mask.getPredicate() && !machine.value(core, mask.getPredicate()).scalar)
      return done(std::move(out));
    IntegerSet set = mask.getSet();
    SmallVector<int64_t> symbols;
    for (Value symbol : mask.getSymbols())
      symbols.push_back(machine.value(core, symbol).scalar);
    const Datum &fill = machine.value(core, mask.getFill());
    forEach(out.shape, [&](ArrayRef<int64_t> index, int64_t i) {
      ArrayRef<int64_t> dims = index.take_back(set.getNumDims());
      bool in = true;
      for (unsigned k = 0; k < set.getNumConstraints() && in; ++k) {
        int64_t v = evaluate(set.getConstraint(k), dims, symbols);
        in = set.isEq(k) ? v == 0 : v >= 0;
      }
      if (in)
        return;
      if (out.isFloat)
        out.floats[i] = fill.real;
      else
        out.integers[i] = int32_t(fill.scalar);
    });
    return done(std::move(out));
  }
  if (auto iota = dyn_cast<tile::IotaOp>(op)) {
    TileValue out = TileValue::of(cast<RankedTensorType>(iota.getType()));
    forEach(out.shape, [&](ArrayRef<int64_t> index, int64_t i) { out.integers[i] = int32_t(index[iota.getDim()]); });
    return done(std::move(out));
  }
  if (auto any = dyn_cast<tile::AnyOp>(op)) {
    const TileValue &in = tileOf(any.getSource());
    return machine.give(core, op, Datum::ofScalar(llvm::any_of(in.integers, [](int32_t x) { return x != 0; })));
  }
  if (auto pin = dyn_cast<tile::PinOp>(op)) {
    for (auto [out, in] : llvm::zip(pin.getOutputs(), pin.getInputs()))
      machine.set(core, out, machine.value(core, in));
    return Machine::Step::Done;
  }
  return std::nullopt;
}

} // namespace ssm::emulator
