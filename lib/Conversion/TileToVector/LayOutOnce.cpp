//===- LayOutOnce.cpp - operands that an outer loop does not change ---------===//
//
// A fold that walks a sequence multiplies by the same weights at each of its tiles. What a
// product takes of them, turned, widened, or parted into planes, is made before the loop,
// tile beside tile, and read there:
//
//   loop L { loop H { %b = read %B[H = %h]; %t = spread %b; product %x, %t } }
//     =>
//   %own = scratch
//   loop H { %b = read %B[H = %h]; %t = spread %b; write %t to %own[H.tile = %h / 64] }
//   loop L { loop H { %t = read %own[H.tile = %h / 64]; product %x, %t } }
//
//===----------------------------------------------------------------------===//
#include "Prepare.h"
#include "Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// What a value is made of inside of a loop, and the loops in between whose positions it
/// depends on, the outer ones first.
struct Chain {
  llvm::SmallVector<Operation *> ops;
  llvm::SmallVector<LoopOp> loops;
};

class OnceLayer {
public:
  OnceLayer(ProgramOp program, const TileToVectorOptions &options) : program(program), options(options) {
    program.walk([&](WriteOp op) { written.insert(op.getView()); });
  }

  void run() {
    llvm::SmallVector<ProductOp> products;
    program.walk([&](ProductOp op) { products.push_back(op); });
    for (ProductOp op : products) {
      if (op.getLhs() == op.getRhs())
        continue;
      once(op, op.getLhsMutable());
      once(op, op.getRhsMutable());
    }
  }

private:
  static int64_t bytesOf(Value tile) { return getElement(tile).getIntOrFloatBitWidth() / 8; }
  bool isOutside(Value value, LoopOp loop) { return !loop->isAncestor(value.getParentBlock()->getParentOp()); }

  /// Nothing writes what is read, and all is pure.
  bool isRepeatable(Operation *op) {
    if (auto read = llvm::dyn_cast<ReadOp>(op))
      return !read.getView().getDefiningOp<ScratchOp>() && !written.contains(read.getView());
    return op->getNumRegions() == 0 && isMemoryEffectFree(op);
  }

