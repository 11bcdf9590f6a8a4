//===- FuseGraph.cpp - which operations could share a kernel ----------------===//
#include "FuseGraph.h"

#include "Choose.h"
#include "MakeKernels.h"
#include "ssm/Plan/RecurrenceForms.h"

#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace ssm {

/// Outputs that an item of a convolution makes with one element of the kernel.
constexpr double tileOfTaps = 32;

llvm::SetVector<Value> FuseGraph::reads(Operation *op) {
  llvm::SetVector<Value> values;
  values.insert(op->operand_begin(), op->operand_end());
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, values);
  return values;
}

/// A value as it was before its elements were widened.
static Value widened(Value value) {
  for (;;) {
    auto map = value.getDefiningOp<MapOp>();
    if (!map || map.getFn() != MapFn::Cast || bytesOf(getElement(map.getOperands()[0])) != 2)
      return value;
    value = map.getOperands()[0];
  }
}

FuseGraph::FuseGraph(func::FuncOp function, const Target &target)
    : function(function), target(target), sizes(function) {
  Block &block = function.getBody().front();
  for (Operation &op : block)
    if (fusionRole(&op) == FusionRole::Anchor)
      addNode(&op);
  // What leaves through glue: returned, or read by an operation outside.
  for (Operation &op : block)
    if (fusionRole(&op) == FusionRole::Outside)
      for (Value value : reads(&op))
        if (Operation *maker = value.getDefiningOp(); maker && fusionRole(maker) == FusionRole::Glue)
          // A number is no kernel, unless one computes it or the entry does nothing but launch.
          if (!getDims(value).empty() || !sources(maker).empty() || (target.isGpu() && llvm::isa<func::ReturnOp>(op)))
            addNode(maker);
  // What matrices are multiplied with lies in memory, so what makes it is a kernel too.
  if (target.has("one_product"))
    for (Operation &op : block)
      if (isMatrixProduct(&op))
        for (Value value : op.getOperands())
          if (Operation *maker = widened(value).getDefiningOp(); maker && fusionRole(maker) == FusionRole::Glue)
            addNode(maker);
  // A convolution reads its operands at every tap: what costs something is made once.
  for (Operation &op : block)
    if (auto conv = llvm::dyn_cast<ConvOp>(op); conv && fusionRole(&op) == FusionRole::Anchor) {
      NamedDims dims = getDims(conv.getResult());
      double taps = sizes[conv.getKernelDim()];
      for (Value value : {conv.getOperand(), conv.getKernel()}) {
        Operation *maker = value.getDefiningOp();
        double again = taps * sizes.count(dims) / sizes.count(getDims(value)) / (value == conv.getKernel() ? tileOfTaps : 1);
        if (maker && fusionRole(maker) == FusionRole::Glue &&
            (again - 1) * target.computeTime(glueCounts(maker)) > target.memoryTime(2 * sizes.count(getDims(value)) * 4))
          addNode(maker);
      }
    }
  sourceSets.clear();
  for (Operation &op : block)
    if (isNode(&op) || fusionRole(&op) == FusionRole::Outside) {
      bool follows = false;
      for (Operation *maker : makers(&op)) {
        consumers[maker].push_back(&op);
        follows |= isNode(maker) || afterNodes.contains(maker);
      }
      if (follows && !isNode(&op))
        afterNodes.insert(&op);
    }
}

Counts FuseGraph::glueCounts(Operation *op) {
  Counts total;
  llvm::SmallPtrSet<Operation *, 16> seen;
  SmallVector<Operation *> todo{op};
  while (!todo.empty()) {
    Operation *glue = todo.pop_back_val();
    if (isNode(glue) || fusionRole(glue) != FusionRole::Glue || !seen.insert(glue).second)
      continue;
    total += count(glue, sizes);
    for (Value value : reads(glue))
      if (Operation *maker = value.getDefiningOp())
        todo.push_back(maker);
  }
  return total;
}

llvm::SetVector<Operation *> FuseGraph::makers(Operation *op) {
  llvm::SetVector<Operation *> all;
  llvm::SmallPtrSet<Operation *, 16> seen;
  SmallVector<Operation *> todo{op};
  while (!todo.empty())
    for (Value value : reads(todo.pop_back_val())) {
      Operation *maker = value.getDefiningOp();
      if (!maker || maker->getBlock() != &function.getBody().front() || !seen.insert(maker).second)
        continue;
      if (isNode(maker) || fusionRole(maker) == FusionRole::Outside)
        all.insert(maker);
      else
        todo.push_back(maker);
    }
  return all;
}

