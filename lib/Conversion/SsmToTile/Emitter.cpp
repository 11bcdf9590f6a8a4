//===- Emitter.cpp - coordinates, and tiles on demand -----------------------===//
#include "Emitter.h"

#include "ssm/Plan/Anchors.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

/// Owned dimensions of fewer elements do not lie along vectors.
static constexpr int64_t shortestLane = 16;

// Coordinates.

const Coord *Coords::find(StringRef dim) const {
  for (const auto &[name, coord] : entries)
    if (name.getValue() == dim)
      return &coord;
  return nullptr;
}

void Coords::set(StringAttr dim, Coord coord) {
  erase(dim.getValue());
  entries.push_back({dim, coord});
}

void Coords::erase(StringRef dim) {
  llvm::erase_if(entries, [&](const auto &entry) { return entry.first.getValue() == dim; });
}

void Coords::forEach(llvm::function_ref<void(StringAttr, const Coord &)> body) const {
  for (const auto &[dim, coord] : entries)
    body(dim, coord);
}

void Coords::add(const Coords &other) {
  for (const auto &[dim, coord] : other.entries)
    set(dim, coord);
}

// Set-up.

Emitter::Emitter(KernelOp kernel, func::FuncOp function, ArrayRef<StringAttr> openDims, const SsmToTileOptions &options)
    : options(options), b(kernel.getLoc(), kernel.getContext()), kernel(kernel), function(function), whyLoc(kernel.getLoc()) {
  auto parent = kernel->getParentOfType<func::FuncOp>();
  if (auto table = parent->getAttrOfType<ArrayAttr>(kDimsAttr))
    for (auto dim : table.getAsRange<DimAttr>())
      if (SizeAttr size = dim.getSize(); size && size.constantValue())
        staticSizes[dim.getName()] = *size.constantValue();
  for (const NamedDim &d : kernel.allDims())
    if (d.isStatic())
      staticSizes[d.name] = d.size;
  Block &entry = function.getBody().front();
  unsigned buffers = kernel.getInputs().size() + kernel.getOutputs().size();
  for (auto [dim, argument] : llvm::zip(openDims, entry.getArguments().drop_front(buffers)))
    dynamicSizes[dim] = argument;
}

int64_t Emitter::staticSize(StringRef dim) const {
  auto known = staticSizes.find(dim);
  return known == staticSizes.end() ? ShapedType::kDynamic : known->second;
}

Value Emitter::size(StringRef dim) {
  if (Value known = dynamicSizes.lookup(dim))
    return known;
  OpBuilder top = OpBuilder::atBlockBegin(&function.getBody().front());
  Value constant = arith::ConstantIndexOp::create(top, function.getLoc(), staticSize(dim));
  return dynamicSizes[dim] = constant;
}

bool Emitter::isWhole(StringRef dim) const {
  // What has no elements is walked, no times.
  return !plan().ownTile(dim) && !plan().stepTile(dim) && !ShapedType::isDynamic(staticSize(dim)) && staticSize(dim) > 0;
}

int64_t Emitter::stepOf(StringRef dim) const {
  std::optional<int64_t> step = plan().stepTile(dim);
  if (!step)
    step = plan().ownTile(dim);
  int64_t size = staticSize(dim), tile = step.value_or(64);
  return ShapedType::isDynamic(size) ? tile : std::max<int64_t>(1, std::min(tile, size));
}

Coord Emitter::wholeCoord(StringRef dim) { return {Value(), staticSize(dim), root}; }

FailureOr<Emitter::Located> Emitter::locate(ArrayRef<NamedDim> dims, const Coords &at) {
  Located located;
  for (const NamedDim &d : dims) {
    if (const Coord *coord = at.find(d.name)) {
      located.push_back({d.name, *coord});
      continue;
    }
    if (!isWhole(d.name)) {
      (void)refuse("'" + Twine(d.name.getValue()) + "' is of open size or too long to be held whole, and is not walked here");
      return failure();
    }
    located.push_back({d.name, wholeCoord(d.name)});
  }
  return located;
}

SmallVector<StringAttr> Emitter::unbound(ArrayRef<NamedDim> dims, const Coords &at) {
  SmallVector<StringAttr> names;
  for (const NamedDim &d : dims)
    if (!at.find(d.name) && !isWhole(d.name))
      names.push_back(d.name);
  return names;
}

LogicalResult Emitter::refuse(const Twine &reason) {
  if (why.empty()) {
    why = reason.str();
    whyLoc = b.getLoc();
  }
  return failure();
}

Emitter::Made Emitter::madeOf(Value value, const Coords &at, const Tile &tile) {
  Made made{value, {}, tile};
  for (const NamedDim &d : getDims(value)) {
    const Coord *coord = at.find(d.name);
    made.at.push_back({coord ? coord->at : Value(), coord ? coord->size : staticSize(d.name)});
  }
  return made;
}

void Emitter::remember(Value value, const Coords &at, const Tile &tile) { memo[scope].push_back(madeOf(value, at, tile)); }

