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

private:
  /// The values of a cluster that others need.
  llvm::SetVector<Value> boundary(const Cluster &cluster, unsigned number);
  /// Where the value is handed on: after the glue that alone uses it.
  Value extend(Value value, unsigned number);
  void make(const Cluster &cluster, unsigned number);

  func::FuncOp function;
  FuseGraph &graph;
  PlanningSizes sizes;
  llvm::DenseMap<unsigned, llvm::SetVector<Value>> results; // of a cluster
  llvm::DenseSet<Value> handedOn;
  SmallVector<KernelOp> kernels;
};

Value Maker::extend(Value value, unsigned number) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (user->getBlock() != &function.getBody().front() || fusionRole(user) != FusionRole::Glue || graph.isNode(user))
      break;
    NamedDims dims = getDims(value), next = getDims(user->getResult(0));
    bool moves = llvm::any_of(dims, [&](const NamedDim &d) { return movesAlong(user, d.name); });
    bool widens = sizes.count(next) * bytesOf(getElement(user->getResult(0))) >
                  sizes.count(dims) * bytesOf(getElement(value));
    bool foreign = llvm::any_of(graph.sources(user), [&](Operation *source) {
      return graph.clusterOf(source) != number;
    });
    if (moves || widens || foreign)
      break;
    value = user->getResult(0);
  }
  return value;
}

llvm::SetVector<Value> Maker::boundary(const Cluster &cluster, unsigned number) {
  // Whether what a user makes with the value stays in this cluster.
  std::function<bool(Operation *)> stays = [&](Operation *user) {
    while (user->getBlock() != &function.getBody().front())
      user = user->getParentOp();
    if (graph.isNode(user))
      return graph.clusterOf(user) == number;
    if (fusionRole(user) != FusionRole::Glue)
      return false;
    return llvm::all_of(user->getUsers(), stays);
  };
  llvm::SetVector<Value> values;
  for (Operation *node : cluster.nodes)
    for (Value result : node->getResults()) {
      bool isGlue = fusionRole(node) == FusionRole::Glue;
      if (!llvm::all_of(result.getUsers(), stays))
        values.insert(isGlue ? result : extend(result, number));
    }
  return values;
}

void Maker::make(const Cluster &cluster, unsigned number) {
  Block &block = function.getBody().front();
  const llvm::SetVector<Value> &outputs = results[number];
  // Back from the outputs to what others hand on.
  llvm::SetVector<Value> inputs;
  llvm::SmallPtrSet<Operation *, 32> inside;
  SmallVector<Operation *> todo;
  auto need = [&](Value value) {
    Operation *op = value.getDefiningOp();
    bool foreign = !op || fusionRole(op) == FusionRole::Outside ||
                   (handedOn.contains(value) && !outputs.contains(value)) ||
                   (graph.isNode(op) && graph.clusterOf(op) != number);
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
  for (Operation *node : cluster.nodes)
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
  kernels.push_back(kernel);
}

void Maker::run() {
  Block &block = function.getBody().front();
  for (auto [number, cluster] : llvm::enumerate(graph.clusters())) {
    if (cluster.nodes.empty())
      continue;
    results[number] = boundary(cluster, number);
    handedOn.insert(results[number].begin(), results[number].end());
  }
  llvm::DenseMap<Value, Value> made;
  for (auto [number, cluster] : llvm::enumerate(graph.clusters())) {
    if (cluster.nodes.empty() || results[number].empty())
      continue;
    make(cluster, number);
    for (auto [value, result] : llvm::zip(results[number], kernels.back().getOutputs()))
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

} // namespace ssm
