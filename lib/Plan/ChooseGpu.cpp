//===- ChooseGpu.cpp - candidate plans for a GPU ----------------------------===//
//
// An item is what a warp or a warpgroup does. One dimension lies along its threads
// (the lane); what an item owns beside it, walks or combines is held in each thread's
// registers, so tiles are as large as those allow. Lanes that are contiguous in memory
// move whole lines; others are tried too and lose by the bytes that they waste.
//
//   rows [B, L] of D, reduced along D      own [B : 1, L : 1], D whole: a row a warp(group)
//   running sums of [B, L, D] along L      own [B : 1, D : 256] step [L : 8]
//   sum[I] W * x of [L, O]                 own [L : 128, O : 128] step [I : 64]
//
//===----------------------------------------------------------------------===//
#include "Choose.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssm {
namespace {

/// Elements of the largest tile that a thread holds (32 registers leave room for a few
/// tiles, 64 for fewer), how many threads an item has at most, and the longest row of a
/// warp.
constexpr int64_t elementsOfThread = 32, threadsOfItem = 128, longestOfWarp = 768, heldRegisters = 80;
/// A multiprocessor's memory moves in sectors.
constexpr double sectorBytes = 32;

class GpuPlanner {
public:
  GpuPlanner(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes, const Target &target)
      : kernel(kernel), shape(shape), sizes(sizes), target(target) {
    // What something combines is in one item whole: else each would combine it anew.
    itemDims = shape.owned;
    llvm::erase_if(itemDims, [&](const NamedDim &d) { return llvm::is_contained(shape.combined, d.name); });
  }

  std::vector<Candidate> run();

private:
  void tryLane(StringAttr lane);
  void addLane(StringAttr lane, int64_t laneTile, StringAttr row, int64_t rows, int64_t along);
  void tryProduct(ContractOp product);
  void add(ArrayRef<PlanTile> own, ArrayRef<PlanTile> step, StringAttr lane);
  void addProduct(ContractOp product, ArrayRef<PlanTile> own, ArrayRef<PlanTile> step, int64_t rows, int64_t columns);
  bool isSingle(StringAttr dim) const { return llvm::is_contained(shape.single, dim); }
  bool isOwned(StringAttr dim) const { return findDim(itemDims, dim).has_value(); }
  /// Of a product's dimensions: open ones are long, or the plan does not matter.
  int64_t guess(StringRef dim) const { return sizes.isKnown(dim) ? sizes[dim] : std::max<int64_t>(sizes[dim], 4096); }
  int64_t tileOf(PlanAttr plan, StringRef dim) const;
  double bytesOf(PlanAttr plan, Value value) const;
  void score(Candidate &candidate, StringAttr lane) const;

