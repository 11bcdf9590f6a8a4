//===- Scopes.cpp - loops, and what is known inside of them -----------------===//
#include "Emitter.h"

#include "ssm/Plan/Anchors.h"

using namespace mlir;

namespace ssm {

void insertIn(OpBuilder &b, Scope &scope) {
  if (scope.open)
    b.setInsertionPoint(scope.open);
  else if (!scope.block->empty() && scope.block->back().hasTrait<OpTrait::IsTerminator>())
    b.setInsertionPoint(&scope.block->back());
  else
    b.setInsertionPointToEnd(scope.block);
}

LogicalResult Emitter::within(Operation *op, Block &block, llvm::function_ref<LogicalResult()> body) {
  Scope *outer = scope;
  Operation *before = outer->open;
  scopes.push_back(std::make_unique<Scope>(Scope{outer, &block, nullptr, outer->depth + 1}));
  outer->open = op;
  scope = scopes.back().get();
  insertIn(b, *scope);
  LogicalResult result = body();
  // What was made inside is not known outside.
  memo.erase(scope);
  outer->open = before;
  scope = outer;
  b.setInsertionPointAfter(op);
  return result;
}

FailureOr<Tile> Emitter::loop(StringAttr dim, int64_t step, tile::Order order, const Tile &inits, LoopBody body) {
  return loop(dim, step, order, arith::ConstantIndexOp::create(b, 0), size(dim), inits, body);
}

FailureOr<Tile> Emitter::loop(StringAttr dim, int64_t step, tile::Order order, Value from, Value to, const Tile &inits,
                              LoopBody body) {
  auto op = tile::LoopOp::create(b, dim.getValue(), step, order, from, to, inits);
  auto before = sharedCoords;
  LogicalResult made = within(op, op.getBody().front(), [&]() -> LogicalResult {
    Coord at{op.getPosition(), step, scope};
    share(dim, at);
    FailureOr<Tile> next = body(at, op.getCarries());
    if (failed(next))
      return failure();
    tile::YieldOp::create(b, *next);
    return success();
  });
  sharedCoords = std::move(before);
  homes.clear();
  if (failed(made))
    return failure();
  return Tile(op.getResults());
}

void Emitter::share(StringAttr dim, const Coord &coord) {
  for (auto fold : KernelOp(kernel).getBody().getOps<OnlineFoldOp>()) {
    auto has = [&](Value result) { return !result.use_empty() && hasDim(result, dim); };
    auto lacks = [&](Value result) { return !result.use_empty() && !hasDim(result, dim); };
    if (llvm::any_of(fold.getResults(), has) && llvm::any_of(fold.getResults(), lacks))
      sharedCoords[fold].set(dim, coord);
  }
  homes.clear();
}

const Coords &Emitter::shared(Operation *fold) const {
  static const Coords none;
  auto known = sharedCoords.find(fold);
  return known == sharedCoords.end() ? none : known->second;
}

FailureOr<Tile> Emitter::loops(ArrayRef<StringAttr> dims, const Coords &at, const Tile &carries, Nest body) {
  if (dims.empty())
    return body(at, carries);
  return loop(dims.front(), stepOf(dims.front()), tile::Order::Any, carries,
              [&](const Coord &coord, ValueRange inner) -> FailureOr<Tile> {
                Coords next = at;
                next.set(dims.front(), coord);
                return loops(dims.drop_front(), next, Tile(inner), body);
              });
}

LogicalResult Emitter::hoisted(ArrayRef<NamedDim> dims, const Coords &at, llvm::function_ref<LogicalResult()> body) {
  OpBuilder::InsertionGuard guard(b);
  Scope *back = scope;
  scope = root;
  for (const NamedDim &d : dims)
    if (const Coord *coord = at.find(d.name); coord && coord->scope && coord->scope->depth > scope->depth)
      scope = coord->scope;
  insertIn(b, *scope);
  LogicalResult made = body();
  scope = back;
  return made;
}

} // namespace ssm
