//===- ExpandStructures.cpp - the pass ssm-expand ---------------------------===//
//
// A matrix value is a tree of sums, products, multiples and transposes over
// structured matrices. Each use of one walks its tree; a leaf's rule does the rest.
//
//===----------------------------------------------------------------------===//
#include "ExpandStructures.h"

#include "ssm/Algebra/Passes.h"
#include "ssm/Dialect/Ssm/Structure.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

static const StructureRule &getRule(Structure structure) {
  switch (structure) {
  case Structure::Diagonal:
    return kDiagonalRule;
  case Structure::LowRank:
    return kLowRankRule;
  case Structure::BlockDiagonal:
    return kBlockDiagonalRule;
  case Structure::FlatButterfly:
    return kFlatButterflyRule;
  case Structure::BlockSparse:
    return kBlockSparseRule;
  case Structure::Monarch:
    return kMonarchRule;
  case Structure::Butterfly:
    return kButterflyRule;
  case Structure::Toeplitz:
    return kToeplitzRule;
  case Structure::Circulant:
    return kCirculantRule;
  }
  llvm_unreachable("no such structure");
}

namespace {

/// What the rows and columns of a matrix are called where it is used.
struct Sides {
  StringRef rows, columns;
};

class MatrixUse {
public:
  explicit MatrixUse(NamedBuilder &b) : b(b) {}

  /// W x, or with `transposed` W^T x: sums over one side, gives the other.
  Value apply(Value matrix, Value x, Sides sides, bool transposed) {
    return llvm::TypeSwitch<Operation *, Value>(matrix.getDefiningOp())
        .Case([&](StructuredOp op) {
          const StructureRule &rule = getRule(op.getStructure());
          return (transposed ? rule.applyTransposed : rule.apply)(b, view(op, sides, getDims(x)), x);
        })
        .Case([&](MatrixAddOp op) {
          return b.map(MapFn::Add, {apply(op.getLhs(), x, sides, transposed), apply(op.getRhs(), x, sides, transposed)});
        })
        .Case([&](MatrixScaleOp op) {
          return b.map(MapFn::Mul, {apply(op.getMatrix(), x, sides, transposed), op.getFactor()});
        })
        .Case([&](MatrixMulOp op) {
          NamedDims taken = getDims(x);
          taken.append({b.dim(sides.rows), b.dim(sides.columns)});
          StringRef inner = unlike(op.getLhs().getType().getColumns(), taken);
          Sides left{sides.rows, inner}, right{inner, sides.columns};
          return transposed ? apply(op.getRhs(), apply(op.getLhs(), x, left, true), right, true)
                            : apply(op.getLhs(), apply(op.getRhs(), x, right, false), left, false);
        })
        .Case([&](TransposeOp op) {
          return apply(op.getMatrix(), x, {sides.columns, sides.rows}, !transposed);
        });
  }

  Value materialize(Value matrix, Sides sides) {
    return llvm::TypeSwitch<Operation *, Value>(matrix.getDefiningOp())
        .Case([&](StructuredOp op) { return getRule(op.getStructure()).materialize(b, view(op, sides, {})); })
        .Case([&](MatrixAddOp op) {
          return b.map(MapFn::Add, {materialize(op.getLhs(), sides), materialize(op.getRhs(), sides)});
        })
        .Case([&](MatrixScaleOp op) {
          return b.map(MapFn::Mul, {materialize(op.getMatrix(), sides), op.getFactor()});
        })
        .Case([&](MatrixMulOp op) {
          // The left factor acts on the right one's columns.
          StringRef inner =
              unlike(op.getLhs().getType().getColumns(), {b.dim(sides.rows), b.dim(sides.columns)});
          Value right = materialize(op.getRhs(), {inner, sides.columns});
          return apply(op.getLhs(), right, {sides.rows, inner}, false);
        })
        .Case([&](TransposeOp op) { return materialize(op.getMatrix(), {sides.columns, sides.rows}); });
  }

private:
  /// The name, or a new one of the same size if it is taken.
  StringRef unlike(StringAttr name, ArrayRef<NamedDim> taken) {
    return findDim(taken, name.getValue()) ? b.freshCopy(name.getValue()).getValue() : name.getValue();
  }