  mutable KernelOp kernel;
  const KernelShape &shape;
  const PlanningSizes &sizes;
  const Target &target;
  NamedDims itemDims;
  std::vector<Candidate> all;
};

int64_t GpuPlanner::tileOf(PlanAttr plan, StringRef dim) const {
  std::optional<int64_t> tile = plan.ownTile(dim);
  if (!tile)
    tile = plan.stepTile(dim);
  return std::min(tile.value_or(sizes[dim]), sizes[dim]);
}

/// What a tensor moves, whole sectors counted.
double GpuPlanner::bytesOf(PlanAttr plan, Value value) const {
  NamedDims dims = getDims(value);
  double element = ssm::bytesOf(getElement(value)), run = element;
  for (const NamedDim &d : llvm::reverse(dims)) {
    int64_t tile = tileOf(plan, d.name);
    run *= tile;
    if (tile < sizes[d.name])
      break;
  }
  return sizes.count(dims) * element * std::max(1.0, sectorBytes / run);
}

void GpuPlanner::score(Candidate &candidate, StringAttr lane) const {
  PlanAttr plan = candidate.plan;
  candidate.counts = count(kernel, sizes, plan);
  // What walks a sequence has few batches, if it is not said how many.
  constexpr int64_t fewBatches = 16;
  double items = 1;
  for (const PlanTile &own : plan.getOwn()) {
    bool few = shape.along && !sizes.isKnown(own.dim) && own.dim != lane;
    items *= std::ceil(static_cast<double>(few ? std::min(sizes[own.dim], fewBatches) : sizes[own.dim]) / own.size);
  }
  double bytes = 0;
  auto addInput = [&](Value value) {
    double own = bytesOf(plan, value), again = items;
    for (const PlanTile &tile : plan.getOwn())
      if (hasDim(value, tile.dim))
        again /= std::ceil(static_cast<double>(sizes[tile.dim]) / tile.size);
    bytes += own + (again - 1) * own / 4; // from L2
  };
  for (Value input : kernel.getBody().getArguments())
    addInput(input);
  for (Value output : kernel.getYielded())
    bytes += bytesOf(plan, output);
  candidate.memory = target.memoryTime(bytes);

  // Elements of the largest tile, the lane's threads filled up.
  double most = 1;
  Value largest;
  kernel.getBody().walk([&](Operation *op) {
    for (Value result : op->getResults()) {
      if (!isNamedTensor(result.getType()))
        continue;
      double elements = 1;
      for (const NamedDim &d : getDims(result))
        elements *= tileOf(plan, d.name);
      if (elements > most) {
        most = elements;
        largest = result;
      }
    }
  });
  // A warp's work, or a warpgroup's where rows are long: as the kernel is made.
  bool scanned = lane && lane == shape.along;
  int64_t along = lane ? tileOf(plan, lane) : 1, threads = along > longestOfWarp && !scanned ? threadsOfItem : 32;
  double thread = most / threads;
  if (thread > 2 * elementsOfThread)
    candidate.refused = llvm::formatv("{0} elements of '{1}' in each of {2} threads; {3} fit", int64_t(thread),
                                      formatDims(getDims(largest)), threads, 2 * elementsOfThread).str();
  double filled = std::min(1.0, along / 32.0);
  // Bytes on the way to a multiprocessor: of as many items as it holds, each a step of what
  // it reads.
  double step = 0;
  for (Value input : kernel.getBody().getArguments()) {
    double elements = 1;
    for (const NamedDim &d : getDims(input))
      elements *= tileOf(plan, d.name);
    step += elements * ssm::bytesOf(getElement(input));
  }
  // A step of a walk is held as it comes, while the next one is on its way.
  if (double held = step / threads / 4; shape.along && held > heldRegisters)
    candidate.refused = llvm::formatv("{0} registers of each thread hold what a step reads; {1} leave room for the rest",
                                      int64_t(held), heldRegisters).str();
  constexpr double registersBeside = 40, elementRegisters = 1.5, wantedBytes = 32768;
  double resident = std::min(items / target.cores(), 65536 / (threads * (registersBeside + elementRegisters * thread)));
  double flight = std::min(1.0, resident * step / wantedBytes);
  double spill = thread > elementsOfThread ? 1.1 : 1;
  candidate.compute = target.computeTime(candidate.counts) * spill / filled;
  candidate.memory *= spill / std::max(0.1, flight);
  // A thread's accesses are as wide as a warp's share of the lane: 16 bytes move best.
  double wide = along / threads;
  candidate.memory *= wide >= 8 ? 1 : wide >= 4 ? 1.05 : 1.15;
  candidate.items = 2e-9 * items;
  // Eight items a multiprocessor keep memory busy.
  double wanted = 8.0 * target.cores();
  candidate.balance = std::min(1.0, items / wanted);
  Counts exps{0, 0, candidate.counts.exps, 0};
  candidate.expShare = target.computeTime(exps) / std::max(1e-30, target.computeTime(candidate.counts));
}

void GpuPlanner::add(ArrayRef<PlanTile> own, ArrayRef<PlanTile> step, StringAttr lane) {
  PlanAttr plan = PlanAttr::get(kernel.getContext(), shape.along ? PlanForm::Sequential : shape.forms.front(), own, step);
  if (llvm::any_of(all, [&](const Candidate &c) { return c.plan == plan; }))
    return;
  Candidate candidate;
  candidate.plan = plan;
  score(candidate, lane);
  all.push_back(std::move(candidate));
}

void GpuPlanner::tryLane(StringAttr lane) {
  bool owned = lane && isOwned(lane);
  SmallVector<int64_t> laneTiles{1};
  if (owned && !isSingle(lane)) {
    laneTiles.clear();
    for (int64_t tile : {64, 128, 256, 512, 1024, 2048})
      if (tile < sizes[lane])
        laneTiles.push_back(tile);
    if (sizes[lane] <= 4096 && sizes.isKnown(lane))
      laneTiles.push_back(sizes[lane]);
    else if (laneTiles.empty())
      laneTiles.push_back(64);
  }
  // The owned dimension whose tile may be longer than one beside the lane: the last.
  StringAttr row;
  for (const NamedDim &d : itemDims)
    if (d.name != lane && !isSingle(d.name))
      row = d.name;
  // What is walked in order is long where items are few.
  SmallVector<int64_t> alongTiles{8};
  if (shape.along && lane != shape.along)
    alongTiles.append({16, 32});
  for (int64_t along : alongTiles)
    for (int64_t laneTile : laneTiles)
      for (int64_t rows : {1, 2, 4, 8, 16})
        if (rows == 1 || (row && sizes[row] >= rows))
          addLane(lane, laneTile, row, rows, along);
}

void GpuPlanner::addLane(StringAttr lane, int64_t laneTile, StringAttr row, int64_t rows, int64_t along) {
  bool owned = lane && isOwned(lane);
  SmallVector<PlanTile> own, step;
  for (const NamedDim &d : itemDims)
    if (d.name != lane)
      own.push_back({d.name, d.name == row ? rows : 1});
  if (owned)
    own.push_back({lane, isSingle(lane) ? 1 : laneTile});
  double beside = rows * (owned ? laneTile : 1);
  NamedDims dims = kernel.allDims();
  for (const NamedDim &d : dims) {
    if (isOwned(d.name))
      continue;
    bool known = sizes.isKnown(d.name);
    if (isSingle(d.name)) {
      step.push_back({d.name, 1});
    } else if (d.name == shape.along) {
      step.push_back({d.name, d.name == lane ? std::min<int64_t>(512, llvm::PowerOf2Ceil(sizes[lane])) : along});
    } else if (d.name == lane) {
      if (!known || sizes[lane] > target.longestWhole())
        step.push_back({d.name, 1024});
    } else if (!known || (sizes[d.name] > 16 && sizes[d.name] * beside > elementsOfThread * threadsOfItem)) {
      bool carried = llvm::is_contained(shape.carried, d.name);
      if (!carried || !known)
        step.push_back({d.name, 8});
    }
  }
  // A state that is walked lies in memory, and is advanced step by step.
  if (llvm::any_of(step, [&](const PlanTile &t) { return llvm::is_contained(shape.carried, t.dim); }))
    for (PlanTile &tile : step)
      if (tile.dim == shape.along)
        tile.size = 1;
  add(own, step, lane);
}

/// Rows are the longest dimension that only one operand has, columns the last one of
/// what is made that only the other has.
void GpuPlanner::tryProduct(ContractOp product) {
  auto dimsOf = [&](unsigned i) { return getDims(product.getOperands()[i]); };
  StringAttr column, row;
  for (const NamedDim &d : getDims(kernel.getYielded().front()))
    if (isOwned(d.name) && findDim(dimsOf(0), d.name).has_value() != findDim(dimsOf(1), d.name).has_value())
      column = d.name;
  if (!column)
    return;
  bool columnInFirst = findDim(dimsOf(0), column).has_value();
  for (const NamedDim &d : getDims(product.getResult()))
    if (isOwned(d.name) && findDim(dimsOf(columnInFirst ? 1 : 0), d.name) && !findDim(dimsOf(columnInFirst ? 0 : 1), d.name) &&
        (!row || sizes[d.name] >= sizes[row]))
      row = d.name;
  if (!row)
    return;
  // Columns that lie side by side in memory come in 128 bytes.
  int64_t least = dimsOf(columnInFirst ? 0 : 1).back().name == column ? 64 : 32;
  for (int64_t rows : {64, 128})
    for (int64_t columns : {32, 64, 128, 256}) {
      if (columns < least || (columns > least && columns / 2 >= guess(column)) || (rows > 64 && guess(row) <= 64))
        continue;
      SmallVector<PlanTile> own, step;
      for (const NamedDim &d : itemDims)
        if (d.name != row && d.name != column)
          own.push_back({d.name, 1});
      own.push_back({row, rows});
      own.push_back({column, columns});
      for (const NamedDim &d : kernel.allDims())
        if (!isOwned(d.name))
          step.push_back({d.name, llvm::is_contained(shape.combined, d.name) ? 64 : 1});
      addProduct(product, own, step, rows, columns);
    }
}

/// What the tensor cores reach with a tile: larger ones are read again less often, from
/// shared memory and from L2. Operands that the copy engine cannot bring go through
/// registers, and f32 ones are multiplied in six parts.
void GpuPlanner::addProduct(ContractOp product, ArrayRef<PlanTile> own, ArrayRef<PlanTile> step, int64_t rows,
                            int64_t columns) {
  Candidate candidate;
  candidate.plan = PlanAttr::get(kernel.getContext(), shape.forms.front(), own, step);
  score(candidate, {});
  candidate.refused.clear();
  bool half = true, copied = true;
  Type first;
  for (Value operand : product.getOperands()) {
    while (auto cast = operand.getDefiningOp<MapOp>())
      if (cast.getFn() == MapFn::Cast && ssm::bytesOf(getElement(cast.getOperands()[0])) == 2)
        operand = cast.getOperands()[0];
      else
        break;
    NamedDims dims = getDims(operand);
    half &= !getElement(operand).isF32();
    // Of open rows the launch finds out.
    copied &= !getElement(operand).isF32() && (!sizes.isKnown(dims.back().name) || sizes[dims.back().name] % 8 == 0);
    // bf16 with f16 goes by parts.
    copied &= !first || first == getElement(operand);
    half &= !first || first == getElement(operand) || first.isF32() || getElement(operand).isF32();
    first = getElement(operand);
  }
  double reached = (rows == 64 ? 0.6 : 1) * (columns == 32 ? 0.25 : columns == 64 ? 0.5 : columns == 128 ? 0.8 : 1) *
                   (copied ? 1 : half ? 0.3 : 0.1);
  double items = 1, filled = 1, work = 2, moved = 0;
  for (const PlanTile &tile : own) {
    double parts = std::ceil(static_cast<double>(guess(tile.dim)) / tile.size);
    items *= parts;
    filled *= parts * tile.size / guess(tile.dim);
    work *= guess(tile.dim);
  }
  for (const PlanTile &tile : step)
    work *= guess(tile.dim);
  // Each item reads its operands from L2, which gives four times as much.
  double depth = work / 2 / (filled > 0 ? items * rows * columns / filled : 1);
  moved = items * (rows + columns) * depth * (half ? 2 : 4) / 4 + items * rows * columns * 2;
  candidate.memory = target.memoryTime(moved);
  candidate.compute = work * filled / (target.get("product_16bit") * reached);
  candidate.items = 2e-9 * items;
  candidate.balance = items / (std::ceil(items / target.cores()) * target.cores());
  // Accumulators of 64 rows a warpgroup, one for each product, and what an epilogue reads
  // beside them.
  int64_t products = llvm::count_if(kernel.getBody().front(), [](Operation &op) { return isMatrixProduct(&op); });
  int64_t registers = products * (copied ? 1 : rows / 64) * columns / 2 * (half ? 1 : 2);
  int64_t most = copied ? 128 : 64; // what follows works on 64 columns at a time
  if (registers > most)
    candidate.refused = llvm::formatv("{0} registers of sums in a thread; {1} leave room for the rest", registers, most).str();
  all.push_back(std::move(candidate));
}

std::vector<Candidate> GpuPlanner::run() {
  if (!shape.along)
    kernel.getBody().walk([&](ContractOp product) {
      if (product->getParentOp() == kernel && isMatrixProduct(product))
        tryProduct(product);
    });
  if (all.empty()) {
    // What lies contiguous in memory, in most of the bytes: as the kernel's threads will.
    llvm::MapVector<StringAttr, double> lanes;
    for (Value value : llvm::concat<Value>(SmallVector<Value>(kernel.getYielded()),
                                           SmallVector<Value>(kernel.getBody().getArguments())))
      if (NamedDims dims = getDims(value); !dims.empty() && !isSingle(dims.back().name))
        lanes[dims.back().name] += sizes.count(dims) * ssm::bytesOf(getElement(value));
    const auto *most = llvm::max_element(lanes, [](const auto &a, const auto &b) { return a.second < b.second; });
    tryLane(most == lanes.end() ? StringAttr() : most->first);
  }
  llvm::stable_sort(all, [](const Candidate &a, const Candidate &b) {
    if (a.refused.empty() != b.refused.empty())
      return a.refused.empty();
    return a.time() < b.time();
  });
  return std::move(all);
}

} // namespace

std::vector<Candidate> enumerateForGpu(KernelOp kernel, const KernelShape &shape, const PlanningSizes &sizes,
                                       const Target &target) {
  // Open sizes that items share out, or that lie contiguous, are long, or the plan does not matter.
  PlanningSizes large = sizes;
  for (const NamedDim &d : shape.owned)
    large.lengthen(d.name, 512);
  for (Value value : llvm::concat<Value>(SmallVector<Value>(kernel.getYielded()), SmallVector<Value>(kernel.getBody().getArguments())))
    if (NamedDims dims = getDims(value); !dims.empty())
      large.lengthen(dims.back().name, 2048);
  return GpuPlanner(kernel, shape, large, target).run();
}

} // namespace ssm
