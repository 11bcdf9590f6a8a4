//===- SplitRaised.cpp - the pass ssm-split-raised --------------------------===//
//
// Every raised operation in two parts along its dimension, made one by its combiner:
// what a planned form does across cores and chunks, in operations that the reference
// path can run. Tests compare it with the whole. The recurrence's last state comes from
// the combiner alone, its read-outs from a second part begun with the first one's state.
//
//===----------------------------------------------------------------------===//
#include "Combine.h"
#include "Raise/Linearity.h"
#include "ssm/Algebra/Passes.h"

using namespace mlir;

namespace ssm {

namespace {

class SplitRaised {
public:
  /// The first part has floor(L * at / of) positions.
  SplitRaised(func::FuncOp function, int64_t at, int64_t of) : b(function), function(function), at(at), of(of) {}

  void run() {
    SmallVector<Operation *> raised;
    function.walk([&](Operation *op) {
      if (isa<LinearRecurrenceOp, OnlineFoldOp>(op))
        raised.push_back(op);
    });
    for (Operation *op : raised) {
      b.setInsertionPoint(op);
      b.setLoc(op->getLoc());
      if (auto recurrence = llvm::dyn_cast<LinearRecurrenceOp>(op))
        split(recurrence);
      else
        split(llvm::cast<OnlineFoldOp>(op));
      op->erase();
    }
  }

private:
  /// The two ranges of a dimension: their names, and the positions in the whole.
  struct Parts {
    StringRef whole;
    StringAttr names[2];
    Value positions[2];
  };

  Parts divide(StringRef dim) {
    MLIRContext *context = b.getContext();
    Parts parts{dim, {}, {}};
    NamedDim known = b.dim(dim);
    SizeAttr length = known.isStatic() ? SizeAttr::constant(context, known.size) : SizeAttr::ofDim(known.name);
    SizeAttr scaled = SizeAttr::make(SizeOp::Mul, {length, SizeAttr::constant(context, at)});
    SizeAttr first = SizeAttr::make(SizeOp::FloorDiv, {scaled, SizeAttr::constant(context, of)});
    parts.names[0] = b.freshDim(dim + ".first", first);
    SizeAttr before = first.constantValue() ? first : SizeAttr::ofDim(parts.names[0]);
    parts.names[1] = b.freshDim(dim + ".second", SizeAttr::make(SizeOp::Sub, {length, before}));
    parts.positions[0] = b.pos(parts.names[0]);
    parts.positions[1] = b.map(MapFn::Add, {b.pos(parts.names[1]), b.size(parts.names[0])});
    return parts;
  }

  Value part(const Parts &parts, unsigned i, Value whole) {
    return hasDim(whole, parts.whole) ? b.gather(whole, parts.whole, parts.positions[i]) : whole;
  }

  LinearRecurrenceOp part(LinearRecurrenceOp op, const Parts &parts, unsigned i, Value init) {
    auto take = [&](Value value) { return value ? part(parts, i, value) : value; };
    SmallVector<Value> inputs(llvm::map_range(op.getInputs(), take)), factors(llvm::map_range(op.getFactors(), take));
    SmallVector<Type> types;
    for (Value output : op.getOutputs()) {
      NamedDims dims = getDims(output);
      dims[*findDim(dims, parts.whole)] = b.dim(parts.names[i]);
      types.push_back(getTensorType(dims, getElement(output)));
    }
    return LinearRecurrenceOp::create(b, init.getType(), types, op.getSemiring(), parts.names[i], op.getReverse(), init,
                                      take(op.getDecay()), take(op.getLogDecay()), op.getResets(), inputs, factors,
                                      op.getFactorCounts(), op.getOver(), op.getForms(), op.getScoreGroupAttr());
  }

