//===- Product.cpp - products in register tiles -----------------------------===//
//
// A register tile is `rows` x `columns` vectors, separate values that the loop over
// the summed dimensions carries. A step loads a row of column vectors of one
// operand, and multiplies each by one element of the other, spread over the lanes:
//
//   for k { b0 .. b3 = B[k, n ..]; a = A[m, k]; c00 += a * b0; c01 += a * b1; ... }
//
//===----------------------------------------------------------------------===//
#include "Lowering.h"
#include "Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;

namespace ssm::tile {
namespace {

/// Bytes of the first cache, on the machines that there are.
constexpr double firstCache = 32 << 10;

class ProductEmitter {
public:
  ProductEmitter(Lowering &lowering, ProductOp op) : l(lowering), b(lowering.b), op(op) {
    NamedDims result = ssm::getDims(op.getType());
    columns = op.getRhs();
    others = op.getLhs();
    if (!result.empty()) {
      lanes = {result.back().name, lanesFor(result.back().size, l.widest), result.back().size};
      if (!hasDim(columns, lanes.dim))
        std::swap(columns, others);
      result.pop_back();
    }
    for (const NamedDim &dim : ssm::getDims(op.getLhs()))
      if (llvm::is_contained(op.getDims(), dim.name))
        summed.push_back(dim);
    // Rows are a dimension of the other operand alone, the longest.
    std::optional<unsigned> rowPlace;
    for (auto [i, dim] : llvm::enumerate(result))
      if (hasDim(others, dim.name) && !hasDim(columns, dim.name) &&
          (!rowPlace || result[*rowPlace].size < dim.size))
        rowPlace = i;
    if (rowPlace) {
      row = result[*rowPlace];
      result.erase(result.begin() + *rowPlace);
    }
    loops = result;
    dot = getElement(columns).isBF16();
    if (dot) {
      pair = ssm::getDims(columns).back().name;
      summed.erase(llvm::find_if(summed, [&](const NamedDim &dim) { return dim.name == pair; }));
    }
    inPlace = isReadInPlace(op, columns);
    choose();
  }

  void emit() {
    l.storage(op.getResult());
    findExtents();
    if (inPlace)
      for (const NamedDim &dim : ssm::getDims(columns))
        if (extents.lookup(dim.name))
          l.bounded.push_back(dim.name);
    l.scopes.isolate([&] { outer(0, Point()); });
    l.bounded.clear();
  }

private:
  using Values = llvm::SmallVector<Value>;

  /// The register tile with the fewest loads a multiplication, whose sums and
  /// operands fit in the registers; sizes that divide the tile's are preferred.
  void choose() {
    int64_t vectors = llvm::divideCeil(lanes.size, lanes.lanes);
    int64_t width = std::max<int64_t>(1, getElement(op.getResult()).getIntOrFloatBitWidth() * lanes.lanes / l.options.vectorBits);
    // What the item has not laid out itself comes from farther.
    auto read = columns.getDefiningOp<ReadOp>();
    bool isFar = inPlace && !read.getView().getDefiningOp<ScratchOp>();
    double best = 1e9, deep = getElement(columns).getIntOrFloatBitWidth() / 8 * lanes.lanes * (dot ? 2 : 1);
    for (const NamedDim &dim : summed)
      deep *= dim.size;
    for (int64_t n = 1; n <= std::min<int64_t>(vectors, 6); ++n)
      for (int64_t m = 1; m <= std::min<int64_t>(row.size, 14); ++m) {
        if ((m * n + n + 1) * width > l.options.registers)
          continue;
        // Columns that do not stay in the first cache while the rows pass come from the second.
        double load = isFar || n * deep > firstCache / 2 ? 1.25 : 0.25;
        int64_t blocks = llvm::divideCeil(row.size, m) * llvm::divideCeil(vectors, n);
        // Loads and products of all blocks, the products of short chains waiting for each other.
        double cost = 0;
        for (int64_t r = 0; r < row.size; r += m)
          for (int64_t c = 0; c < vectors; c += n) {
            double rows = std::min(m, row.size - r), cols = std::min(n, vectors - c);
            cost += std::max({rows * cols, 8.0, (rows + cols)}) + 0.25 * rows + load * cols + 1;
          }
        cost += 0.01 * blocks;
        if (cost < best - 1e-9) {
          best = cost;
          blockRows = m;
          blockColumns = n;
        }
      }
  }