FailureOr<Tile> Emitter::recall(Value value, const Coords &at) {
  Made wanted = madeOf(value, at, {});
  for (const Made &made : memo[scope])
    if (made.value == value && made.at == wanted.at)
      return made.tile;
  return failure();
}

void Emitter::pin(Value value, const Coords &at, const Tile &tile) {
  remember(value, at, tile);
  bindings[value] = scope;
  homes.clear();
}

void Emitter::unbind(ValueRange values) {
  for (Value value : values) {
    bindings.erase(value);
    backing.erase(value);
    aliases.erase(value);
    makers.erase(value);
  }
  homes.clear();
}

Scope *Emitter::home(Value value) {
  if (auto bound = bindings.find(value); bound != bindings.end())
    return bound->second;
  if (auto known = homes.find(value); known != homes.end())
    return known->second;
  Scope *deepest = root;
  if (Operation *op = value.getDefiningOp()) {
    llvm::SetVector<Value> reads(op->operand_begin(), op->operand_end());
    for (Region &region : op->getRegions())
      getUsedValuesDefinedAbove(region, reads);
    for (Value read : reads)
      if (Scope *other = home(read); other->depth > deepest->depth)
        deepest = other;
    shared(op).forEach([&](StringAttr, const Coord &coord) {
      if (coord.scope && coord.scope->depth > deepest->depth)
        deepest = coord.scope;
    });
  }
  return homes[value] = deepest;
}

FailureOr<Tile> Emitter::demand(Value value, const Coords &at) {
  auto located = locate(value, at);
  if (failed(located))
    return failure();
  Scope *where = home(value);
  SmallVector<std::pair<Value, int64_t>, 6> key;
  Coords own;
  for (const auto &[dim, coord] : *located) {
    if (coord.scope && coord.scope->depth > where->depth)
      where = coord.scope;
    key.push_back({coord.at, coord.size});
    own.set(dim, coord);
  }
  if (Operation *op = value.getDefiningOp(); llvm::isa_and_nonnull<OnlineFoldOp>(op)) {
    Coords all = shared(op);
    all.add(own);
    own = all;
    own.forEach([&](StringAttr, const Coord &coord) {
      if (coord.scope && coord.scope->depth > where->depth)
        where = coord.scope;
    });
  }
  for (const Made &made : memo[where])
    if (made.value == value && made.at == key)
      return made.tile;
  if (bindings.contains(value) && !backing.contains(value) && !aliases.contains(value) && !makers.contains(value)) {
    (void)refuse("a value that is made in order is asked for at another place than where it is made");
    return failure();
  }
  OpBuilder::InsertionGuard guard(b);
  Location loc = b.getLoc();
  Scope *back = scope;
  scope = where;
  insertIn(b, *scope);
  b.setLoc(value.getLoc());
  FailureOr<Tile> tile = make(value, own);
  if (succeeded(tile)) {
    Type element = getElement(value);
    FailureOr<RankedTensorType> type = tileType(getDims(value), element, own);
    if (failed(type))
      return failure();
    tile = spread(*tile, *type);
    memo[where].push_back({value, key, *tile});
  }
  scope = back;
  b.setLoc(loc);
  return tile;
}

FailureOr<Tile> Emitter::make(Value value, const Coords &at) {
  if (auto views = backing.find(value); views != backing.end())
    return readScratch(Tile(views->second), value, at);
  if (auto other = aliases.find(value); other != aliases.end()) {
    auto [source, extra] = other->second;
    Coords there = at;
    there.add(extra);
    return demand(source, there);
  }
  if (auto maker = makers.find(value); maker != makers.end())
    return Maker(maker->second)(at); // a copy: what it makes may enter others
  if (auto argument = llvm::dyn_cast<BlockArgument>(value)) {
    if (views.contains(argument))
      return emitRead(*this, argument, at);
    (void)refuse("what a body carries is needed outside of it");
    return failure();
  }
  return llvm::TypeSwitch<Operation *, FailureOr<Tile>>(value.getDefiningOp())
      .Case<MapOp, PosOp, SizeOfOp, arith::ConstantOp, AlignOp, RenameOp, GatherOp, ShiftOp, ConcatOp, SplitOp, JoinOp,
            ReduceOp, ContractOp, ConvOp>([&](auto op) { return emit(*this, op, at); })
      .Case([&](OnlineFoldOp op) { return emit(*this, op, value, at); })
      .Default([&](Operation *op) -> FailureOr<Tile> {
        return refuse("the tile form has no '" + op->getName().getStringRef() + "' here");
      });
}

// The program.

void Emitter::back(Value value, const Tile &views) {
  backing[value] = views;
  bindings[value] = scope;
  homes.clear();
}

void Emitter::alias(Value value, Value other, const Coords &extra) {
  aliases[value] = {other, extra};
  bindings[value] = scope;
  homes.clear();
}

void Emitter::provide(Value value, Maker maker) {
  makers[value] = std::move(maker);
  bindings[value] = scope;
  homes.clear();
}