  void split(LinearRecurrenceOp op) {
    Parts parts = divide(op.getDim());
    unsigned early = op.getReverse() ? 1 : 0, late = 1 - early;
    auto type = llvm::cast<RankedTensorType>(op.getInit().getType());
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double nothing = op.getSemiring() == Semiring::Real ? 0 : op.getSemiring() == Semiring::MinPlus ? infinity : -infinity;
    Value zero = b.align(makeScalar(b, type.getElementType(), nothing), type);
    auto summary = [&](unsigned i) {
      Value decay = op.getAnyDecay();
      return RecurrencePart{totalDecay(b, op, decay ? part(parts, i, decay) : decay, parts.names[i]),
                            part(op, parts, i, zero).getFinal()};
    };
    RecurrencePart first = summary(early), second = summary(late);
    RecurrencePart both = combine(b, op.getSemiring(), first, second);
    op.getFinal().replaceAllUsesWith(b.align(advance(b, op.getSemiring(), both, op.getInit()), type));
    LinearRecurrenceOp runs[2];
    runs[early] = part(op, parts, early, op.getInit());
    runs[late] = part(op, parts, late, b.align(advance(b, op.getSemiring(), first, op.getInit()), type));
    for (auto [i, output] : llvm::enumerate(op.getOutputs())) {
      Value joined = ConcatOp::create(b, output.getType(), runs[0].getOutputs()[i], parts.names[0].getValue(),
                                      runs[1].getOutputs()[i], parts.names[1].getValue(), op.getDim());
      output.replaceAllUsesWith(joined);
    }
  }

  void split(OnlineFoldOp op) {
    Parts parts = divide(op.getFoldedDims()[0]);
    auto renamed = [&](ArrayAttr dims, unsigned i) -> ArrayAttr {
      SmallVector<Attribute> names;
      for (Attribute name : dims)
        names.push_back(llvm::cast<StringAttr>(name).getValue() == parts.whole ? parts.names[i] : name);
      return b.getArrayAttr(names);
    };
    auto run = [&](unsigned i) {
      auto take = [&](Value value) { return part(parts, i, value); };
      SmallVector<Value> factors(llvm::map_range(op.getFactors(), take));
      SmallVector<Attribute> over;
      for (Attribute dims : op.getOver())
        over.push_back(renamed(llvm::cast<ArrayAttr>(dims), i));
      auto fold = OnlineFoldOp::create(b, op->getResultTypes(), take(op.getReference()), renamed(op.getMaxDims(), i),
                                       op.getExponent() ? take(op.getExponent()) : Value(), factors,
                                       op.getFactorCountsAttr(), b.getArrayAttr(over), op.getFreeReferenceAttr());
      return FoldPart{fold.getMaximum(), SmallVector<Value>(fold.getSums())};
    };
    FoldPart first = run(0), second = run(1);
    FoldPart both = combine(b, first, second);
    SmallVector<Value> results{both.maximum};
    results.append(both.sums);
    for (auto [result, by] : llvm::zip_equal(op->getResults(), results))
      result.replaceAllUsesWith(b.align(by, llvm::cast<RankedTensorType>(result.getType())));
  }

  NamedBuilder b;
  func::FuncOp function;
  int64_t at, of;
};

struct SplitRaisedPass : PassWrapper<SplitRaisedPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SplitRaisedPass)
  SplitRaisedPass() = default;
  SplitRaisedPass(const SplitRaisedPass &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "ssm-split-raised"; }
  StringRef getDescription() const override {
    return "Raised operations in two parts, made one by their combiners (for tests of these)";
  }
  void runOnOperation() override {
    if (of < 1 || at < 0 || at > of) {
      getOperation().emitError() << "ssm-split-raised: a part of " << at << "/" << of << " does not lie within the whole";
      return signalPassFailure();
    }
    SplitRaised(getOperation(), at, of).run();
  }

  Option<int64_t> at{*this, "at", llvm::cl::desc("the first part's share of the whole, in parts"), llvm::cl::init(1)};
  Option<int64_t> of{*this, "of", llvm::cl::desc("the parts of the whole"), llvm::cl::init(2)};
};

} // namespace

std::unique_ptr<Pass> createSplitRaisedPass() { return std::make_unique<SplitRaisedPass>(); }

} // namespace ssm
