//===- Choose.cpp - candidate plans, and what each would cost ---------------===//
//
// A candidate says which form recurrences take, which owned dimension lies along vectors
// and how much of it an item covers, a second owned dimension for reuse in products, and
// how much of a walked dimension is taken at a time. All are scored; differences under
// 8 % are ties, which fewer bytes decide.
//
//===----------------------------------------------------------------------===//
#include "Choose.h"

#include "ssm/Plan/RecurrenceForms.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace ssm {

namespace {

/// Tiles of all dimensions under a plan; 0 where a dimension is open and not walked.
class Tiles {
public:
  Tiles(PlanAttr plan, const PlanningSizes &sizes) : plan(plan), sizes(sizes) {}
  int64_t operator[](StringRef dim) const {
    std::optional<int64_t> tile = plan.ownTile(dim);
    if (!tile)
      tile = plan.stepTile(dim);
    return std::min(tile.value_or(sizes[dim]), sizes[dim]);
  }
  double elements(ArrayRef<NamedDim> dims) const {
    double product = 1;
    for (const NamedDim &d : dims)
      product *= (*this)[d.name];
    return product;
  }

private:
  PlanAttr plan;
  const PlanningSizes &sizes;
};

/// Bytes of the largest tile that a kernel's values take.
double largestTile(KernelOp kernel, const Tiles &tiles, Value *which) {
  double most = 0;
  kernel.getBody().walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (isNamedTensor(result.getType())) {
        double bytes = tiles.elements(getDims(result)) * bytesOf(getElement(result));
        if (bytes > most) {
          most = bytes;
          *which = result;
        }
      }
  });
  return most;
}

/// The tile of each dimension that is not owned: whole where it is short and known,
/// else walked; shorter where what it makes would not fit.
SmallVector<PlanTile> chooseSteps(KernelOp kernel, const KernelShape &shape, PlanForm form, ArrayRef<PlanTile> own,
                                  int64_t chunk, const PlanningSizes &sizes, const Target &target) {
  SmallVector<PlanTile> steps;
  auto isOwned = [&](StringAttr dim) { return llvm::any_of(own, [&](const PlanTile &t) { return t.dim == dim; }); };
  NamedDims all = kernel.allDims();
  for (const NamedDim &d : all) {
    if (isOwned(d.name))
      continue;
    if (d.name == shape.along)
      steps.push_back({d.name, chunk});
    else if (llvm::is_contained(shape.single, d.name) ||
             (!sizes.isKnown(d.name) && llvm::is_contained(shape.alone, d.name)))
      steps.push_back({d.name, 1});
    else if (form == PlanForm::Toeplitz && llvm::is_contained(shape.responses, d.name))
      continue; // whole in the tables
    else if (form == PlanForm::Toeplitz && findDim(shape.owned, d.name))
      steps.push_back({d.name, 1}); // one after the other under the tables that they share
    else if (!sizes.isKnown(d.name) || sizes[d.name] > target.longestWhole()) // no longer than what is guessed
      steps.push_back({d.name, std::min<int64_t>(llvm::is_contained(shape.combined, d.name) ? 128 : 64, sizes[d.name])});
  }
  // A state that would not stay in registers is taken in parts, each over the whole tile
  // of what is walked in order, where a read-out sums the parts.
  if (form == PlanForm::Sequential && !shape.held.empty()) {
    auto registers = [&] { // one vector along the lanes
      Tiles tiles(PlanAttr::get(kernel.getContext(), form, own, steps), sizes);
      double vectors = shape.stateParts;
      for (StringAttr dim : shape.held)
        vectors *= tiles[dim];
      return vectors;
    };
    for (StringAttr dim : shape.held) {
      if (isOwned(dim) || registers() <= 20)
        continue;
      auto *step = llvm::find_if(steps, [&](const PlanTile &t) { return t.dim == dim; });
      if (step == steps.end()) {
        steps.push_back({dim, sizes[dim]});
        step = &steps.back();
      }
      step->size = std::min(step->size, sizes[dim]);
      while (step->size > 4 && registers() > 20)
        step->size = (step->size + 1) / 2;
    }
  }
  for (;;) {
    PlanAttr plan = PlanAttr::get(kernel.getContext(), form, own, steps);
    Value which;
    if (largestTile(kernel, Tiles(plan, sizes), &which) <= target.itemBytes() || !which)
      return steps;
    // The longest tile of it that may be shorter.
    PlanTile *longest = nullptr;
    for (PlanTile &step : steps)
      if (findDim(getDims(which), step.dim) && step.size > 16 && step.dim != shape.along &&
          (!longest || step.size > longest->size))
        longest = &step;
    if (longest) {
      longest->size /= 2;
      continue;
    }
    NamedDim widest;
    for (const NamedDim &d : getDims(which))
      if (!isOwned(d.name) && !plan.stepTile(d.name) && !llvm::is_contained(shape.carried, d.name) && sizes[d.name] > 16 &&
          (!widest.name || sizes[d.name] > sizes[widest.name]))
        widest = d;
    if (!widest.name)
      return steps;
    steps.push_back({widest.name, 64});
  }
}

