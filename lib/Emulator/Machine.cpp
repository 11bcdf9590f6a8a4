//===- Machine.cpp - setting up the CTAs, and who runs next -----------------===//
#include "Machine.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace ssm::emulator {

SmallVector<unsigned, 4> Core::active() const {
  if (warp >= 0)
    return {warps[warp]};
  return SmallVector<unsigned, 4>(warps.begin(), warps.end());
}

Machine::Machine(Launch &launch, const Schedule &schedule)
    : launch(launch), schedule(schedule), random(schedule.number + 1) {
  setUp();
}

void Machine::setUp() {
  Block &body = launch.kernel.getBody().front();
  for (auto role : body.getOps<tile::RoleOp>())
    numWarps += role.getNumWarps() * launch.ctas();
  clocks.resize(numWarps);
  for (Knowledge &known : clocks)
    for (Clock *clock : {&known.writes, &known.fenced, &known.reads})
      clock->assign(numWarps + 2, 0);

  // The prologue runs to the first role; the roles' streams wait behind it.
  unsigned warp = 0;
  for (unsigned cta = 0; cta < launch.ctas(); ++cta) {
    std::string of = launch.ctas() > 1 ? " of CTA " + std::to_string(cta) : "";
    Core &prologue = prologues.emplace_back();
    prologue.name = "the prologue" + of;
    prologue.cta = cta;
    prologue.role = launch.kernel;
    enter(prologue, launch.kernel, body, launch.arguments);
    for (auto role : body.getOps<tile::RoleOp>())
      for (int64_t i = 0; i < int64_t(role.getInstances()); ++i) {
        Core &core = cores.emplace_back();
        core.name = ("@" + role.getName()).str();
        if (role.getInstances() > 1)
          core.name += "[" + std::to_string(i) + "]";
        core.name += of;
        core.cta = cta;
        core.role = role;
        for (int64_t w = 0; w < role.getWarpsPerInstance(); ++w)
          core.warps.push_back(warp++);
        std::vector<Datum> arguments;
        if (role.getInstance())
          arguments.push_back(Datum::ofScalar(i));
        enter(core, role, role.getBody().front(), arguments);
      }
  }
}

void Machine::enter(Core &core, Operation *owner, Block &block, ArrayRef<Datum> arguments) {
  for (auto [argument, datum] : llvm::zip(block.getArguments(), arguments))
    set(core, argument, datum);
  core.frames.push_back({owner, &block, block.begin()});
}

Machine::Step Machine::fault(Core &core, Operation *op, const Twine &what) {
  if (!failed) {
    failed = true;
    InFlightDiagnostic error = op->emitError() << core.name << (core.warp >= 0 ? " (warp " + std::to_string(core.warp) + ")" : "")
                                               << " " << what.str();
    error.attachNote(launch.kernel.getLoc()) << "under the schedule '" << schedule.name() << "', CTA " << launch.cta[0] << ", "
                                             << launch.cta[1] << ", " << launch.cta[2];
  }
  return Step::Failed;
}

Datum &Machine::value(Core &core, Value value) {
  auto it = core.values.find(value);
  if (it != core.values.end())
    return it->second;
  return prologues[core.cta].values[value];
}

int64_t Machine::scalar(Core &core, OpFoldResult v) {
  if (auto constant = dyn_cast<Attribute>(v))
    return cast<IntegerAttr>(constant).getInt();
  return value(core, cast<Value>(v)).scalar;
}

Machine::Step Machine::give(Core &core, Operation *op, Datum datum) {
  set(core, op->getResult(0), std::move(datum));
  return Step::Done;
}

std::vector<Datum> Machine::valuesOf(Core &core, ValueRange values) {
  std::vector<Datum> data;
  for (Value v : values)
    data.push_back(value(core, v));
  return data;
}

/// Runs a core until it waits, or for some steps. Whether it got anywhere.
bool Machine::go(Core &core, int64_t steps) {
  bool moved = false;
  while (!core.done() && steps-- > 0) {
    Step result = step(core);
    if (result != Step::Done)
      break;
    moved = true;
    core.waitsAt = nullptr;
  }
  return moved;
}

LogicalResult Machine::run() {
  constexpr int64_t untilItWaits = int64_t(1) << 60;
  for (Core &prologue : prologues) {
    go(prologue, untilItWaits);
    if (failed)
      return failure();
    if (!prologue.done() && prologue.waitsAt)
      return deadlock();
  }
  for (Knowledge &known : clocks) {
    known.writes[prologue()] = known.reads[prologue()] = 1;
    known.fenced[prologue()] = prologues.front().started; // a fence of the prologue, see runSync
  }
  auto land = [&] {
    agents.front()();
    agents.pop_front();
  };
  while (!failed) {
    bool moved = false, left = false;
    using Kind = Schedule::Kind;
    if (schedule.kind == Kind::Random) {
      std::vector<unsigned> order;
      for (unsigned i = 0; i <= cores.size(); ++i)
        order.push_back(i);
      std::shuffle(order.begin(), order.end(), random);
      for (unsigned i : order) {
        if (i < cores.size()) {
          moved |= go(cores[i], 1 + random() % 24);
        } else if (!agents.empty() && (random() & 1)) {
          std::swap(agents[random() % agents.size()], agents.front());
          land();
          moved = true;
        }
      }
    } else {
      for (auto [i, core] : llvm::enumerate(cores)) {
        if (schedule.kind == Kind::Starve && i == schedule.number % cores.size())
          continue;
        moved |= go(core, untilItWaits);
        while (schedule.kind == Kind::InTurn && !agents.empty())
          land();
      }
    }
    if (failed)
      break;
    for (Core &core : cores)
      left |= !core.done();
    if (!left)
      break;
    if (moved)
      continue;
    if (!agents.empty()) {
      land();
      continue;
    }
    if (schedule.kind == Kind::Starve && go(cores[schedule.number % cores.size()], untilItWaits))
      continue;
    if (!failed)
      return deadlock();
  }
  return failure(failed);
}