bool FuseGraph::waits(Operation *op) {
  return llvm::any_of(makers(op), [&](Operation *maker) { return afterNodes.contains(maker); });
}

void FuseGraph::addNode(Operation *op) {
  if (place.contains(op))
    return;
  place[op] = found.size();
  found.push_back({{op}, freeDims(op), sequentialDim(op), isReverse(op)});
}

const llvm::SetVector<Operation *> &FuseGraph::sources(Operation *op) {
  if (auto known = sourceSets.find(op); known != sourceSets.end())
    return known->second;
  llvm::SetVector<Operation *> all;
  for (Value value : reads(op)) {
    Operation *maker = value.getDefiningOp();
    if (!maker || fusionRole(maker) == FusionRole::Outside)
      continue;
    if (isNode(maker)) {
      all.insert(maker);
      continue;
    }
    const llvm::SetVector<Operation *> &further = sources(maker);
    all.insert(further.begin(), further.end());
  }
  return sourceSets[op] = std::move(all);
}

double FuseGraph::parallelism(const Cluster &cluster) const { return sizes.count(cluster.owned); }

Cluster FuseGraph::unite(const Cluster &from, const Cluster &to) {
  Cluster merged = from;
  merged.nodes.append(to.nodes.begin(), to.nodes.end());
  llvm::erase_if(merged.owned, [&](const NamedDim &d) {
    return !findDim(to.owned, d.name) || d.name == to.along || d.name == from.along;
  });
  if (!merged.along) {
    merged.along = to.along;
    merged.reverse = to.reverse;
  }
  return merged;
}

/// The glue between two nodes that reads its operand elsewhere along a dimension.
static Operation *mover(FuseGraph &graph, Operation *from, Operation *to, StringRef dim) {
  SmallVector<Operation *> todo{to};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!todo.empty()) {
    Operation *op = todo.pop_back_val();
    if (!seen.insert(op).second)
      continue;
    if (fusionRole(op) == FusionRole::Glue && movesAlong(op, dim))
      return op;
    for (Value value : FuseGraph::reads(op)) {
      Operation *maker = value.getDefiningOp();
      if (!maker || graph.isNode(maker) || !graph.sources(maker).contains(from))
        continue;
      todo.push_back(maker);
    }
  }
  return nullptr;
}

std::string FuseGraph::refuseEdge(Operation *from, Operation *to, const Cluster &merged) {
  Value made = from->getResult(0);
  NamedDims dims = getDims(made);
  if (StringAttr along = sequentialDim(from)) {
    if (mover(*this, from, to, along))
      return "what comes of it along '" + along.str() + "' is read elsewhere than where it is made";
    if (llvm::is_contained(combinedDims(to), along))
      return "'" + along.str() + "' would have to be walked twice: once in order, once to combine what came of it";
  }
  if (auto conv = llvm::dyn_cast<ConvOp>(to))
    for (StringAttr dim : {conv.getDimAttr(), conv.getKernelDimAttr()})
      if (findDim(dims, dim))
        return "a convolution reads it along '" + dim.str() + "' at every tap";
  for (const NamedDim &d : merged.owned)
    if (Operation *op = mover(*this, from, to, d.name); op && fusionRole(from) == FusionRole::Anchor)
      return "it is read elsewhere along '" + d.name.str() + "' than where an item makes it";
  // How often an item would make the same values: once for each tile of what the
  // result has, they lack, and is too long to be held whole; and for each fold.
  double again = 1;
  NamedDims wanted = getDims(to->getResult(0));
  for (const NamedDim &d : wanted)
    if (!findDim(dims, d.name) && !findDim(merged.owned, d.name) && d.name != merged.along)
      again *= std::ceil(static_cast<double>(sizes[d.name]) / target.longestWhole());
  // What a convolution by chunks takes one after the other under the same tables.
  if (auto linear = llvm::dyn_cast<LinearRecurrenceOp>(to); linear && hasToeplitzForm(linear) && findDim(dims, linear.getDim()))
    for (const NamedDim &d : getDims(linear.getInit()))
      if (!findDim(dims, d.name) && !findDim(kernelDims(linear), d.name) && !llvm::is_contained(combinedDims(to), d.name))
        again *= sizes[d.name];
  unsigned folds = 0;
  bool kept = false;
  for (Operation *node : merged.nodes) {
    if (!sources(node).contains(from))
      continue;
    bool folded = llvm::any_of(combinedDims(node), [&](StringAttr d) {
      return findDim(dims, d) && sizes[d] > target.longestWhole();
    });
    folded ? void(++folds) : void(kept = true);
  }
  bool longDim = llvm::any_of(dims, [&](const NamedDim &d) {
    return !findDim(merged.owned, d.name) && d.name != merged.along && sizes[d.name] > target.longestWhole();
  });
  if (longDim)
    again *= std::max(1u, folds + (kept ? 1 : 0));
  if (again <= 1)
    return "";
  Counts counts = count(from, sizes);
  double saved = target.memoryTime(2 * sizes.count(dims) * 4), added = (again - 1) * target.computeTime(counts);
  if (added <= saved)
    return "";
  return (llvm::formatv("it would be made {0} times over, {1:f1} us more against {2:f1} us for writing and reading it",
                        static_cast<int64_t>(again), added * 1e6, saved * 1e6))
      .str();
}