/// How much more than its elements a tensor moves: memory comes in lines.
double lineWaste(Value value, PlanAttr plan, const PlanningSizes &sizes) {
  NamedDims dims = getDims(value);
  if (dims.empty())
    return 1;
  double run = 1;
  // The elements that lie one after the other in a tile.
  for (const NamedDim &d : llvm::reverse(dims)) {
    double tile = Tiles(plan, sizes)[d.name];
    run *= tile;
    if (tile < sizes[d.name])
      break;
  }
  return std::max(1.0, 64 / (run * bytesOf(getElement(value))));
}

/// A dimension of what a recurrence makes once a chunk or once for all that an item does
/// not have.
StringAttr unboundDim(LinearRecurrenceOp op, PlanAttr plan, const PlanningSizes &sizes, const Target &target) {
  NamedDims needed;
  switch (formUnder(op, plan.getForm())) {
  case PlanForm::Chunk:
    if (Value decay = op.getAnyDecay(); decay && hasChunkForm(op))
      needed = getDims(decay); // factors are made where they are needed
    break;
  case PlanForm::Toeplitz:
    needed = kernelDims(op);
    break;
  default:
    return {};
  }
  for (const NamedDim &d : needed)
    if (d.name != op.getDimAttr() && !plan.ownTile(d.name) &&
        (plan.stepTile(d.name) || !sizes.isKnown(d.name) || sizes[d.name] > target.longestWhole()))
      return d.name;
  return {};
}

} // namespace

/// How much longer products take than their multiplications: operands are loaded for as
/// many rows and columns as the tiles give each of them beside the other's dimensions.
static double reuseOf(KernelOp kernel, PlanAttr plan, const PlanningSizes &sizes) {
  Tiles tiles(plan, sizes);
  double all = 0, weighed = 0;
  for (auto contract : kernel.getBody().front().getOps<ContractOp>()) {
    double own = count(contract, sizes).products, loads = 0;
    for (Value operand : contract.getOperands()) {
      double rows = 1;
      NamedDims result = getDims(contract.getResult());
      for (const NamedDim &d : result)
        if (!hasDim(operand, d.name))
          rows *= tiles[d.name];
      loads += 6 / rows; // of this operand, each of which meets so many of the other's
    }
    all += own;
    weighed += own * (1 + loads);
  }
  return all > 0 ? weighed / all : 1;
}

/// What an element costs to bring from memory into a tile, or back, in operations: beside
/// others of its vector, turned into it, or on its own.
static double moveCost(Value value, PlanAttr plan, const PlanningSizes &sizes) {
  constexpr double beside = 1, turned = 4, alone = 16;
  constexpr int64_t shortestLane = 16; // as tiles are made
  NamedDims dims = getDims(value);
  if (dims.empty())
    return 0;
  StringAttr lane;
  for (const PlanTile &own : plan.getOwn())
    if (std::min(own.size, sizes[own.dim]) >= shortestLane)
      lane = own.dim;
  if (dims.back().name == lane)
    return beside;
  if (Tiles(plan, sizes)[dims.back().name] == 1 && sizes[dims.back().name] > 1)
    return alone;
  return lane && findDim(dims, lane) ? turned : beside;
}