LogicalResult Machine::deadlock() {
  InFlightDiagnostic error = launch.kernel.emitError() << "nobody can go on";
  error.attachNote() << "under the schedule '" << schedule.name() << "'";
  for (Core &core : cores)
    if (!core.done() && core.waitsAt)
      error.attachNote(core.waitsAt->getLoc()) << core.name << " waits " << core.waits;
  return failure();
}

//===----------------------------------------------------------------------===//
// Rings and clocks
//===----------------------------------------------------------------------===//

Core::Counts &Machine::countsOf(Core &core, Value ring, Value instance, bool fills) {
  return core.counts[{value(core, ring).scalar, instance ? value(core, instance).scalar : 0, fills}];
}

void Machine::moveOn(Core &core, Value ring, Value instance, Value cursor, bool fills, bool arrives) {
  Core::Counts &counts = countsOf(core, ring, instance, fills);
  if (!cursor)
    ++(arrives ? counts.arrivals : counts.waits);
}

Machine::Slot Machine::slotOf(Core &core, Value ring, Value instance, Value cursor, bool fills, bool arrives) {
  int64_t slots = cast<tile::RingType>(ring.getType()).getSlots(), count;
  if (cursor)
    count = value(core, cursor).scalar;
  else
    count = arrives ? countsOf(core, ring, instance, fills).arrivals : countsOf(core, ring, instance, fills).waits;
  // a cursor may stand before the ring's start (the one before the first)
  int64_t index = ((count % slots) + slots) % slots;
  return {instance ? value(core, instance).scalar : 0, index, (count - index) / slots};
}

Machine::RingState &Machine::ringOf(Core &core, Value ring, unsigned cta) {
  // Each CTA's prologue has made the same ones, after those of the CTA before.
  int64_t each = llvm::range_size(launch.kernel.getBody().front().getOps<tile::RingOp>());
  return rings[value(core, ring).scalar % each + cta * each];
}

SmallVector<unsigned> Machine::across(Core &core, unsigned dim) {
  int64_t stride = launch.kernel.getClusterStride(dim), first = core.cta - launch.place(core.cta, dim) * stride;
  SmallVector<unsigned> ctas;
  for (int64_t i = 0; i < launch.kernel.getClusterDim(dim); ++i)
    ctas.push_back(first + i * stride);
  return ctas;
}

std::vector<Datum> Machine::viewsOf(RingState &ring, const Slot &slot) {
  std::vector<Datum> views;
  unsigned parts = ring.type.getNumParts();
  for (unsigned i = 0; i < parts; ++i) {
    Datum datum;
    datum.kind = Datum::Kind::Shared;
    datum.shared.storage = ring.parts[(slot.instance * ring.type.getSlots() + slot.index) * parts + i].get();
    llvm::append_range(datum.shared.shape, ring.type.getPart(i).getShape());
    datum.shared.strides.resize(datum.shared.shape.size());
    int64_t stride = 1;
    for (size_t k = datum.shared.shape.size(); k-- > 0; stride *= datum.shared.shape[k])
      datum.shared.strides[k] = stride;
    views.push_back(std::move(datum));
  }
  return views;
}

void Machine::tick(Core &core) {
  for (unsigned warp : core.active())
    clocks[warp].reads[warp] = ++clocks[warp].writes[warp];
}

std::string Machine::arrive(Core &core, Barrier &barrier, tile::BarrierUnit unit) {
  std::string wrong;
  auto once = [&](unsigned warp) {
    if (wrong.empty())
      wrong = barrier.arrive(clocks[warp]);
  };
  switch (unit) {
  case tile::BarrierUnit::Thread:
  case tile::BarrierUnit::Group:
    once(core.warps.front());
    break;
  case tile::BarrierUnit::Warp:
    for (unsigned warp : core.warps)
      once(warp);
    break;
  case tile::BarrierUnit::Each:
    for (unsigned warp : core.warps)
      for (int lane = 0; lane < 32; ++lane)
        once(warp);
    break;
  }
  tick(core);
  return wrong;
}

Machine::Step Machine::waitFor(Core &core, Operation *op, Barrier &barrier, int64_t phase) {
  Knowledge learn = clocks[core.warps.front()];
  switch (barrier.wait(phase, learn)) {
  case Barrier::Wait::Blocks:
    core.waitsAt = op;
    core.waits = "for phase " + std::to_string(phase) + " of " + barrier.name + " (" + barrier.state() + ")";
    return Step::Blocked;
  case Barrier::Wait::Slips:
    return fault(core, op, "passes a wait for phase " + Twine(phase) + " of " + barrier.name + " that it should not: " + barrier.state() +
                               "; the hardware sees the last bit alone");
  case Barrier::Wait::Passes:
    for (unsigned warp : core.active())
      barrier.wait(phase, clocks[warp]);
    return Step::Done;
  }
  return Step::Failed;
}

void Machine::meet(Core &core) {
  Knowledge all = clocks[core.warps.front()];
  for (unsigned warp : core.warps)
    all.join(clocks[warp]);
  for (unsigned warp : core.warps)
    clocks[warp].join(all);
  tick(core);
}

} // namespace ssm::emulator