bool FuseGraph::leaves(Value value, ArrayRef<Operation *> nodes) {
  Block *block = &function.getBody().front();
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    while (user->getBlock() != block)
      user = user->getParentOp();
    if (isNode(user))
      return !llvm::is_contained(nodes, user);
    return fusionRole(user) == FusionRole::Outside || leaves(user->getResult(0), nodes);
  });
}

std::string FuseGraph::refuseOrder(const Cluster &merged) {
  NamedDims leaving;
  for (Operation *node : merged.nodes)
    for (Value result : node->getResults())
      if (leaves(result, merged.nodes))
        uniteDims(leaving, getDims(result));
  for (Operation *node : merged.nodes) {
    auto linear = llvm::dyn_cast<LinearRecurrenceOp>(node);
    if (!linear)
      continue;
    // What is made of it is made where it is: nothing may walk it again.
    llvm::SmallDenseSet<StringAttr> barred = barredDims(node);
    for (Operation *other : merged.nodes)
      if (sources(other).contains(node))
        for (StringAttr dim : combinedDims(other))
          barred.insert(dim);
    for (Value output : linear.getOutputs())
      for (const NamedDim &d : getDims(output)) {
        bool held = sizes.isKnown(d.name) && sizes[d.name] <= target.longestWhole();
        bool shared = findDim(leaving, d.name) && !barred.contains(d.name);
        if (d.name != linear.getDimAttr() && !held && !shared)
          return ("an item would have to hold all of '" + d.name.getValue() + "' at each position, and " +
                  (sizes.isKnown(d.name) ? "that is long" : "its size is open")).str();
      }
  }
  return "";
}

