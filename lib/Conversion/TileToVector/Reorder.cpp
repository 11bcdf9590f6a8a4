//===- Reorder.cpp - tiles in another order of dimensions -------------------===//
//
// A `tile.spread` that only reorders, and puts another dimension last, is done in
// blocks of vectors: as many rows as lanes are read, and turned in log2(lanes) steps
// of shuffles. One whose last dimension is a pair that a `tile.part` made lays two
// rows into each other, which is what dot products of 16-bit pairs take:
//
//   [K, N]  part K into [H, P], spread  =>  [H, N, P]:  x[0, 0] x[1, 0] x[0, 1] x[1, 1] ...
//
//===----------------------------------------------------------------------===//
#include "Reorder.h"
#include "Lowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace ssm::tile {

bool isPairing(SpreadOp op) {
  auto part = op.getOperand().getDefiningOp<PartOp>();
  if (!part || part.getParts().size() != 2 || ssm::getDims(op.getOperand()).size() != ssm::getDims(op.getType()).size())
    return false;
  NamedDims from = ssm::getDims(part.getOperand()), dims = ssm::getDims(op.getType());
  StringAttr whole = part.getDimAttr();
  return dims.size() >= 3 && dims.back().size == 2 && dims.back().name == part.getParts()[1] &&
         from.back().name != whole && dims[dims.size() - 2].name == from.back().name;
}

bool isTurn(SpreadOp op) {
  auto tile = llvm::dyn_cast<RankedTensorType>(op.getOperand().getType());
  if (!tile || tile.getRank() < 2 || tile.getRank() != op.getType().getRank() || tile.getElementType().isInteger(1))
    return false;
  return ssm::getDims(tile).back().name != ssm::getDims(op.getType()).back().name;
}

namespace {

using Values = llvm::SmallVector<Value>;

/// Loops over dimensions, one element at a time.
void nest(Lowering &l, ArrayRef<NamedDim> dims, Point point, llvm::function_ref<void(Point)> body) {
  if (dims.empty())
    return body(point);
  Values none;
  forRange(l, 0, dims.front().size, 1, {}, [&](Value at, ValueRange) -> Values {
    Point inner = point;
    inner.set(dims.front().name, at);
    nest(l, dims.drop_front(), inner, body);
    return {};
  }, none);
}

/// Rows to columns: step s swaps blocks of s x s beside the diagonal.
void turn(ImplicitLocOpBuilder &b, Values &rows) {
  int64_t lanes = rows.size();
  for (int64_t s = 1; s < lanes; s *= 2) {
    Values next(rows);
    llvm::SmallVector<int64_t> low, high;
    for (int64_t j = 0; j < lanes; ++j) {
      low.push_back(j & s ? lanes + (j ^ s) : j);
      high.push_back(j & s ? lanes + j : j ^ s);
    }
    for (int64_t i = 0; i < lanes; ++i)
      if (!(i & s)) {
        next[i] = vector::ShuffleOp::create(b, rows[i], rows[i | s], low);
        next[i | s] = vector::ShuffleOp::create(b, rows[i], rows[i | s], high);
      }
    rows = next;
  }
}

} // namespace

namespace {

/// A dimension in blocks of lanes: a loop over whole ones, then the rest.
void inBlocks(Lowering &l, int64_t size, unsigned lanes, llvm::function_ref<void(Value, unsigned)> body) {
  Values none;
  int64_t whole = size / lanes * lanes;
  if (whole)
    forRange(l, 0, whole, lanes, {}, [&](Value at, ValueRange) -> Values {
      body(at, lanes);
      return {};
    }, none);
  if (whole < size)
    body(l.index(whole), size - whole);
}

} // namespace

LogicalResult Lowering::emitTurn(SpreadOp op) {
  Value from = op.getOperand();
  NamedDims dims = ssm::getDims(from), into = ssm::getDims(op.getType());
  NamedDim columns = dims.back(), rows = into.back();
  unsigned lanes = std::min(lanesFor(columns.size, widest), lanesFor(rows.size, widest));
  NamedDims outer;
  for (const NamedDim &dim : into)
    if (dim.name != columns.name && dim.name != rows.name)
      outer.push_back(dim);
  if (lanes == 1) {
    emitStore(op.getResult(), storage(op.getResult()));
    return success();
  }
  Buffer &result = storage(op.getResult());
  // Of a block that is not whole, what is missing are copies of its last row, which end
  // in the padding, and columns that are not stored.
  auto block = [&](Point at, Value column, unsigned columnCount, Value row, unsigned rowCount) {
    Values vectors;
    at.set(columns.name, column);
    at.lane = columns.name;
    at.lanes = lanes;
    at.valid = columnCount;
    for (unsigned i = 0; i < rowCount; ++i) {
      at.set(rows.name, add(row, i));
      vectors.push_back(get(from, at));
    }
    vectors.resize(lanes, vectors.back());
    scopes.goTo(scopes.depth());
    turn(b, vectors);
    at.set(rows.name, row);
    at.lane = rows.name;
    at.valid = lanes;
    for (auto [i, vector] : llvm::enumerate(ArrayRef(vectors).take_front(columnCount))) {
      at.set(columns.name, add(column, i));
      scopes.goTo(scopes.depth());
      store(vector, result, at);
    }
  };
  scopes.isolate([&] {
    nest(*this, outer, Point(), [&](Point point) {
      inBlocks(*this, columns.size, lanes, [&](Value column, unsigned columnCount) {
        inBlocks(*this, rows.size, lanes, [&](Value row, unsigned rowCount) {
          block(point, column, columnCount, row, rowCount);
        });
      });
    });
  });
  return success();
}

LogicalResult Lowering::emitPairing(SpreadOp op) {
  auto part = op.getOperand().getDefiningOp<PartOp>();
  Value from = part.getOperand();
  NamedDims into = ssm::getDims(op.getType());
  NamedDim columns = into[into.size() - 2];
  StringAttr half = llvm::cast<StringAttr>(part.getParts()[0]);
  NamedDims outer(into.begin(), into.end() - 2);
  unsigned lanes = lanesFor(columns.size, widest);
  if (columns.size % lanes != 0 || lanes == 1) {
    emitStore(op.getResult(), storage(op.getResult()));
    return success();
  }
  Buffer &result = storage(op.getResult());
  scopes.isolate([&] {
    nest(*this, outer, Point(), [&](Point point) {
      Value first = add(point.get(half), point.get(half));
      Values none;
      forRange(*this, 0, columns.size, lanes, {}, [&](Value column, ValueRange) -> Values {
        Point at = point;
        at.set(columns.name, column);
        at.lane = columns.name;
        at.lanes = at.valid = lanes;
        Value rows[2];
        for (unsigned i = 0; i < 2; ++i) {
          at.set(part.getDimAttr(), add(first, i));
          rows[i] = get(from, at);
        }
        scopes.goTo(scopes.depth());
        Value pairs = vector::InterleaveOp::create(b, rows[0], rows[1]);
        Values indices;
        for (const NamedDim &dim : into)
          indices.push_back(dim.name == part.getParts()[1] ? index(0) : at.get(dim.name));
        vector::StoreOp::create(b, pairs, result.memory, indices);
        return {};
      }, none);
    });
  });
  return success();
}

} // namespace ssm::tile