  /// The parts with rows and columns called as `sides` says, and their other
  /// dimensions unlike those of the vector.
  StructureView view(StructuredOp op, Sides sides, NamedDims taken) {
    std::string why;
    llvm::StringMap<NamedDim> bound = *bindStructure(op, why);
    taken.append({b.dim(sides.rows), b.dim(sides.columns)});
    StructureView view;
    view.rows = sides.rows;
    view.columns = sides.columns;
    SmallVector<StringRef> from{op.getType().getRows(), op.getType().getColumns()}, to{sides.rows, sides.columns};
    StructureLayout layout = getStructureLayout(op.getStructure(), op.getParameters(), "",
                                                {op.getType().getRows(), SizeAttr::ofDim(op.getType().getRows())},
                                                {op.getType().getColumns(), SizeAttr::ofDim(op.getType().getColumns())});
    for (const StructurePart &part : layout.parts)
      for (const StructureDim &dim : part.dims) {
        if (dim.key == "O" || dim.key == "I" || view.names.count(dim.key))
          continue;
        StringAttr name = bound.lookup(dim.key).name;
        from.push_back(name);
        to.push_back(unlike(name, taken));
        view.names[dim.key] = b.getStringAttr(to.back());
      }
    for (Value part : op.getParts())
      view.parts.push_back(b.rename(part, from, to));
    return view;
  }

  NamedBuilder &b;
};

class ExpandPass : public PassWrapper<ExpandPass, OperationPass<func::FuncOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandPass)
  StringRef getArgument() const final { return "ssm-expand"; }
  StringRef getDescription() const final { return "Products with structured matrices by their stored parts"; }

  void runOnOperation() override {
    NamedBuilder b(getOperation());
    SmallVector<Operation *> matrices;
    bool failed = leavesFunction();
    if (failed)
      return signalPassFailure();
    getOperation().walk([&](Operation *op) {
      if (llvm::any_of(op->getResultTypes(), llvm::IsaPred<MatrixType>))
        matrices.push_back(op);
      if (!isa<ApplyOp, MaterializeOp>(op))
        return;
      Value expanded = expand(b, op);
      if (!expanded) {
        failed = true;
        return;
      }
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      op->getResult(0).replaceAllUsesWith(b.align(expanded, type));
      op->erase();
    });
    if (failed)
      return signalPassFailure();
    for (Operation *op : llvm::reverse(matrices))
      op->erase();
  }

private:
  /// A matrix has its parts in sight only where this dialect made it and uses it.
  bool leavesFunction() {
    auto isMatrix = [](Type type) { return isa<MatrixType>(type); };
    WalkResult walk = getOperation()->walk([&](Operation *op) {
      bool takes = llvm::any_of(op->getRegions(), [&](Region &region) {
        return llvm::any_of(region.getArgumentTypes(), isMatrix);
      });
      bool foreign = op->getName().getDialectNamespace() != SsmDialect::getDialectNamespace() || isa<YieldOp>(op);
      if (!takes && !(foreign && (llvm::any_of(op->getOperandTypes(), isMatrix) || llvm::any_of(op->getResultTypes(), isMatrix))))
        return WalkResult::advance();
      op->emitOpError() << "hands on a structured matrix, which exists only between operations of the ssm dialect in "
                           "one function: hand on its parts";
      return WalkResult::interrupt();
    });
    return walk.wasInterrupted();
  }

  Value expand(NamedBuilder &b, Operation *op) {
    Value matrix = op->getOperand(0);
    auto type = cast<MatrixType>(matrix.getType());
    Sides sides{type.getRows(), type.getColumns()};
    if (type.getRows() == type.getColumns()) {
      op->emitOpError() << "needs rows and columns of two names, both are '" << sides.rows << "'";
      return {};
    }
    b.setInsertionPoint(op);
    b.setLoc(op->getLoc());
    if (auto apply = dyn_cast<ApplyOp>(op))
      return MatrixUse(b).apply(matrix, apply.getOperand(), sides, false);
    return MatrixUse(b).materialize(matrix, sides);
  }
};

} // namespace

std::unique_ptr<Pass> createExpandPass() { return std::make_unique<ExpandPass>(); }

} // namespace ssm
