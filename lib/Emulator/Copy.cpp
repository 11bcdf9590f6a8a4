//===- Copy.cpp - what the copy engine does ---------------------------------===//
//
// A fetch waits for its slot, announces bytes and starts agents; each agent brings a
// box (zeros outside the tensor) when the schedule lets it, and counts its bytes; what
// several CTAs bring together goes to all of them. A copy by threads lands a warp at a
// time, as stores of that warp. A send reads its box at once; the buffer stays open
// until its group is waited for.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "llvm/ADT/bit.h"

using namespace mlir;

namespace ssm::emulator {
namespace {

/// Where the elements of a box lie in a buffer: panel after panel of the swizzle's width, rows inside. In the
/// emulator's row-major buffers that is a rectangle; boxes are innermost first.
void walkBox(const SharedView &view, tile::MapType map, int64_t done, function_ref<void(int64_t, ArrayRef<int64_t>)> f) {
  ArrayRef<int64_t> box = map.getBox();
  int64_t total = 1;
  for (int64_t b : box)
    total *= b;
  unsigned rank = view.shape.size();
  int64_t columns = rank ? view.shape[rank - 1] : 1, rows = rank > 1 ? view.shape[rank - 2] : 1;
  int64_t width = map.getSwizzle() ? std::min<int64_t>(columns, map.getSwizzle() * 8 / map.getElementType().getIntOrFloatBitWidth())
                                   : columns;
  SmallVector<int64_t, 5> inBox(box.size());
  for (int64_t i = 0; i < total; ++i) {
    int64_t rest = i;
    for (auto [k, b] : llvm::enumerate(box)) {
      inBox[k] = rest % b;
      rest /= b;
    }
    // memory order: tile, panel, row, column of the panel
    int64_t m = done + i, column = m % width, row = m / width % rows, panel = m / width / rows % (columns / width),
            tile = m / (rows * columns);
    int64_t at = view.offset;
    SmallVector<int64_t, 4> index(rank);
    if (rank)
      index[rank - 1] = panel * width + column;
    if (rank > 1)
      index[rank - 2] = row;
    for (unsigned k = rank > 2 ? rank - 2 : 0; k-- > 0; tile /= view.shape[k])
      index[k] = tile % view.shape[k];
    for (auto [x, stride] : llvm::zip(index, view.strides))
      at += x * stride;
    f(at, inBox);
  }
}

int64_t globalOf(const MapValue &map, ArrayRef<int64_t> coordinates, ArrayRef<int64_t> inBox) {
  int64_t at = map.offset;
  for (auto [c, b, size, stride] : llvm::zip(coordinates, inBox, map.shape, map.strides)) {
    if (c + b < 0 || c + b >= size)
      return -1;
    at += (c + b) * stride;
  }
  return at;
}

/// To the ten bits of tf32's mantissa, to the nearest.
float toTf32(float x) {
  uint32_t bits = llvm::bit_cast<uint32_t>(x);
  return llvm::bit_cast<float>((bits + 0x1000) & ~uint32_t(0x1fff));
}

/// An element of a copy: where to, and from where (negative: a zero).
struct Move {
  int64_t to, from;
};
void bring(Storage &storage, const Move &move, const GlobalView &source) {
  bool zero = move.from < 0 || !source.array;
  if (storage.isFloat)
    storage.floats[move.to] = zero ? 0 : source.tf32 ? toTf32(source.array->floats[move.from]) : source.array->floats[move.from];
  else
    storage.integers[move.to] = zero ? 0 : source.array->integers[move.from];
}

Machine::Step fetch(Machine &machine, Core &core, tile::FetchOp op) {
  using Step = Machine::Step;
  Machine::Slot slot = machine.slotOf(core, op.getRing(), op.getInstance(), op.getCursor(), /*fills=*/true);
  Machine::RingState &ring = machine.ringOf(core, op.getRing(), core.cta);
  int64_t number = slot.instance * ring.type.getSlots() + slot.index;
  Step waited = machine.waitFor(core, op, ring.empty[number], slot.use - 1);
  if (waited != Step::Done)
    return waited;
  for (bool arrives : {false, true})
    machine.moveOn(core, op.getRing(), op.getInstance(), op.getCursor(), /*fills=*/true, arrives);
  unsigned warp = core.warps.front();
  std::vector<Datum> parts = machine.viewsOf(core, op.getRing(), slot);
  std::string wrong;
  auto note = [&](std::string what) {
    if (wrong.empty())
      wrong = std::move(what);
  };
  Barrier &full = ring.full[number];
  SmallVector<int64_t, 4> done(parts.size(), 0);
  for (const tile::FetchOp::Entry &entry : op.getEntries()) {
    SharedView view = parts[entry.part].shared;
    SmallVector<int64_t, 5> at;
    bool isFloat = view.storage->isFloat;
    for (OpFoldResult v : entry.values) {
      if (!entry.source && isFloat && isa<Value>(v)) {
        view.storage->floats[view.offset + at.size()] = machine.value(core, cast<Value>(v)).real;
        at.push_back(0);
      } else {
        at.push_back(machine.scalar(core, v));
      }
    }
    if (!entry.source) {
      for (auto [i, v] : llvm::enumerate(at)) {
        note(view.storage->write(view.offset + i, warp, machine.clocks[warp]));
        if (!isFloat)
          view.storage->integers[view.offset + i] = int32_t(v);
      }
      continue;
    }
    auto moves = std::make_shared<std::vector<Move>>();
    const GlobalView source = machine.value(core, entry.source).global;
    int64_t bytes;
    SmallVector<unsigned> ctas = {core.cta};
    if (auto map = dyn_cast<tile::MapType>(entry.source.getType())) {
      int64_t box = map.getBoxBytes() * 8 / map.getElementType().getIntOrFloatBitWidth(), first = done[entry.part];
      if (entry.across) { // this CTA's share, to all
        ctas = machine.across(core, *entry.across);
        first += machine.launch.place(core.cta, *entry.across) * box;
      }
      walkBox(view, map, first, [&](int64_t to, ArrayRef<int64_t> inBox) { moves->push_back({to, globalOf(source, at, inBox)}); });
      done[entry.part] += ctas.size() * box;
      bytes = map.getBoxBytes();
    } else {
      int64_t from = source.offset, count = ring.type.getPart(entry.part).getNumElements();
      for (auto [i, stride] : llvm::zip(at, source.strides))
        from += i * stride;
      for (int64_t i = 0; i < count; ++i)
        moves->push_back({view.offset + i, from + i});
      bytes = ring.type.getPart(entry.part).getBytes();
    }
    full.announce(bytes * ctas.size());
    for (unsigned cta : ctas) {
      Machine::RingState &there = machine.ringOf(core, op.getRing(), cta);
      Storage *storage = machine.viewsOf(there, slot)[entry.part].shared.storage;
      for (const Move &move : *moves)
        note(storage->startCopy(move.to, machine.clocks[warp]));
      Barrier *barrier = &there.full[number];
      machine.agents.push_back([&machine, moves, source, storage, barrier, bytes] {
        uint32_t now = ++machine.engineTime;
        for (const Move &move : *moves) {
          bring(*storage, move, source);
          storage->land(move.to, now);
        }
        barrier->land(bytes, machine.engine(), now);
      });
    }
  }
  note(machine.arrive(core, full, tile::BarrierUnit::Thread));
  return wrong.empty() ? Step::Done : machine.fault(core, op, wrong);
}

/// Each warp's copies land together, as its stores, and its threads arrive.
Machine::Step copy(Machine &machine, Core &core, tile::CopyOp op) {
  using Step = Machine::Step;
  const GlobalView source = machine.value(core, op.getSource()).global;
  const SharedView view = machine.value(core, op.getTarget()).shared;
  SmallVector<int64_t, 5> offsets, extents(op.getStaticOffsets().size(), 1), at(extents.size());
  for (OpFoldResult offset : op.getMixedOffsets())
    offsets.push_back(machine.scalar(core, offset));
  if (op.getSizes())
    extents.assign(op.getSizes()->begin(), op.getSizes()->end());
  else
    llvm::copy(view.shape, extents.end() - view.shape.size());
  tile::SmemType target = op.getTarget().getType();
  auto tile = RankedTensorType::get(target.getShape(), target.getElementType(), op.getLayout());
  auto active = core.active();
  std::vector<std::shared_ptr<std::vector<Move>>> moves;
  for (size_t i = 0; i < active.size(); ++i)
    moves.push_back(std::make_shared<std::vector<Move>>());
  std::string wrong;
  SmallVector<int64_t, 4> index(view.shape.size());
  for (int64_t i = 0; i < target.getNumElements(); ++i) {
    int64_t rest = i, to = view.offset, from = source.offset;
    for (size_t k = index.size(); k-- > 0; rest /= view.shape[k])
      to += (index[k] = rest % view.shape[k]) * view.strides[k];
    rest = i;
    for (size_t k = extents.size(); k-- > 0; rest /= extents[k]) {
      at[k] = offsets[k] + rest % extents[k];
      from = from < 0 || at[k] < 0 || at[k] >= source.shape[k] ? -1 : from + at[k] * source.strides[k];
    }
    unsigned who = llvm::countr_zero(holders(tile, index, active.size()));
    moves[who]->push_back({to, from});
    std::string what = view.storage->startCopy(to, machine.clocks[active[who]]);
    if (wrong.empty())
      wrong = what;
  }
  if (!wrong.empty())
    return machine.fault(core, op, wrong);
  Barrier *full = nullptr;
  if (op.getRing()) {
    Machine::Slot slot = machine.slotOf(core, op.getRing(), op.getInstance(), op.getCursor(), /*fills=*/true, /*arrives=*/true);
    machine.moveOn(core, op.getRing(), op.getInstance(), op.getCursor(), /*fills=*/true, /*arrives=*/true);
    Machine::RingState &ring = machine.ringOf(core, op.getRing(), core.cta);
    full = &ring.full[slot.instance * ring.type.getSlots() + slot.index];
  }
  for (auto [warp, list] : llvm::zip(active, moves)) {
    auto land = [&machine, &core, op, list, source, storage = view.storage, warp, full, known = machine.clocks[warp]] {
      for (const Move &move : *list) {
        bring(*storage, move, source);
        storage->landStore(move.to, warp, known.writes[warp]);
      }
      for (int lane = 0; lane < 32 && full; ++lane)
        if (std::string wrong = full->arrive(known); !wrong.empty())
          return void(machine.fault(core, op, wrong));
    };
    if (full)
      machine.agents.push_back(land);
    else
      land(); // waited for on the spot
  }
  machine.tick(core);
  return Step::Done;
}

Machine::Step send(Machine &machine, Core &core, tile::SendOp op) {
  const SharedView view = machine.value(core, op.getSource()).shared;
  const MapValue map = machine.value(core, op.getMap()).global;
  SmallVector<int64_t, 5> at;
  for (OpFoldResult c : op.getMixedCoords())
    at.push_back(machine.scalar(core, c));
  BulkStore &group = core.bulk.emplace_back();
  std::string wrong;
  walkBox(view, cast<tile::MapType>(op.getMap().getType()), 0, [&](int64_t from, ArrayRef<int64_t> inBox) {
    std::string what = view.storage->openRead(from, {&machine.clocks[core.warps.front()]});
    if (wrong.empty())
      wrong = what;
    group.reads.push_back({view.storage, from});
    int64_t to = globalOf(map, at, inBox);
    if (to < 0 || !map.array)
      return;
    float value = view.storage->floats[from];
    if (isPoison(value) && wrong.empty())
      wrong = "sends what was never computed";
    map.array->floats[to] = op.getAdd() ? roundTo(map.array->element, map.array->floats[to] + value) : value;
  });
  return wrong.empty() ? Machine::Step::Done : machine.fault(core, op, wrong);
}

void closeReads(Machine &machine, Core &core, BulkStore &group) {
  for (auto [storage, element] : group.reads)
    if (!group.read)
      storage->closeRead(element, core.warps, machine.clocks);
  group.read = true;
}

} // namespace

Handled runCopy(Machine &machine, Core &core, Operation *op) {
  if (auto fetchOp = dyn_cast<tile::FetchOp>(op))
    return fetch(machine, core, fetchOp);
  if (auto sendOp = dyn_cast<tile::SendOp>(op))
    return send(machine, core, sendOp);
  if (auto wait = dyn_cast<tile::SendWaitOp>(op)) {
    int64_t finished = int64_t(core.bulk.size()) - int64_t(wait.getGroups());
    for (int64_t i = 0; i < finished; ++i)
      closeReads(machine, core, core.bulk[i]);
    if (!wait.getRead())
      for (int64_t i = 0; i < finished; ++i)
        core.bulk.pop_front();
    return Machine::Step::Done;
  }
  if (auto copyOp = dyn_cast<tile::CopyOp>(op))
    return copy(machine, core, copyOp);
  return std::nullopt;
}

} // namespace ssm::emulator