/// What comes of a walk in order, through however many nodes, is there at each position only.
std::string FuseGraph::refuseWalk(const Cluster &merged) {
  if (!merged.along)
    return "";
  SmallVector<Operation *> nodes(merged.nodes);
  llvm::sort(nodes, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::SmallPtrSet<Operation *, 8> ordered;
  for (Operation *node : nodes) {
    bool follows = false;
    for (Operation *source : sources(node)) {
      if (!ordered.contains(source))
        continue;
      follows = true;
      if (llvm::is_contained(combinedDims(node), merged.along))
        return "'" + merged.along.str() + "' would have to be walked twice: once in order, once to combine what came of it";
      if (mover(*this, source, node, merged.along))
        return "what comes of it along '" + merged.along.str() + "' is read elsewhere than where it is made";
    }
    auto varies = [&](Value value) { return hasDim(value, merged.along); };
    if (llvm::any_of(node->getResults(), varies) && (follows || sequentialDim(node) == merged.along))
      ordered.insert(node);
  }
  return "";
}

std::string FuseGraph::refuse(const Cluster &from, const Cluster &to) {
  if (from.along && to.along && (from.along != to.along || from.reverse != to.reverse))
    return from.along == to.along ? "they walk '" + from.along.str() + "' in opposite directions"
                                  : "one walks '" + from.along.str() + "' in order, the other '" + to.along.str() + "'";
  Cluster merged = unite(from, to);
  double before = std::min(parallelism(from), parallelism(to)), after = parallelism(merged);
  if (after < target.cores() && after < before)
    return (llvm::formatv("together they leave {0} independent items, apart at least {1}", static_cast<int64_t>(after),
                          static_cast<int64_t>(before)))
        .str();
  auto isAnchor = [](Operation *op) { return fusionRole(op) == FusionRole::Anchor; };
  for (Operation *a : from.nodes)
    for (Operation *b : to.nodes)
      if (target.has("one_product") && !merged.along && sources(b).contains(a) &&
          (isMatrixProduct(b) || (isMatrixProduct(a) && isAnchor(b))))
        return "a product's operands, and what it makes, lie in memory on this target";
  for (Operation *a : from.nodes)
    for (Operation *b : to.nodes)
      if (sources(b).contains(a))
        if (std::string why = refuseEdge(a, b, merged); !why.empty())
          return why;
  if (std::string why = refuseOrder(merged); !why.empty())
    return why;
  if (std::string why = refuseWalk(merged); !why.empty())
    return why;
  return refuseTime(from, to);
}

double FuseGraph::bestTime(ArrayRef<Operation *> nodes) {
  SmallVector<Operation *> key(nodes);
  llvm::sort(key);
  auto [known, isNew] = bestTimes.try_emplace(key, std::numeric_limits<double>::infinity());
  if (!isNew)
    return known->second;
  KernelOp kernel = makeTrialKernel(function, *this, nodes);
  if (!kernel)
    return known->second = 0;
  Candidate best = enumerate(kernel, KernelShape(kernel), sizes, target).front();
  kernel.erase();
  if (best.refused.empty())
    known->second = best.time();
  return known->second;
}

std::string FuseGraph::refuseTime(const Cluster &from, const Cluster &to) {
  // Products, and what combines those results of a fold that are written in any case: either
  // may be made again by each item.
  auto has = [](const Cluster &cluster, auto kind) { return llvm::any_of(cluster.nodes, kind); };
  bool products = has(from, llvm::IsaPred<ContractOp>) && has(to, llvm::IsaPred<ContractOp>);
  Cluster both = unite(from, to);
  bool ofFold = has(to, llvm::IsaPred<OnlineFoldOp, ReduceOp>) && has(from, [&](Operation *op) {
    return llvm::isa<OnlineFoldOp>(op) &&
           llvm::any_of(op->getResults(), [&](Value result) { return leaves(result, both.nodes); });
  });
  if (from.along || to.along || !(products || ofFold))
    return "";
  double apart = bestTime(from.nodes) + bestTime(to.nodes), together = bestTime(unite(from, to).nodes);
  if (together <= 1.02 * apart)
    return "";
  return llvm::formatv("as one they take {0:f1} us at best, apart {1:f1} us", together * 1e6, apart * 1e6).str();
}

bool FuseGraph::makesCycle(unsigned from, unsigned to) {
  // Forward from what `from` makes. A cluster that is reached is reached whole: all its nodes
  // run once what one of them needs is there. A step straight into `to` is no detour.
  llvm::SmallDenseSet<unsigned> clusters;
  llvm::SmallPtrSet<Operation *, 16> outside;
  SmallVector<Operation *> todo(found[from].nodes);
  while (!todo.empty()) {
    Operation *op = todo.pop_back_val();
    bool first = isNode(op) && place.lookup(op) == from;
    for (Operation *next : consumers.lookup(op)) {
      if (!isNode(next)) {
        if (outside.insert(next).second)
          todo.push_back(next);
        continue;
      }
      unsigned cluster = place.lookup(next);
      if (first && (cluster == from || cluster == to))
        continue;
      if (cluster == to || cluster == from)
        return true;
      if (clusters.insert(cluster).second)
        todo.append(found[cluster].nodes);
    }
  }
  return false;
}

void FuseGraph::merge() {
  SmallVector<Edge> edges;
  for (auto &[node, where] : place)
    for (Operation *source : sources(node)) {
      double bytes = 0;
      for (Value result : source->getResults())
        bytes = std::max(bytes, 2 * sizes.count(getDims(result)) * bytesOf(getElement(result)));
      edges.push_back({source, node, bytes});
    }
  llvm::stable_sort(edges, [](const Edge &a, const Edge &b) { return a.bytes > b.bytes; });
  llvm::MapVector<std::pair<Operation *, Operation *>, std::pair<std::string, double>> reasons;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Edge &edge : edges) {
      unsigned from = place[edge.from], to = place[edge.to];
      if (from == to)
        continue;
      std::string why = makesCycle(from, to) ? "something that must run between them would be cut off"
                                             : refuse(found[from], found[to]);
      reasons[{edge.from, edge.to}] = {why, edge.bytes};
      if (!why.empty())
        continue;
      found[from] = unite(found[from], found[to]);
      for (Operation *node : found[to].nodes)
        place[node] = from;
      found[to].nodes.clear();
      changed = true;
    }
  }
  for (auto &[edge, reason] : reasons) {
    auto [from, to] = edge;
    if (place[from] == place[to])
      continue;
    InFlightDiagnostic remark = from->emitRemark();
    remark << "not fused, " << static_cast<int64_t>(reason.second) << " bytes written and read again: " << reason.first;
    remark.attachNote(to->getLoc()) << "needed here";
  }
}

} // namespace ssm