LogicalResult Emitter::write(Value view, Value value, const Coords &at) {
  auto located = locate(value, at);
  FailureOr<Tile> tile = demand(value, at);
  if (failed(located) || failed(tile))
    return failure();
  SmallVector<StringRef> names;
  SmallVector<Value> places;
  for (const auto &[dim, coord] : *located)
    if (coord.at || coord.size == 1) {
      names.push_back(dim.getValue());
      places.push_back(coord.at ? coord.at : arith::ConstantIndexOp::create(b, 0).getResult());
    }
  if (getElement(value).isInteger(1)) {
    auto type = llvm::cast<RankedTensorType>(tile->front().getType()).clone(b.getI8Type());
    tile->front() = arith::ExtUIOp::create(b, type, tile->front());
  }
  tile = spread(*tile, inOrderOf(view, llvm::cast<RankedTensorType>(tile->front().getType())));
  // Of the items along a dimension that the value lacks, the first one writes it.
  Value first;
  for (auto [dim, place] : ownedAt) {
    if (hasDim(value, dim))
      continue;
    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value here = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, zero);
    first = first ? arith::AndIOp::create(b, first, here).getResult() : here;
  }
  if (!first) {
    tile::WriteOp::create(b, *tile, view, names, places);
    return success();
  }
  auto guarded = scf::IfOp::create(b, first, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(guarded.thenBlock());
  tile::WriteOp::create(b, *tile, view, names, places);
  return success();
}

LogicalResult Emitter::writeOutput(unsigned number, const Coords &at) {
  Value value = kernel.getYielded()[number];
  SmallVector<StringAttr> open = unbound(getDims(value), at);
  if (open.empty())
    return write(outputViews[number], value, at);
  StringAttr dim = open.front();
  FailureOr<Tile> done = loop(dim, stepOf(dim), tile::Order::Any, {}, [&](const Coord &coord, ValueRange) -> FailureOr<Tile> {
    Coords inner = at;
    inner.set(dim, coord);
    if (failed(writeOutput(number, inner)))
      return failure();
    return Tile();
  });
  return failure(failed(done));
}

void Emitter::chooseLane() {
  for (const PlanTile &tile : plan().getOwn())
    if (stepOf(tile.dim) >= shortestLane)
      lane = tile.dim; // the last one lies along vectors
}

LogicalResult Emitter::run() {
  chooseLane();
  Block &entry = function.getBody().front();
  b.setInsertionPointToEnd(&entry);
  auto viewOf = [&](Value buffer, Value of) {
    auto type = llvm::cast<MemRefType>(buffer.getType());
    SmallVector<StringAttr> names;
    for (const NamedDim &d : getDims(of))
      names.push_back(d.name);
    return tile::ViewOp::create(b, tile::ViewType::get(b.getContext(), type.getShape(), type.getElementType(), names), buffer);
  };
  unsigned inputs = kernel.getInputs().size();
  for (auto [i, input] : llvm::enumerate(kernel.getBody().getArguments()))
    views[input] = viewOf(entry.getArgument(i), input);
  for (auto [i, output] : llvm::enumerate(kernel.getYielded()))
    outputViews.push_back(viewOf(entry.getArgument(inputs + i), output));

  SmallVector<StringRef> owned;
  SmallVector<int64_t> tiles;
  SmallVector<Value> extents;
  for (const PlanTile &tile : plan().getOwn()) {
    owned.push_back(tile.dim);
    tiles.push_back(stepOf(tile.dim));
    // What lacks the dimension is made where that is empty too: by an item of no elements.
    bool lacking = llvm::any_of(kernel.getYielded(), [&](Value output) { return !hasDim(output, tile.dim); });
    int64_t known = staticSize(tile.dim);
    if (lacking && (ShapedType::isDynamic(known) || known == 0))
      extents.push_back(arith::MaxSIOp::create(b, size(tile.dim), arith::ConstantIndexOp::create(b, 1)));
    else
      extents.push_back(size(tile.dim));
  }
  auto program = tile::ProgramOp::create(b, owned, tiles, extents);
  Block &body = program.getBody().front();
  scopes.push_back(std::make_unique<Scope>(Scope{nullptr, &body, nullptr, 0}));
  root = scope = scopes.back().get();
  insertIn(b, *root);
  Coords at;
  for (auto [tile, size, argument] : llvm::zip(plan().getOwn(), tiles, body.getArguments())) {
    at.set(tile.dim, {argument, size, root});
    share(tile.dim, {argument, size, root});
    ownedAt.push_back({tile.dim, argument});
  }

  StringAttr along;
  for (Operation &op : kernel.getBody().front())
    if (StringAttr dim = sequentialDim(&op))
      along = dim;
  auto output = [&](unsigned number, const Coords &where) { return writeOutput(number, where); };
  chooseOrder(along);
  if (along)
    return emitSequential(*this, kernel, along, at, output);
  for (unsigned i = 0; i < outputViews.size(); ++i)
    if (failed(writeOutput(i, at)))
      return failure();
  return success();
}

} // namespace ssm
