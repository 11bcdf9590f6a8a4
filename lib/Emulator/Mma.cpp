//===- Mma.cpp - products in flight -----------------------------------------===//
//
// A product is computed when it is started; its accumulator is readable, and what it
// reads may be overwritten, only when its group has been waited for.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

using namespace mlir;

namespace ssm::emulator {
namespace {

/// An operand as rows x columns of floats.
struct Matrix {
  int64_t rows, columns;
  std::vector<float> data;
};

Machine::Step operand(Machine &machine, Core &core, Operation *op, Value from, Product *product, Matrix &out) {
  const Datum &datum = machine.value(core, from);
  if (datum.kind == Datum::Kind::Tile) {
    out = {datum.tile->shape[0], datum.tile->shape[1], datum.tile->floats};
    return Machine::Step::Done;
  }
  const SharedView view = datum.shared;
  unsigned rank = view.shape.size();
  out = {view.shape[rank - 2], view.shape[rank - 1], {}};
  out.data.reserve(out.rows * out.columns);
  product->storages.insert(view.storage);
  SmallVector<const Knowledge *, 4> known;
  for (unsigned warp : core.warps)
    known.push_back(&machine.clocks[warp]);
  for (int64_t r = 0; r < out.rows; ++r)
    for (int64_t c = 0; c < out.columns; ++c) {
      int64_t at = view.offset + r * view.strides[rank - 2] + c * view.strides[rank - 1];
      std::string wrong = view.storage->openRead(at, known);
      product->reads.push_back({view.storage, at});
      if (!wrong.empty())
        return machine.fault(core, op, wrong);
      out.data.push_back(view.storage->floats[at]);
    }
  return Machine::Step::Done;
}

Matrix transposed(const Matrix &in) {
  Matrix out{in.columns, in.rows, std::vector<float>(in.data.size())};
  for (int64_t r = 0; r < in.rows; ++r)
    for (int64_t c = 0; c < in.columns; ++c)
      out.data[c * in.rows + r] = in.data[r * in.columns + c];
  return out;
}

/// acc += a b.
void multiply(const Matrix &a, const Matrix &b, std::vector<float> &acc) {
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t k = 0; k < a.columns; ++k) {
      float x = a.data[i * a.columns + k];
      const float *y = &b.data[k * b.columns];
      float *to = &acc[i * b.columns];
      for (int64_t j = 0; j < b.columns; ++j)
        to[j] += x * y[j];
    }
}

/// tf32 has ten bits of the mantissa; the tensor cores leave out the others.
void toTf32(Matrix &m) {
  for (float &x : m.data) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits &= 0xffffe000u;
    memcpy(&x, &bits, 4);
  }
}

void retire(Machine &machine, Core &core, size_t left) {
  while (core.products.size() > left) {
    for (auto [storage, element] : core.products.front().reads)
      storage->closeRead(element, {core.warps.front()}, machine.clocks);
    core.products.pop_front();
  }
}

Machine::Step start(Machine &machine, Core &core, tile::MmaOp op) {
  // All four warps start it together: what each has read is behind them.
  Clock reads = machine.clocks[core.warps.front()].reads;
  for (unsigned warp : core.warps)
    join(reads, machine.clocks[warp].reads);
  for (unsigned warp : core.warps)
    join(machine.clocks[warp].reads, reads);

  Product &product = core.products.emplace_back();
  product.number = ++core.started;
  Matrix a, b;
  if (operand(machine, core, op, op.getA(), &product, a) == Machine::Step::Failed ||
      operand(machine, core, op, op.getB(), &product, b) == Machine::Step::Failed)
    return Machine::Step::Failed;
  if (op.getTa())
    a = transposed(a);
  if (op.getTb())
    b = transposed(b);
  if (op.getTf32()) {
    toTf32(a);
    toTf32(b);
  }
  auto flight = std::make_shared<Flight>();
  flight->tile = TileValue::of(cast<tile::FlightType>(op.getType()).getTile());
  flight->group = product.number;
  bool keeps = op.getAcc() && !(op.getUnless() && machine.value(core, op.getUnless()).scalar);
  if (keeps) {
    const Datum &acc = machine.value(core, op.getAcc());
    flight->tile = acc.kind == Datum::Kind::Flight ? acc.flight->tile : *acc.tile;
  }
  multiply(a, b, flight->tile.floats);
  Datum datum;
  datum.kind = Datum::Kind::Flight;
  datum.flight = std::move(flight);
  return machine.give(core, op, std::move(datum));
}

} // namespace

Handled runMma(Machine &machine, Core &core, Operation *op) {
  if (auto mma = dyn_cast<tile::MmaOp>(op))
    return start(machine, core, mma);
  if (auto land = dyn_cast<tile::LandOp>(op)) {
    retire(machine, core, land.getGroups());
    for (auto [flight, tile] : llvm::zip(land.getFlights(), land.getTiles())) {
      const Flight &state = *machine.value(core, flight).flight;
      if (!core.products.empty() && state.group >= core.products.front().number)
        return machine.fault(core, op, "takes the accumulator of a product that may still be running: " +
                                           Twine(core.products.size()) + " are in flight after this wait");
      machine.set(core, tile, Datum::ofTile(state.tile));
    }
    return Machine::Step::Done;
  }
  if (auto wait = dyn_cast<tile::RetireOp>(op)) {
    retire(machine, core, wait.getGroups());
    return Machine::Step::Done;
  }
  if (auto product = dyn_cast<tile::MmaSyncOp>(op)) {
    auto matrix = [&](Value v) {
      const TileValue &tile = *machine.value(core, v).tile;
      return Matrix{tile.shape[0], tile.shape[1], tile.floats};
    };
    TileValue result = *machine.value(core, product.getAcc()).tile;
    multiply(matrix(product.getA()), matrix(product.getB()), result.floats);
    return machine.give(core, op, Datum::ofTile(std::move(result)));
  }
  return std::nullopt;
}

} // namespace ssm::emulator
