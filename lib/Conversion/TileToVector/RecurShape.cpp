//===- RecurShape.cpp - how a recurrence lies in registers ------------------===//
//
// Dimensions that the body neither sums nor moves are independent: they are walked
// outside the recurrence, the last of them along the lanes. All others lie side by
// side in registers, if they are few enough.
//
//===----------------------------------------------------------------------===//
#include "Point.h"
#include "Prepare.h"

using namespace mlir;

namespace ssm::tile {

std::optional<RecurShape> shapeOf(RecurOp op, const TileToVectorOptions &options, std::string &why) {
  RecurShape shape;
  llvm::SmallPtrSet<Attribute, 8> tied; // summed, or met in another place
  bool possible = true;
  NamedDims all;
  auto add = [&](Value value) {
    if (llvm::isa<RankedTensorType>(value.getType()) && uniteDims(all, ssm::getDims(value)))
      possible = false; // one name, two sizes
  };
  for (Value carry : op.getCarries())
    add(carry);
  for (Operation &inner : op.getBody().front().without_terminator()) {
    if (auto combine = llvm::dyn_cast<CombineOp>(inner)) {
      for (Attribute name : combine.getDims())
        tied.insert(name);
    } else if (llvm::isa<RenameOp, PartOp, JoinOp, PickOp, ReadOp, PosOp>(inner) || inner.getNumRegions() != 0 ||
               llvm::isa<ProductOp, WriteOp>(inner)) {
      why = ("its body has '" + inner.getName().getStringRef() + "'").str();
      return std::nullopt;
    } else if (inner.getNumResults() == 0 || !llvm::isa<RankedTensorType>(inner.getResult(0).getType())) {
      why = ("its body has '" + inner.getName().getStringRef() + "'").str();
      return std::nullopt;
    }
    for (Value value : inner.getOperands())
      add(value);
    for (Value value : inner.getResults())
      add(value);
  }
  if (!possible) {
    why = "a dimension has two sizes in its body";
    return std::nullopt;
  }
  unsigned widest = options.vectorBits / 32;
  // The lanes: the last dimension of the widest carry, if nothing ties it.
  NamedDims lead;
  for (Value carry : op.getCarries())
    if (ssm::getDims(carry).size() > lead.size())
      lead = ssm::getDims(carry);
  if (op.getCarries().empty())
    lead = all;
  unsigned lanes = 1;
  if (!lead.empty() && !tied.contains(lead.back().name)) {
    lanes = lanesFor(lead.back().size, widest);
    if (lanes > 1)
      shape.lane = lead.back().name;
  }
  // Outputs must have what is walked outside, else several write one place.
  auto everywhere = [&](StringAttr dim) {
    return llvm::all_of(op.getYield()->getOperands(), [&](Value value) { return hasDim(value, dim); });
  };
  for (const NamedDim &dim : all) {
    if (dim.name == shape.lane)
      continue;
    if (!tied.contains(dim.name) && everywhere(dim.name) && findDim(lead, dim.name))
      shape.outer.push_back(dim.name);
    else
      shape.held.push_back(dim);
  }
  if (shape.lane && !everywhere(shape.lane)) {
    why = "an output lacks the dimension along the vectors";
    return std::nullopt;
  }
  // What is loaded and stored as vectors ends in their dimension.
  for (Value value : llvm::concat<Value>(op.getInits(), op.getOutputs()))
    if (shape.lane && ssm::getDims(value).back().name != shape.lane) {
      why = "a carry or an output ends in another dimension than the vectors'";
      return std::nullopt;
    }
  if (shape.lane)
    shape.outer.push_back(shape.lane);
  for (Value carry : op.getCarries()) {
    int64_t vectors = std::max<int64_t>(1, getElement(carry).getIntOrFloatBitWidth() * lanes / options.vectorBits);
    for (const NamedDim &dim : shape.held)
      if (hasDim(carry, dim.name))
        vectors *= dim.size;
    shape.vectors += vectors;
  }
  if (shape.vectors > options.registers * 3 / 4) {
    why = "its carries take " + std::to_string(shape.vectors) + " vectors of " + std::to_string(options.registers);
    return std::nullopt;
  }
  int64_t steps = 1;
  for (const NamedDim &dim : shape.held)
    steps *= dim.size;
  if (steps > 2 * options.registers) {
    why = "its body would be written out " + std::to_string(steps) + " times";
    return std::nullopt;
  }
  return shape;
}

} // namespace ssm::tile