Candidate score(KernelOp kernel, const KernelShape &shape, PlanAttr plan, const PlanningSizes &sizes,
                const Target &target) {
  Candidate result;
  result.plan = plan;
  result.counts = count(kernel, sizes, plan);
  PlanForm form = plan.getForm();
  Tiles tiles(plan, sizes);
  // What lacks an owned dimension is computed again by each item along it.
  Counts made = count(kernel, sizes, [&](const NamedDims &dims) {
    double again = 1;
    for (const PlanTile &own : plan.getOwn())
      if (!findDim(dims, own.dim)) // an open one may be longer than it is guessed
        again *= std::ceil(static_cast<double>(sizes[own.dim]) / own.size) * (sizes.isKnown(own.dim) ? 1 : 2);
    return again;
  }, plan);
  double items = 1, padding = 1;
  int64_t lane = 1, rows = 1;
  for (const PlanTile &own : plan.getOwn()) {
    double parts = std::ceil(static_cast<double>(sizes[own.dim]) / own.size);
    items *= parts;
    padding *= parts * own.size / sizes[own.dim];
    rows = std::max(rows, lane);
    lane = std::min(own.size, sizes[own.dim]) > 1 ? std::min(own.size, sizes[own.dim]) : lane;
  }
  double lanes = target.vectorBytes() / 4.0;
  // A recurrence's vectors lie along what its items own, where sequences lie so in memory.
  bool bound = form == PlanForm::Sequential && lane > 1 && llvm::any_of(kernel.getBody().getArguments(), [&](Value value) {
    return hasDim(value, shape.along) && getDims(value).back().name == plan.getOwn().back().dim;
  });
  if (lane < lanes && !bound) {
    // Vectors lie along what is whole or walked, where that is long enough.
    rows = std::max(rows, lane);
    for (const NamedDim &d : kernel.allDims())
      if (d.name != shape.along)
        lane = std::max(lane, tiles[d.name] / 2);
  }
  if (shape.along)
    rows = std::max(rows, tiles[shape.along]);
  if (form == PlanForm::Chunk || form == PlanForm::Toeplitz) { // positions of a chunk, and chunks
    int64_t chunk = plan.getSub() ? plan.getSub() : tiles[shape.along];
    lane = std::max(lane, chunk);
    rows = std::max(rows, plan.getSub() ? tiles[shape.along] / plan.getSub() : chunk);
  }
  double filled = std::min(1.0, lane / lanes);
  // A product's operands are reused along rows and lanes.
  double reuse = 1 + 4.0 / std::max<double>(rows, 1) + 8.0 / std::max<double>(lane, 1);
  if (form == PlanForm::Direct)
    reuse = reuseOf(kernel, plan, sizes);
  Counts scaled = made;
  scaled.products *= reuse;
  double carried = 1;
  if (form == PlanForm::Sequential)
    for (StringAttr dim : shape.carried)
      carried *= tiles[dim];
  double spill = carried * 4 > 32 * target.vectorBytes() ? 1.3 : 1;
  result.compute = target.computeTime(scaled) * padding * spill / filled;
  Counts onlyExps{0, 0, result.counts.exps, 0};
  result.expShare = target.computeTime(onlyExps) / std::max(1e-30, target.computeTime(result.counts));

  // An input is read once by each item; what lies in the second level cache costs a quarter.
  double bytes = 0, moves = 0;
  auto add = [&](Value value, bool isInput) {
    double elements = sizes.count(getDims(value)) * (llvm::isa<ComplexType>(getElement(value)) ? 2 : 1);
    double own = sizes.count(getDims(value)) * bytesOf(getElement(value)) * lineWaste(value, plan, sizes);
    bytes += own;
    moves += elements * moveCost(value, plan, sizes);
    if (!isInput)
      return;
    double again = items;
    for (const PlanTile &tile : plan.getOwn())
      if (hasDim(value, tile.dim))
        again /= std::ceil(static_cast<double>(sizes[tile.dim]) / tile.size);
    bytes += (again - 1) * own / 4;
    moves += (again - 1) * elements * moveCost(value, plan, sizes);
  };
  for (Value input : kernel.getBody().getArguments())
    add(input, true);
  for (Value output : kernel.getYielded())
    add(output, false);
  result.memory = target.memoryTime(bytes);
  if (form == PlanForm::Direct) // what walks in order moves tiles beside its own work
    result.compute += target.computeTime({0, moves, 0, 0});
  result.items = 2e-7 * items / target.cores();
  double rounds = std::ceil(items / target.cores());
  result.balance = items / (rounds * target.cores());

  for (const PlanTile &own : plan.getOwn())
    if (!findDim(shape.owned, own.dim))
      result.refused = ("items cannot share out '" + own.dim.getValue() + "'").str();
  if (!shape.canBe(form))
    result.refused = ("nothing in it can be made in the form " + stringifyPlanForm(form)).str();
  for (auto linear : kernel.getBody().getOps<LinearRecurrenceOp>())
    if (StringAttr dim = unboundDim(linear, plan, sizes, target))
      result.refused = ("each element of '" + dim.getValue() + "' needs " +
                        (formUnder(linear, form) == PlanForm::Chunk ? "decays" : "a kernel") + " of its own, and is not owned").str();
  double together = 0;
  for (Operation &op : kernel.getBody().front().without_terminator())
    for (Value value : op.getResults())
      together += tiles.elements(getDims(value)) * bytesOf(getElement(value));
  if (together > 8 * target.itemBytes())
    result.refused = llvm::formatv("an item's tiles take {0:f0} KB together; {1} KB fit", together / 1024,
                                   8 * target.itemBytes() / 1024).str();
  return result;
}