  /// Where the operands end, along each dimension: the least is the product's.
  void findExtents() {
    llvm::SmallSetVector<StringAttr, 6> dims;
    for (Value operand : {others, columns})
      for (const NamedDim &dim : ssm::getDims(operand))
        dims.insert(dim.name);
    for (StringAttr dim : dims)
      for (Value operand : {others, columns})
        if (Value extent = l.extentOf(operand, dim)) {
          Value &known = extents[dim];
          known = known ? arith::MinSIOp::create(b, known, extent).getResult() : extent;
        }
    for (const NamedDim &dim : ssm::getDims(op.getType()))
      if (Value &known = extents[dim.name]; !known)
        known = l.ownedExtent(dim.name);
  }

  void outer(unsigned i, Point point) {
    Values none;
    if (i < loops.size()) {
      forRange(l, 0, loops[i].size, 1, {}, [&](Value at, ValueRange) -> Values {
        Point inner = point;
        inner.set(loops[i].name, at);
        outer(i + 1, inner);
        return {};
      }, none);
      return;
    }
    // Columns outside: a panel of them stays in the first cache while rows pass.
    int64_t vectors = llvm::divideCeil(lanes.size, lanes.lanes), looped = vectors / blockColumns * blockColumns;
    if (looped)
      forRange(l, 0, looped * lanes.lanes, blockColumns * lanes.lanes, {}, [&](Value at, ValueRange) -> Values {
        rows(point, at, blockColumns, lanes.lanes);
        return {};
      }, none);
    if (looped < vectors)
      rows(point, l.index(looped * lanes.lanes), vectors - looped, lanes.lanes);
  }

  void rows(const Point &point, Value column, int64_t columnVectors, unsigned) {
    Values none;
    if (!row.name)
      return block(point, {}, 1, column, columnVectors);
    int64_t looped = row.size / blockRows * blockRows;
    if (looped)
      forRange(l, 0, looped, blockRows, {}, [&](Value at, ValueRange) -> Values {
        block(point, at, blockRows, column, columnVectors);
        return {};
      }, none);
    if (looped < row.size)
      block(point, l.index(looped), row.size - looped, column, columnVectors);
  }

  void block(const Point &point, Value firstRow, int64_t rowCount, Value column, int64_t columnVectors) {
    llvm::SmallVector<Point> points;
    Values rowsAt, columnsAt;
    for (int64_t r = 0; r < rowCount && row.name; ++r)
      rowsAt.push_back(l.add(firstRow, r));
    for (int64_t c = 0; c < columnVectors && lanes.dim; ++c)
      columnsAt.push_back(l.add(column, c * lanes.lanes));
    for (int64_t r = 0; r < rowCount; ++r)
      for (int64_t c = 0; c < columnVectors; ++c) {
        Point at = point;
        if (row.name)
          at.set(row.name, rowsAt[r]);
        if (lanes.dim) {
          at.set(lanes.dim, columnsAt[c]);
          at.lane = lanes.lanes > 1 ? lanes.dim : StringAttr();
          at.lanes = at.valid = lanes.lanes;
        }
        points.push_back(at);
      }
    // The accumulator is added behind: sums as long as a tile, then sums of these.
    Values sums = sumsOf(points, columnVectors);
    for (auto [at, sum] : llvm::zip(points, sums)) {
      if (op.getAcc()) {
        Value before = l.get(op.getAcc(), at);
        l.scopes.goTo(l.scopes.depth());
        if (llvm::isa<FloatType>(getElementTypeOrSelf(sum.getType())))
          sum = arith::AddFOp::create(b, before, sum);
        else
          sum = arith::AddIOp::create(b, before, sum);
      }
      l.store(sum, l.storage(op.getResult()), at.within(ssm::getDims(op.getType())));
    }
  }

  /// The sums of a block; zero without multiplying where an operand has ended.
  Values sumsOf(llvm::ArrayRef<Point> points, int64_t columnVectors) {
    Values zeros(points.size(), zero());
    l.scopes.goTo(l.scopes.depth());
    Value inside;
    for (auto &[dim, at] : points.front().at)
      if (Value extent = extents.lookup(dim)) {
        Value before = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, extent);
        inside = inside ? arith::AndIOp::create(b, inside, before).getResult() : before;
      }
    if (!inside)
      return steps(0, points, columnVectors, zeros);
    auto choice = scf::IfOp::create(b, ValueRange(zeros).getTypes(), inside, /*withElseRegion=*/true);
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, zeros);
    b.setInsertionPointToStart(choice.thenBlock());
    l.scopes.enter({}, [&] {
      Values sums = steps(0, points, columnVectors, zeros);
      l.scopes.goTo(l.scopes.depth());
      scf::YieldOp::create(b, sums);
    });
    b.setInsertionPointAfter(choice);
    return Values(choice.getResults());
  }

