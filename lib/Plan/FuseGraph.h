//===- FuseGraph.h - which operations could share a kernel ------------------===//
//
// Nodes are anchors, and glue whose value leaves (a returned or otherwise needed
// value that no anchor makes). An edge runs where a node's value reaches another one
// through glue alone. Clusters of nodes become kernels.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ssm/Plan/Anchors.h"
#include "ssm/Target/Target.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <map>

namespace ssm {

struct Cluster {
  llvm::SmallVector<mlir::Operation *> nodes;
  NamedDims owned;           // what its items may share out
  mlir::StringAttr along;    // what it walks in order, or null
  bool reverse = false;
};

class FuseGraph {
public:
  FuseGraph(mlir::func::FuncOp function, const Target &target);

  /// Merges clusters, best saving first. Reports why others stay apart as remarks.
  void merge();
  llvm::ArrayRef<Cluster> clusters() const { return found; }
  /// The cluster of a node.
  unsigned clusterOf(mlir::Operation *node) const { return place.lookup(node); }
  bool isNode(mlir::Operation *op) const { return place.contains(op); }
  /// Values that an operation reads, those that its regions use among them.
  static llvm::SetVector<mlir::Value> reads(mlir::Operation *op);
  /// The nodes whose values reach this operation's operands through glue.
  const llvm::SetVector<mlir::Operation *> &sources(mlir::Operation *op);
  /// Whether it reads, perhaps through glue, an operation outside that runs after some kernel.
  bool waits(mlir::Operation *op);

private:
  struct Edge {
    mlir::Operation *from, *to;
    double bytes; // that need not be written and read
  };
  void addNode(mlir::Operation *op);
  /// "" where the clusters may become one, else the reason why not.
  std::string refuse(const Cluster &from, const Cluster &to);
  std::string refuseEdge(mlir::Operation *from, mlir::Operation *to, const Cluster &merged);
  /// Why what runs in order could not be made: a dimension of it that items can neither
  /// share out nor hold.
  std::string refuseOrder(const Cluster &merged);
  std::string refuseWalk(const Cluster &merged);
  /// Whether something that is not made of these nodes needs the value.
  bool leaves(mlir::Value value, llvm::ArrayRef<mlir::Operation *> nodes);
  /// Why two clusters with products take longer as one, by their best plans.
  std::string refuseTime(const Cluster &from, const Cluster &to);
  /// Seconds of the best plan of a kernel of these nodes; infinite where it has none.
  double bestTime(llvm::ArrayRef<mlir::Operation *> nodes);
  /// The nodes and the operations outside whose values reach its operands through glue.
  llvm::SetVector<mlir::Operation *> makers(mlir::Operation *op);
  /// What glue computes between nodes and its result.
  Counts glueCounts(mlir::Operation *op);
  /// Whether something else, a cluster or an operation outside, runs between the two.
  bool makesCycle(unsigned from, unsigned to);
  Cluster unite(const Cluster &from, const Cluster &to);
  double parallelism(const Cluster &cluster) const;

  mlir::func::FuncOp function;
  const Target &target;
  PlanningSizes sizes;
  llvm::SmallVector<Cluster> found;
  llvm::MapVector<mlir::Operation *, unsigned> place;
  llvm::DenseMap<mlir::Operation *, llvm::SetVector<mlir::Operation *>> sourceSets;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *>> consumers; // reverse of makers
  llvm::DenseSet<mlir::Operation *> afterNodes; // operations outside that need a node's value
  std::map<llvm::SmallVector<mlir::Operation *>, double> bestTimes;
};

} // namespace ssm
