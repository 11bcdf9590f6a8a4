//===- Sync.cpp - rings, barriers, turns, fences ----------------------------===//
#include "Machine.h"

using namespace mlir;

namespace ssm::emulator {

static Machine::Step makeRing(Machine &machine, Core &core, tile::RingOp op) {
  Machine::RingState &ring = machine.rings.emplace_back();
  ring.type = op.getType();
  ring.op = op;
  std::string base = "ring";
  if (auto name = dyn_cast<NameLoc>(op.getLoc()))
    base = name.getName().str();
  else if (ring.type.getNumParts())
    base = "ring " + ring.type.getNames()[0].getValue().str();
  if (machine.launch.ctas() > 1)
    base += " of CTA " + std::to_string(core.cta);
  for (int64_t copy = 0; copy < ring.type.getCopies(); ++copy)
    for (int64_t slot = 0; slot < ring.type.getSlots(); ++slot) {
      std::string where = base + (ring.type.getCopies() > 1 ? "[" + std::to_string(copy) + "]" : "") + " slot " + std::to_string(slot);
      for (unsigned i = 0; i < ring.type.getNumParts(); ++i) {
        tile::SmemType part = ring.type.getPart(i);
        ring.parts.push_back(std::make_unique<Storage>(ring.type.getNames()[i].getValue().str() + " of " + where, part.getNumElements(),
                                                       part.getElementBits() / 8, isa<FloatType>(part.getElementType()), machine.numWarps));
      }
      ring.full.emplace_back("'full' of " + where, op.getFull(), machine.numWarps + 2);
      ring.empty.emplace_back("'empty' of " + where, op.getEmpty(), machine.numWarps + 2);
    }
  Datum datum;
  datum.kind = Datum::Kind::Ring;
  datum.scalar = machine.rings.size() - 1;
  return machine.give(core, op, datum);
}

Handled runSync(Machine &machine, Core &core, Operation *op) {
  using Step = Machine::Step;
  auto barrierOf = [&](Value ringValue, const Machine::Slot &slot, bool full, std::optional<unsigned> cta = std::nullopt) -> Barrier & {
    Machine::RingState &ring = machine.ringOf(core, ringValue, cta.value_or(core.cta));
    return (full ? ring.full : ring.empty)[slot.instance * ring.type.getSlots() + slot.index];
  };
  auto views = [&](Value ring, const Machine::Slot &slot) {
    for (auto [result, view] : llvm::zip(op->getResults(), machine.viewsOf(core, ring, slot)))
      machine.set(core, result, std::move(view));
    return Step::Done;
  };
  if (auto ring = dyn_cast<tile::RingOp>(op))
    return makeRing(machine, core, ring);
  if (auto turns = dyn_cast<tile::TurnsOp>(op)) {
    Circle &circle = machine.circles.emplace_back();
    circle.places.resize(turns.getType().getCount());
    for (Circle::Place &place : circle.places)
      for (Clock *clock : {&place.known.writes, &place.known.fenced, &place.known.reads})
        clock->assign(machine.numWarps + 2, 0);
    circle.places.front().given = true;
    Datum datum;
    datum.kind = Datum::Kind::Turns;
    datum.scalar = machine.circles.size() - 1;
    return machine.give(core, op, datum);
  }
  if (auto cursor = dyn_cast<tile::CursorOp>(op)) {
    Datum datum = Datum::ofScalar(cursor.getCount() ? machine.value(core, cursor.getCount()).scalar : 0);
    datum.kind = Datum::Kind::Cursor;
    return machine.give(core, op, datum);
  }
  if (auto next = dyn_cast<tile::NextOp>(op)) {
    Datum datum = machine.value(core, next.getCursor());
    datum.scalar += next.getBy();
    return machine.give(core, op, datum);
  }
  if (auto dim = dyn_cast<tile::CtaOp>(op))
    return machine.give(core, op, Datum::ofScalar(machine.launch.cta[dim.getDim()] + machine.launch.place(core.cta, dim.getDim())));
  if (auto dim = dyn_cast<tile::CtaCountOp>(op))
    return machine.give(core, op, Datum::ofScalar(machine.launch.grid[dim.getDim()]));
  // A wait, by which a role without a cursor moves on to the next slot.
  auto wait = [&](auto waiting, bool fills, auto ready) {
    Machine::Slot slot = machine.slotOf(core, waiting.getRing(), waiting.getInstance(), waiting.getCursor(), fills);
    if (Step step = ready(slot); step != Step::Done)
      return step;
    machine.moveOn(core, waiting.getRing(), waiting.getInstance(), waiting.getCursor(), fills);
    return views(waiting.getRing(), slot);
  };
  if (auto slotOp = dyn_cast<tile::SlotOp>(op))
    return wait(slotOp, false, [](const Machine::Slot &) { return Step::Done; });
  if (auto await = dyn_cast<tile::AwaitOp>(op))
    return wait(await, false, [&](const Machine::Slot &slot) {
      return machine.waitFor(core, op, barrierOf(await.getRing(), slot, true), slot.use);
    });
  if (auto acquire = dyn_cast<tile::AcquireOp>(op))
    return wait(acquire, true, [&](const Machine::Slot &slot) {
      return machine.waitFor(core, op, barrierOf(acquire.getRing(), slot, false), slot.use - 1);
    });
  auto arrival = [&](auto arriving, bool full, ArrayRef<unsigned> ctas) {
    if (arriving.getPredicate() && !machine.value(core, arriving.getPredicate()).scalar)
      return Step::Done;
    Machine::Slot slot = machine.slotOf(core, arriving.getRing(), arriving.getInstance(), arriving.getCursor(), full, /*arrives=*/true);
    machine.moveOn(core, arriving.getRing(), arriving.getInstance(), arriving.getCursor(), full, /*arrives=*/true);
    Machine::RingState &state = machine.ringOf(core, arriving.getRing(), core.cta);
    tile::RingOp ring = state.op;
    unsigned parts = state.type.getNumParts();
    for (const Product &product : core.products)
      for (unsigned i = 0; i < parts && !full; ++i)
        if (product.storages.contains(state.parts[(slot.instance * state.type.getSlots() + slot.index) * parts + i].get()))
          return machine.fault(core, op, "releases a slot that a product in flight is reading");
    for (unsigned cta : ctas) {
      Barrier &barrier = barrierOf(arriving.getRing(), slot, full, cta);
      if (std::string wrong = machine.arrive(core, barrier, full ? ring.getFullUnit() : ring.getEmptyUnit()); !wrong.empty())
        return machine.fault(core, op, wrong);
    }
    return Step::Done;
  };
  if (auto publish = dyn_cast<tile::PublishOp>(op))
    return arrival(publish, true, core.cta);
  if (auto release = dyn_cast<tile::ReleaseOp>(op)) {
    if (release.getAcross())
      return arrival(release, false, machine.across(core, *release.getAcross()));
    int64_t at = release.getAt() ? machine.value(core, release.getAt()).scalar : core.cta;
    if (at < 0 || at >= machine.launch.ctas())
      return machine.fault(core, op, "releases a slot of CTA " + Twine(at) + " of a cluster of " + Twine(machine.launch.ctas()));
    return arrival(release, false, unsigned(at));
  }
  if (auto take = dyn_cast<tile::TakeOp>(op)) {
    Circle::Place &place = machine.circles[machine.value(core, take.getTurns()).scalar].places[machine.value(core, take.getIndex()).scalar];
    if (!place.given) {
      core.waitsAt = op;
      core.waits = "for its turn";
      return Step::Blocked;
    }
    place.given = false;
    for (unsigned warp : core.warps)
      machine.clocks[warp].join(place.known);
    machine.meet(core);
    return Step::Done;
  }
  if (auto pass = dyn_cast<tile::PassOp>(op)) {
    Circle &circle = machine.circles[machine.value(core, pass.getTurns()).scalar];
    Circle::Place &place = circle.places[(machine.value(core, pass.getIndex()).scalar + 1) % circle.places.size()];
    if (place.given)
      return machine.fault(core, op, "passes a turn that the next instance has not taken yet");
    place.given = true;
    for (unsigned warp : core.warps)
      place.known.join(machine.clocks[warp]);
    machine.tick(core);
    return Step::Done;
  }
  if (isa<tile::SyncOp>(op)) {
    if (!core.warps.empty())
      machine.meet(core);
    return Step::Done;
  }
  if (isa<tile::FenceOp>(op)) {
    core.started += core.warps.empty(); // the prologue's
    for (unsigned warp : core.active())
      join(machine.clocks[warp].fenced, machine.clocks[warp].writes);
    return Step::Done;
  }
  return std::nullopt;
}

} // namespace ssm::emulator