/// Whether nobody knows that the dimension is long: its size is open, nothing runs along it, and no argument
/// lies along it in memory. A batch, as a rule, and often of one; vectors along it would be empty then.
static bool mayBeOne(KernelOp kernel, StringAttr dim, const PlanningSizes &sizes) {
  auto function = kernel->getParentOfType<func::FuncOp>();
  return !sizes.isKnown(dim) && !sizes.runs(dim) && llvm::none_of(function.getArguments(), [&](Value argument) {
    return isNamedTensor(argument.getType()) && !getDims(argument).empty() && getDims(argument).back().name == dim;
  });
}

std::vector<Candidate> enumerate(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes,
                                 const Target &target) {
  bool products = llvm::any_of(kernel.getBody().front(), [](Operation &op) { return llvm::isa<ContractOp, OnlineFoldOp, LinearRecurrenceOp>(op); });
  std::vector<Candidate> all;
  auto tryOwn = [&](PlanForm form, SmallVector<PlanTile> own, int64_t along, int64_t sub) {
    SmallVector<PlanTile> steps = chooseSteps(kernel, shape, form, own, along, sizes, target);
    // A scan's state that is walked, or read elsewhere, lies in memory, and is advanced step by step.
    if (shape.shifts || llvm::any_of(steps, [&](const PlanTile &t) { return llvm::is_contained(shape.carried, t.dim); }))
      for (PlanTile &step : steps)
        if (step.dim == shape.along)
          step.size = 1;
    PlanAttr plan = PlanAttr::get(kernel.getContext(), form, own, steps, sub);
    if (llvm::any_of(all, [&](const Candidate &c) { return c.plan == plan; }))
      return;
    all.push_back(score(kernel, shape, plan, sizes, target));
    all.back().unsure = !own.empty() && own.back().size > 1 && mayBeOne(kernel, own.back().dim, sizes);
  };
  auto tryForms = [&](SmallVector<PlanTile> own) {
    for (PlanForm form : shape.forms) {
      if (form == PlanForm::Toeplitz)
        continue;
      SmallVector<int64_t> lengths{1};
      if (shape.along)
        lengths = form == PlanForm::Chunk ? shape.factored ? SmallVector<int64_t>{8, 16, 32, 64} : SmallVector<int64_t>{32, 64, 128}
                  : products              ? SmallVector<int64_t>{16, 32, 64}
                                          : SmallVector<int64_t>{16, 32};
      for (int64_t length : lengths)
        tryOwn(form, own, length, 0);
    }
  };
  auto tryPlan = [&](ArrayRef<NamedDim> owned, int lane, int64_t laneTile, int row, int64_t rowTile) {
    auto isSingle = [&](int dim) { return dim >= 0 && llvm::is_contained(shape.single, owned[dim].name); };
    if (isSingle(lane) || isSingle(row))
      return;
    SmallVector<PlanTile> own;
    for (auto [i, d] : llvm::enumerate(owned))
      if (static_cast<int>(i) != lane)
        own.push_back({d.name, static_cast<int>(i) == row ? std::min(rowTile, sizes[d.name]) : 1});
    if (lane >= 0) // along vectors: the last one
      own.push_back({owned[lane].name, std::min(laneTile, sizes[owned[lane].name])});
    tryForms(own);
  };
  auto tryOwned = [&](ArrayRef<NamedDim> owned) {
    int count = owned.size();
    tryPlan(owned, -1, 1, -1, 1);
    for (int lane = 0; lane < count; ++lane)
      for (int64_t laneTile : {8, 16, 32, 64, 128, 256}) {
        tryPlan(owned, lane, laneTile, -1, 1);
        if (shape.along || !(products || laneTile < 64))
          continue;
        for (int row = 0; row < count; ++row)
          if (row != lane)
            for (int64_t rowTile : {4, 16, 64})
              tryPlan(owned, lane, laneTile, row, rowTile);
      }
  };
  tryOwned(shape.owned);
  // What only some results have need not be shared out: others would be made by every item.
  // But a fold would then be made for each of its tiles.
  NamedDims common = shape.owned;
  llvm::erase_if(common, [&](const NamedDim &d) {
    auto lacks = [&](Value value) { return !value.use_empty() && !hasDim(value, d.name); };
    for (auto fold : kernel.getBody().getOps<OnlineFoldOp>())
      if (llvm::any_of(fold.getResults(), lacks) && !llvm::all_of(fold.getResults(), lacks))
        return false;
    return llvm::any_of(kernel.getYielded(), lacks);
  });
  if (!shape.along && common.size() < shape.owned.size())
    tryOwned(common);
  // What is made of a state or of scores that lack it is walked, and they are shared; what
  // a convolution's kernel lacks is walked under one kernel, or owned.
  auto ownedBut = [&](llvm::function_ref<bool(StringAttr)> walked) {
    SmallVector<PlanTile> own;
    for (const NamedDim &d : shape.owned)
      if (!walked(d.name))
        own.push_back({d.name, 1});
    return own;
  };
  if (shape.along)
    tryForms(ownedBut([&](StringAttr dim) { return llvm::is_contained(shape.values, dim); }));
  if (shape.canBe(PlanForm::Toeplitz))
    for (int64_t sub : {32, 64, 128})
      for (int64_t chunks : {4, 8, 16}) {
        tryOwn(PlanForm::Toeplitz, ownedBut([](StringAttr) { return false; }), sub * chunks, sub);
        tryOwn(PlanForm::Toeplitz, ownedBut([&](StringAttr d) { return !llvm::is_contained(shape.kernels, d); }), sub * chunks, sub);
      }
  llvm::stable_sort(all, [](const Candidate &a, const Candidate &b) {
    if (a.refused.empty() != b.refused.empty())
      return a.refused.empty();
    return a.weight() < b.weight();
  });
  auto ties = llvm::find_if(all, [&](const Candidate &c) { return !c.refused.empty() || c.weight() > 1.08 * all[0].weight(); });
  auto bytes = [](const Candidate &c) { return static_cast<int64_t>(10 * std::log2(std::max(c.memory, 1e-12))); };
  // Of the same bytes, what relies least on the length of what is open, which may be one.
  auto relies = [&](const Candidate &c) {
    double share = 0;
    for (const PlanTile &own : c.plan.getOwn())
      if (!sizes.isKnown(own.dim) && own.size > 1)
        share = std::max(share, std::min(1.0, static_cast<double>(own.size) / sizes[own.dim]));
    return share >= 0.5;
  };
  std::stable_sort(all.begin(), ties, [&](const Candidate &a, const Candidate &b) {
    return std::make_pair(bytes(a), relies(a)) < std::make_pair(bytes(b), relies(b));
  });
  return all;
}

std::string describe(PlanAttr plan) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto list = [&](StringRef word, ArrayRef<PlanTile> tiles) {
    if (tiles.empty())
      return;
    os << (text.empty() ? "" : " ") << word << " [";
    llvm::interleaveComma(tiles, os, [&](const PlanTile &tile) { os << tile.dim.getValue() << " : " << tile.size; });
    os << "]";
  };
  list("own", plan.getOwn());
  list("step", plan.getStep());
  if (plan.getSub() != 0)
    os << " sub " << plan.getSub();
  return text.empty() ? "one item" : text;
}

} // namespace ssm
