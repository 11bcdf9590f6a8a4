//===- Convert.cpp - from layout to layout: the rule table ------------------===//
//
// One row a rule; what has no row is refused. The costs are shuffles for each 32-bit
// register of the source.
//
//===----------------------------------------------------------------------===//
#include "ssm/Layout/Layout.h"

using namespace mlir;
using namespace ssm::tile;

namespace ssm::layout {

static bool isAccRow(Attribute layout) {
  auto row = dyn_cast<RowAttr>(layout);
  return row && isa<AccAttr>(parentOf(row));
}

static Rule through(const char *why) { return {Way::Shared, 0, why}; }
static Rule refused(const char *why) { return {Way::Refused, 0, why}; }

static Rule convert(Attribute from, Attribute to, Type element) {
  if (from == to)
    return {Way::Same, 0, ""};
  bool half = element.getIntOrFloatBitWidth() == 16;
  if ((isa<AccAttr>(from) && isa<QuadAttr>(to)) || (isa<QuadAttr>(from) && isa<AccAttr>(to)))
    return half ? Rule{Way::Shuffles, 1, ""} : refused("32-bit elements are stored from #tile.acc as they are");
  if (isa<OpbAttr>(to))
    return refused("operand B is loaded from shared memory (ldmatrix)");
  if (isa<PartAttr>(from) || isa<PartAttr>(to))
    return refused("#tile.part is half a reduction: finish it with tile.reduce");
  return through("store the tile to a shared buffer and load it from there");
}

static Rule broadcast(Attribute from, Attribute to) {
  if (isAccRow(from) && isa<AccAttr, PartAttr>(to))
    return {Way::Renaming, 0, ""};
  if (isa<ColAttr>(from) && isa<AccAttr>(to))
    return {Way::Renaming, 0, ""};
  if (auto row = dyn_cast<RowAttr>(from); row && parentOf(row) == to)
    return {Way::Renaming, 0, ""};
  if (isa<LanesAttr>(from) && from == to)
    return {Way::Renaming, 0, ""};
  return refused("no register of a thread holds what its elements need: store the vector and load it in the layout wanted");
}

static Rule reduceColumns(Attribute from, Attribute to, int64_t warps) {
  if (isa<AccAttr>(from) && isa<PartAttr>(to))
    return {Way::Renaming, 0, ""};
  if (isa<AccAttr, PartAttr>(from) && isAccRow(to))
    return {Way::Shuffles, 2, ""};
  if (auto lanes = dyn_cast<LanesAttr>(from)) {
    auto row = dyn_cast<RowAttr>(to);
    if (!row || parentOf(row) != from)
      return refused("the sums of a lanes tile's rows are a row of it");
    double steps = llvm::Log2_64(std::min<int64_t>(lanes.getWidth(), 32));
    return lanes.getWidth() <= 32 ? Rule{Way::Shuffles, steps, ""}
                                  : Rule{Way::Shared, steps, "warps are crossed: name a scratch buffer (via)"};
  }
  return refused("only #tile.acc, #tile.part and #tile.lanes are reduced over columns");
}

static Rule reduceRows(Attribute from, Attribute to, int64_t warps) {
  if (!isa<AccAttr>(from) || !isa<ColAttr>(to))
    return refused("only #tile.acc is reduced over rows, to a #tile.col");
  return warps == 1 ? Rule{Way::Shuffles, 3, ""} : Rule{Way::Shared, 3, "warps are crossed: name a scratch buffer (via)"};
}

Rule ruleFor(Change change, Attribute from, Attribute to, Type element, int64_t warps) {
  switch (change) {
  case Change::Convert:
    return convert(from, to, element);
  case Change::Broadcast:
    return broadcast(from, to);
  case Change::ReduceColumns:
    return reduceColumns(from, to, warps);
  case Change::ReduceRows:
    return reduceRows(from, to, warps);
  }
  llvm_unreachable("a change of layout has one of four kinds");
}

} // namespace ssm::layout
