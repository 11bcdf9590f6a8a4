//===- Coupling.cpp - carries that need not run together --------------------===//
//
//   (a, c) -> (f(a, x), c + log(sum a))
//
// The first does not see the second: it becomes a scan of its own that also stacks
// log(sum a), and the second runs over that. Carries that depend on each other in a
// circle stay together. What one scan hands to the next is written for every step, so
// it must be smaller than the state, or no wider than what the scan reads anyway.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace ssm {

namespace {

class Separation {
public:
  Separation(NamedBuilder &b, ScanOp scan) : b(b), scan(scan), body(scan.getBody().front()) {}

  SmallVector<ScanOp> run() {
    unsigned count = scan.getInits().size();
    if (count < 2)
      return {scan};
    findComponents();
    if (components.size() < 2)
      return {scan};
    if (!collectDemands())
      return {scan};
    return build();
  }

private:
  /// The carries on which a value of the body depends.
  const llvm::SmallBitVector &mask(Value value) {
    auto [at, fresh] = masks.try_emplace(value, llvm::SmallBitVector(scan.getInits().size()));
    if (!fresh)
      return at->second;
    llvm::SmallBitVector result = at->second;
    auto carry = llvm::find(scan.getCarries(), value);
    if (carry != scan.getCarries().end())
      result.set(carry - scan.getCarries().begin());
    else if (Operation *op = value.getDefiningOp(); op && op->getBlock() == &body)
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (operand.getParentBlock() == &body)
            result |= mask(operand);
      });
    return masks[value] = result;
  }

  /// Circles of dependence, in an order in which each needs earlier ones only.
  void findComponents() {
    unsigned count = scan.getInits().size();
    SmallVector<llvm::SmallBitVector> reach;
    for (Value next : scan.getNextCarries())
      reach.push_back(mask(next));
    for (unsigned k = 0; k < count; ++k)
      for (unsigned i = 0; i < count; ++i)
        if (reach[i].test(k))
          reach[i] |= reach[k];
    componentOf.assign(count, ~0u);
    while (true) {
      std::optional<unsigned> ready;
      for (unsigned i = 0; i < count && !ready; ++i) {
        if (componentOf[i] != ~0u)
          continue;
        bool others = llvm::all_of(reach[i].set_bits(), [&](unsigned j) {
          return componentOf[j] != ~0u || j == i || reach[j].test(i);
        });
        if (others)
          ready = i;
      }
      if (!ready)
        return;
      SmallVector<unsigned> members;
      for (unsigned j = 0; j < count; ++j)
        if (componentOf[j] == ~0u && (j == *ready || (reach[*ready].test(j) && reach[j].test(*ready))))
          members.push_back(j);
      for (unsigned j : members)
        componentOf[j] = components.size();
      components.push_back(members);
    }
  }

  /// The component whose scan computes the value; none where it is free of carries.
  std::optional<unsigned> owner(Value value) {
    std::optional<unsigned> last;
    for (unsigned carry : mask(value).set_bits())
      last = last ? std::max(*last, componentOf[carry]) : componentOf[carry];
    return last;
  }

  /// What each scan stacks for later ones; false where that would be too much.
  bool collectDemands() {
    demands.resize(components.size());
    outputs.resize(components.size());
    needed.resize(components.size());
    for (auto [i, value] : llvm::enumerate(scan.getYieldedOutputs()))
      outputs[owner(value).value_or(0)].push_back(i);
    for (int c = components.size() - 1; c >= 0; --c) {
      for (unsigned carry : components[c])
        need(c, scan.getNextCarries()[carry]);
      for (unsigned i : outputs[c])
        need(c, scan.getYieldedOutputs()[i]);
      for (unsigned i = 0; i < demands[c].size(); ++i)
        need(c, demands[c][i]);
    }
    for (auto &values : demands)
      for (Value value : values)
        if (!isSmall(value)) {
          reportDeclined(scan.getLoc(), "coupling",
                         "its carries stay together: apart, one would hand " + formatDims(getDims(value)) +
                             " to the other at every position");
          return false;
        }
    return true;
  }

  void need(unsigned component, Value value) {
    if (value.getParentBlock() != &body)
      return;
    std::optional<unsigned> computed = owner(value);
    if (computed && *computed != component) {
      if (!llvm::is_contained(demands[*computed], value))
        demands[*computed].push_back(value);
      return;
    }
    Operation *op = value.getDefiningOp();
    if (!op || !needed[component].insert(op).second)
      return;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        need(component, operand);
    });
  }

  bool isSmall(Value value) {
    NamedDims dims = getDims(value);
    auto within = [&](Value other) {
      return llvm::all_of(dims, [&](const NamedDim &dim) { return hasDim(other, dim.name); });
    };
    unsigned widest = 0;
    for (unsigned carry : components[*owner(value)])
      widest = std::max<unsigned>(widest, getDims(scan.getInits()[carry]).size());
    return dims.size() < widest || llvm::any_of(scan.getSlices(), within) ||
           llvm::any_of(scan.getOutputs(), within);
  }

  SmallVector<ScanOp> build() {
    SmallVector<ScanOp> scans;
    llvm::MapVector<Value, Value> stacked;
    SmallVector<Value> replacements(scan->getNumResults());
    for (auto [c, members] : llvm::enumerate(components)) {
      // What it runs over: the old slices, and what earlier scans hand on.
      SmallVector<Value> inits, slices(scan.getSlices());
      SmallVector<Type> finals, types;
      for (unsigned carry : members) {
        inits.push_back(scan.getInits()[carry]);
        finals.push_back(inits.back().getType());
      }
      for (auto &[value, whole] : stacked)
        slices.push_back(whole);
      for (unsigned i : outputs[c])
        types.push_back(scan.getOutputs()[i].getType());
      for (Value value : demands[c]) {
        NamedDims dims{b.dim(scan.getDim())};
        llvm::append_range(dims, getDims(value));
        types.push_back(getTensorType(dims, getElement(value)));
      }
      b.setInsertionPoint(scan);
      b.setLoc(scan.getLoc());
      auto part = ScanOp::create(b, finals, types, scan.getDimAttr(), scan.getReverseAttr(), inits, slices);
      fill(part, c, stacked);
      for (auto [carry, final] : llvm::zip_equal(members, part.getFinals()))
        replacements[carry] = final;
      unsigned place = 0;
      for (unsigned i : outputs[c])
        replacements[scan.getFinals().size() + i] = part.getOutputs()[place++];
      for (Value value : demands[c])
        stacked.insert({value, part.getOutputs()[place++]});
      scans.push_back(part);
    }
    scan->replaceAllUsesWith(replacements);
    scan->erase();
    return scans;
  }

  /// The body of one of the scans: a copy of the operations that it needs.
  void fill(ScanOp part, unsigned component, llvm::MapVector<Value, Value> &stacked) {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Type> types{scan.getPosition().getType()};
    llvm::append_range(types, part.getInits().getTypes());
    llvm::append_range(types, llvm::map_range(scan.getSliceArguments(), [](Value v) { return v.getType(); }));
    for (auto &[value, whole] : stacked)
      types.push_back(getTensorType(withoutDims(getDims(whole), {scan.getDim()}), getElement(whole)));
    Block *block = b.createBlock(&part.getBody(), {}, types, SmallVector<Location>(types.size(), scan.getLoc()));
    IRMapping mapping;
    mapping.map(scan.getPosition(), block->getArgument(0));
    unsigned place = 1;
    for (unsigned carry : components[component])
      mapping.map(scan.getCarries()[carry], block->getArgument(place++));
    for (Value slice : scan.getSliceArguments())
      mapping.map(slice, block->getArgument(place++));
    for (auto &[value, whole] : stacked)
      mapping.map(value, block->getArgument(place++));
    for (Operation &op : body.without_terminator())
      if (needed[component].contains(&op))
        b.clone(op, mapping);
    SmallVector<Value> yields;
    for (unsigned carry : components[component])
      yields.push_back(mapping.lookupOrDefault(Value(scan.getNextCarries()[carry])));
    for (unsigned i : outputs[component])
      yields.push_back(mapping.lookupOrDefault(Value(scan.getYieldedOutputs()[i])));
    for (Value value : demands[component])
      yields.push_back(mapping.lookupOrDefault(value));
    YieldOp::create(b, yields);
    dropUnusedSlices(part);
  }

  static void dropUnusedSlices(ScanOp part) {
    Block &block = part.getBody().front();
    for (int i = part.getSlices().size() - 1; i >= 0; --i) {
      unsigned argument = 1 + part.getInits().size() + i;
      if (!block.getArgument(argument).use_empty())
        continue;
      block.eraseArgument(argument);
      part.getSlicesMutable().erase(i);
    }
  }

  NamedBuilder &b;
  ScanOp scan;
  Block &body;
  llvm::DenseMap<Value, llvm::SmallBitVector> masks;
  SmallVector<SmallVector<unsigned>> components;
  SmallVector<unsigned> componentOf;
  /// By component: values for later scans, the old scan's outputs, operations.
  SmallVector<SmallVector<Value>> demands;
  SmallVector<SmallVector<unsigned>> outputs;
  SmallVector<llvm::SmallPtrSet<Operation *, 16>> needed;
};

} // namespace

SmallVector<ScanOp> separateCarries(NamedBuilder &b, ScanOp scan) { return Separation(b, scan).run(); }

} // namespace ssm