  Value zero() {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(l.scratchBlock);
    TypedAttr none = b.getZeroAttr(getElement(op.getResult()));
    return l.constant(none, lanes.lanes);
  }

  /// The loops over what is summed.
  Values steps(unsigned i, llvm::ArrayRef<Point> points, int64_t columnVectors, ValueRange sums) {
    if (i == summed.size())
      return multiply(points, columnVectors, sums);
    Values results;
    auto body = [&](Value at, ValueRange carried) {
      llvm::SmallVector<Point> inner(points);
      for (Point &point : inner)
        point.set(summed[i].name, at);
      return steps(i + 1, inner, columnVectors, carried);
    };
    if (Value extent = extents.lookup(summed[i].name))
      forRange(l, 0, extent, 1, sums, body, results);
    else
      forRange(l, 0, summed[i].size, 1, sums, body, results);
    return results;
  }

  Values multiply(llvm::ArrayRef<Point> points, int64_t columnVectors, ValueRange sums) {
    if (dot)
      return multiplyPairs(points, sums);
    Values next;
    for (auto [i, point] : llvm::enumerate(points)) {
      Value x = l.get(others, point), y = l.get(columns, point);
      l.scopes.goTo(l.scopes.depth());
      if (point.lane && !llvm::isa<VectorType>(x.getType()))
        x = spread(x, point.lanes);
      if (llvm::isa<FloatType>(getElementTypeOrSelf(y.getType())))
        next.push_back(math::FmaOp::create(b, x, y, sums[i]));
      else
        next.push_back(arith::AddIOp::create(b, sums[i], arith::MulIOp::create(b, x, y)));
    }
    spreads.clear();
    return next;
  }
  /// A pair of one operand for all lanes, times 16 pairs of the other.
  Values multiplyPairs(llvm::ArrayRef<Point> points, ValueRange sums) {
    auto pairs = VectorType::get(2 * lanes.lanes, b.getBF16Type()), words = VectorType::get(lanes.lanes, b.getI32Type());
    llvm::DenseMap<Value, Value> loaded;
    Values next;
    for (auto [i, point] : llvm::enumerate(points)) {
      Point one = point.scalar();
      one.set(pair, l.index(0));
      one.lane = pair;
      one.lanes = one.valid = 2;
      Value both = l.get(others, one);
      l.scopes.goTo(l.scopes.depth());
      Value &x = spreads[both];
      if (!x) {
        Value word = vector::BitCastOp::create(b, VectorType::get(1, b.getI32Type()), both);
        word = vector::ExtractOp::create(b, word, int64_t(0));
        x = vector::BitCastOp::create(b, pairs, vector::BroadcastOp::create(b, words, word));
      }
      Value &y = loaded[point.get(lanes.dim)];
      if (!y) {
        const Buffer &buffer = l.buffers.find(columns)->second;
        Values indices;
        for (const NamedDim &dim : buffer.dims)
          indices.push_back(dim.name == pair ? l.index(0) : point.get(dim.name));
        y = vector::LoadOp::create(b, pairs, buffer.memory, indices);
      }
      next.push_back(x86vector::DotBF16Op::create(b, sums[i].getType(), sums[i], x, y));
    }
    spreads.clear();
    return next;
  }
  Value spread(Value element, unsigned count) {
    Value &known = spreads[element];
    if (!known)
      known = l.lanesOf(element, count);
    return known;
  }

  Lowering &l;
  ImplicitLocOpBuilder &b;
  ProductOp op;
  Value columns, others;
  NamedDims loops, summed;
  NamedDim row{{}, 1};
  Lanes lanes;
  bool inPlace = false;
  bool dot = false; // of pairs, the last dimension of both operands
  StringAttr pair;
  int64_t blockRows = 1, blockColumns = 1;
  llvm::DenseMap<Value, Value> spreads;
  llvm::DenseMap<StringAttr, Value> extents;
};

} // namespace

LogicalResult Lowering::emitProduct(ProductOp op) {
  ProductEmitter(*this, op).emit();
  return success();
}

} // namespace ssm::tile