  std::optional<Chain> chainIn(LoopOp outer, Value value) {
    llvm::SmallPtrSet<Operation *, 16> ops, loops;
    llvm::SmallVector<Value> todo{value};
    while (!todo.empty()) {
      Value next = todo.pop_back_val();
      if (isOutside(next, outer))
        continue;
      if (auto argument = llvm::dyn_cast<BlockArgument>(next)) {
        auto loop = llvm::dyn_cast<LoopOp>(argument.getOwner()->getParentOp());
        if (!loop || loop == outer || argument != loop.getPosition() || !isOutside(loop.getFrom(), outer) ||
            !isOutside(loop.getTo(), outer))
          return std::nullopt;
        loops.insert(loop);
        continue;
      }
      Operation *op = next.getDefiningOp();
      if (!isRepeatable(op))
        return std::nullopt;
      if (ops.insert(op).second)
        llvm::append_range(todo, op->getOperands());
    }
    Chain chain;
    outer->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (ops.contains(op))
        chain.ops.push_back(op);
      if (loops.contains(op))
        chain.loops.push_back(llvm::cast<LoopOp>(op));
    });
    return chain;
  }

  /// Scratch holds what does not change along a sequence, never the sequence itself.
  static bool isBounded(LoopOp outer, const Chain &chain) {
    return chain.loops.empty() || (outer.getOrder() != Order::Any && llvm::all_of(chain.loops, [](LoopOp loop) {
                                     return loop.getOrder() == Order::Any;
                                   }));
  }

  /// Whether there is more to do than to copy what a product of many rows reads.
  static bool isWork(ProductOp op, Value operand, const Chain &chain) {
    bool columns = ssm::getDims(operand).back().name == ssm::getDims(op.getType()).back().name;
    return llvm::any_of(chain.ops, [&](Operation *made) {
      auto read = llvm::dyn_cast<ReadOp>(made);
      return read ? columns || llvm::isa<ComplexType>(read.getView().getType().getElementType())
                  : !made->hasTrait<OpTrait::ConstantLike>();
    });
  }

  void once(ProductOp op, OpOperand &operand) {
    Value tile = operand.get();
    if (ssm::getDims(op.getType()).empty() || ssm::getDims(tile).empty() || getElement(tile).isInteger(1) ||
        isReadInPlace(op, tile))
      return;
    // The outermost loop that leaves it as it is, through loops alone.
    LoopOp outer;
    Chain chain;
    for (auto loop = llvm::dyn_cast<LoopOp>(op->getParentOp()); loop; loop = llvm::dyn_cast<LoopOp>(loop->getParentOp()))
      if (std::optional<Chain> found = chainIn(loop, tile); found && isBounded(loop, *found)) {
        outer = loop;
        chain = *found;
      }
    if (!outer || !isWork(op, tile, chain))
      return;
    Value instead = chain.loops.empty() ? before(outer, chain, tile) : throughScratch(op, outer, chain, tile);
    if (!instead)
      return;
    operand.set(instead);
    for (Operation *made : llvm::reverse(chain.ops))
      if (made->use_empty())
        made->erase();
  }

  Value before(LoopOp outer, const Chain &chain, Value tile) {
    OpBuilder b(outer);
    IRMapping map;
    for (Operation *op : chain.ops)
      b.clone(*op, map);
    return map.lookup(tile);
  }

  /// How many tiles the loop takes; in `count` where that is known.
  Value trips(OpBuilder &b, LoopOp loop, int64_t &count) {
    APInt from, to;
    count = ShapedType::kDynamic;
    if (matchPattern(loop.getFrom(), m_ConstantInt(&from)) && matchPattern(loop.getTo(), m_ConstantInt(&to))) {
      count = std::max<int64_t>(0, llvm::divideCeil(to.getSExtValue() - from.getSExtValue(), loop.getStep()));
      return {};
    }
    Value length = arith::SubIOp::create(b, loop.getLoc(), loop.getTo(), loop.getFrom());
    Value zero = arith::ConstantIndexOp::create(b, loop.getLoc(), 0);
    Value step = arith::ConstantIndexOp::create(b, loop.getLoc(), loop.getStep());
    return arith::CeilDivSIOp::create(b, loop.getLoc(), arith::MaxSIOp::create(b, loop.getLoc(), length, zero), step);
  }

  /// Which of the loop's tiles begins at the position.
  Value number(OpBuilder &b, LoopOp loop, Value position) {
    if (!matchPattern(loop.getFrom(), m_Zero()))
      position = arith::SubIOp::create(b, loop.getLoc(), position, loop.getFrom());
    return arith::DivUIOp::create(b, loop.getLoc(), position,
                                  arith::ConstantIndexOp::create(b, loop.getLoc(), loop.getStep()));
  }

  Value throughScratch(ProductOp op, LoopOp outer, const Chain &chain, Value tile) {
    OpBuilder b(outer);
    Location loc = op.getLoc();
    Value &own = made[{tile, outer}];
    llvm::SmallVector<StringRef> names;
    llvm::SmallVector<StringAttr> dims;
    llvm::SmallVector<int64_t> shape;
    llvm::SmallVector<Value> sizes;
    for (LoopOp loop : chain.loops) {
      dims.push_back(b.getStringAttr(loop.getDim() + ".tile"));
      names.push_back(dims.back().getValue());
      if (llvm::count(names, names.back()) > 1)
        return {};
    }
    if (!own) {
      int64_t bytes = bytesOf(tile);
      for (LoopOp loop : chain.loops) {
        if (Value count = trips(b, loop, shape.emplace_back()))
          sizes.push_back(count);
        bytes *= ShapedType::isDynamic(shape.back()) ? 1 : shape.back();
      }
      int64_t line = 64 / bytesOf(tile);
      for (const NamedDim &dim : ssm::getDims(tile)) {
        dims.push_back(dim.name);
        shape.push_back(dim.size);
        bytes *= dim.size;
      }
      // Rows of many lines would meet in few sets of the first cache: the columns that a
      // product takes at a time must not.
      if (shape.back() % (8 * line) == 0)
        shape.back() += line;
      if (bytes > options.scratchBytes / 16)
        return {};
      own = ScratchOp::create(b, loc, ViewType::get(b.getContext(), shape, getElement(tile), dims), sizes);
      IRMapping map;
      llvm::SmallVector<Value> places;
      for (LoopOp loop : chain.loops) {
        auto fill = LoopOp::create(b, loc, loop.getDim(), loop.getStep(), Order::Any, loop.getFrom(), loop.getTo(), ValueRange());
        b.setInsertionPointToEnd(&fill.getBody().front());
        YieldOp::create(b, loc, ValueRange());
        b.setInsertionPointToStart(&fill.getBody().front());
        map.map(loop.getPosition(), fill.getPosition());
        places.push_back(number(b, loop, fill.getPosition()));
      }
      for (Operation *part : chain.ops)
        b.clone(*part, map);
      WriteOp::create(b, loc, ValueRange(map.lookup(tile)), own, names, places);
    }
    b.setInsertionPoint(op);
    llvm::SmallVector<Value> places;
    for (LoopOp loop : chain.loops)
      places.push_back(number(b, loop, loop.getPosition()));
    return ReadOp::create(b, loc, TypeRange{tile.getType()}, own, names, places).getResult(0);
  }

  ProgramOp program;
  const TileToVectorOptions &options;
  llvm::DenseSet<Value> written;
  llvm::DenseMap<std::pair<Value, Operation *>, Value> made;
};

} // namespace

void layOutOnce(ProgramOp program, const TileToVectorOptions &options) { OnceLayer(program, options).run(); }

} // namespace ssm::tile
