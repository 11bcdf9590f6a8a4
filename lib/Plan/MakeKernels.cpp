//===- MakeKernels.cpp - clusters become ssm.kernel operations --------------===//
#include "MakeKernels.h"

#include "ssm/Plan/Counts.h"

#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ssm {
namespace {

class Maker {
public:
  Maker(func::FuncOp function, FuseGraph &graph) : function(function), graph(graph), sizes(function) {}
  void run();
  /// A kernel of these nodes that nothing uses.
  KernelOp trial(ArrayRef<Operation *> nodes);

private:
  /// The values of a cluster that others need.
  llvm::SetVector<Value> boundary(ArrayRef<Operation *> nodes);
  /// Where the value is handed on: after the glue that alone uses it.
  Value extend(Value value, ArrayRef<Operation *> nodes);
  KernelOp make(ArrayRef<Operation *> nodes, const llvm::SetVector<Value> &outputs);

  func::FuncOp function;
  FuseGraph &graph;
  PlanningSizes sizes;
  llvm::DenseMap<unsigned, llvm::SetVector<Value>> results; // of a cluster
  llvm::DenseSet<Value> handedOn;
};

Value Maker::extend(Value value, ArrayRef<Operation *> nodes) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (user->getBlock() != &function.getBody().front() || fusionRole(user) != FusionRole::Glue || graph.isNode(user))
      break;
    NamedDims dims = getDims(value), next = getDims(user->getResult(0));
    bool moves = llvm::any_of(dims, [&](const NamedDim &d) { return movesAlong(user, d.name); });
    bool widens = sizes.count(next) * bytesOf(getElement(user->getResult(0))) >
                  sizes.count(dims) * bytesOf(getElement(value));
    bool foreign = llvm::any_of(graph.sources(user), [&](Operation *source) {
      return !llvm::is_contained(nodes, source);
    });
    // An operation outside may wait for this very kernel, or for one that waits for it.
    if (moves || widens || foreign || graph.waits(user))
      break;
    value = user->getResult(0);
  }
  return value;
}

llvm::SetVector<Value> Maker::boundary(ArrayRef<Operation *> nodes) {
  // Whether what a user makes with the value stays in this cluster.
  std::function<bool(Operation *)> stays = [&](Operation *user) {
    while (user->getBlock() != &function.getBody().front())
      user = user->getParentOp();
    if (graph.isNode(user))
      return llvm::is_contained(nodes, user);
    if (fusionRole(user) != FusionRole::Glue)
      return false;
    return llvm::all_of(user->getUsers(), stays);
  };
  llvm::SetVector<Value> values;
  for (Operation *node : nodes)
    for (Value result : node->getResults()) {
      bool isGlue = fusionRole(node) == FusionRole::Glue;
      if (!llvm::all_of(result.getUsers(), stays))
        values.insert(isGlue ? result : extend(result, nodes));
    }
  return values;
}

KernelOp Maker::make(ArrayRef<Operation *> nodes, const llvm::SetVector<Value> &outputs) {
  Block &block = function.getBody().front();
  // Back from the outputs to what others hand on.
  llvm::SetVector<Value> inputs;
  llvm::SmallPtrSet<Operation *, 32> inside;
  SmallVector<Operation *> todo;
  auto need = [&](Value value) {
    Operation *op = value.getDefiningOp();
    bool foreign = !op || fusionRole(op) == FusionRole::Outside ||
                   (handedOn.contains(value) && !outputs.contains(value)) ||
                   (graph.isNode(op) && !llvm::is_contained(nodes, op));
    if (foreign)
      inputs.insert(value);
    else if (inside.insert(op).second)
      todo.push_back(op);
  };
  for (Value value : outputs)
    need(value);
  while (!todo.empty())
    for (Value value : FuseGraph::reads(todo.pop_back_val()))
      if (value.getParentBlock() == &block)
        need(value);

  OpBuilder b(block.getTerminator());
  SmallVector<Location> locs;
  for (Operation *node : nodes)
    locs.push_back(node->getLoc());
  auto kernel = KernelOp::create(b, b.getFusedLoc(locs), ValueRange(outputs.getArrayRef()).getTypes(),
                                 function.getName(), inputs.getArrayRef(), PlanAttr(), LedgerAttr());
  Block &body = kernel.getBody().emplaceBlock();
  IRMapping map;
  for (Value input : inputs)
    map.map(input, body.addArgument(input.getType(), input.getLoc()));
  b.setInsertionPointToStart(&body);
  for (Operation &op : block)
    if (inside.contains(&op))
      b.clone(op, map);
  SmallVector<Value> yielded;
  for (Value value : outputs)
    yielded.push_back(map.lookup(value));
  YieldOp::create(b, kernel.getLoc(), yielded);
  return kernel;
}

KernelOp Maker::trial(ArrayRef<Operation *> nodes) {
  llvm::SetVector<Value> outputs = boundary(nodes);
  return outputs.empty() ? KernelOp() : make(nodes, outputs);
}

void Maker::run() {
  Block &block = function.getBody().front();
  for (auto [number, cluster] : llvm::enumerate(graph.clusters())) {
    if (cluster.nodes.empty())
      continue;
    results[number] = boundary(cluster.nodes);
    handedOn.insert(results[number].begin(), results[number].end());
  }
  llvm::DenseMap<Value, Value> made;
  for (auto [number, cluster] : llvm::enumerate(graph.clusters())) {
    if (cluster.nodes.empty() || results[number].empty())
      continue;
    KernelOp kernel = make(cluster.nodes, results[number]);
    for (auto [value, result] : llvm::zip(results[number], kernel.getOutputs()))
      made[value] = result;
  }
  for (auto [value, result] : made)
    value.replaceUsesWithIf(result, [&](OpOperand &use) {
      Operation *user = use.getOwner();
      while (user->getBlock() != &block && user->getParentOp() != function)
        user = user->getParentOp();
      return llvm::isa<KernelOp>(user) || fusionRole(user) == FusionRole::Outside;
    });
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (fusionRole(&op) != FusionRole::Outside && op.use_empty())
      op.erase();
  sortTopologically(&block);
  unsigned number = 0;
  for (auto kernel : block.getOps<KernelOp>())
    kernel.setName((function.getName() + "." + Twine(number++)).str());
}

} // namespace

void makeKernels(func::FuncOp function, FuseGraph &graph) { Maker(function, graph).run(); }

KernelOp makeTrialKernel(func::FuncOp function, FuseGraph &graph, ArrayRef<Operation *> nodes) {
  return Maker(function, graph).trial(nodes);
}

} // namespace ssm
