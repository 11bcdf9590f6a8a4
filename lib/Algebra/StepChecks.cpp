//===- StepChecks.cpp - what cannot be computed one position at a time ------===//
#include "DeriveStep.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssm {

namespace {
class Checker {
public:
  Checker(StringRef dim, std::optional<Location> advances) : dim(dim), advances(advances) {}

  LogicalResult check(Operation *op) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](ReduceOp o) { return reduces(o, o.getDims(), nameOf(o.getMonoid())); })
        .Case([&](ContractOp o) { return reduces(o, o.getDims(), "'sum'"); })
        .Case([&](SoftmaxOp o) { return reduces(o, o.getDims(), "'softmax'"); })
        .Case([&](ArgmaxOp o) { return unless(o, o.getDim() == dim, "'argmax' over", "it needs all positions"); })
        .Case([&](FftOp o) {
          return unless(o, o.getFrom() == dim || o.getTo() == dim, "a Fourier transform of", "it needs all positions");
        })
        .Case([&](SizeOfOp o) { return unless(o, o.getDim() == dim, "the size of", "a stream has no end"); })
        .Case([&](GatherOp o) { return reduces(o, o.getDims(), "picking"); })
        .Case([&](RenameOp o) {
          return unless(o, has(o.getFrom()) || has(o.getTo()), "renaming", "it needs all positions");
        })
        .Case([&](SplitOp o) { return unless(o, o.getDim() == dim || has(o.getInto()), "splitting", lookAhead); })
        .Case([&](JoinOp o) { return unless(o, has(o.getDims()) || o.getInto() == dim, "joining", lookAhead); })
        .Case([&](ConcatOp o) {
          bool along = o.getFirst() == dim || o.getSecond() == dim || o.getTo() == dim;
          return unless(o, along, "concatenation along", lookAhead);
        })
        .Case([&](ScanOp o) { return unless(o, o.getDim() == dim && o.getReverse(), "a reverse scan over", "it begins at the end"); })
        .Case([&](ConvOp o) { return conv(o); })
        .Case([&](ShiftOp o) { return shift(o); })
        .Case([&](StructuredOp o) {
          bool side = o.getType().getRows() == dim || o.getType().getColumns() == dim;
          return unless(o, side, "a structured matrix along", "it needs all positions");
        })
        .Default([](Operation *) { return success(); });
  }

  LogicalResult parameter(func::FuncOp forward, unsigned i) {
    auto role = forward.getArgAttrOfType<RoleAttr>(i, kRoleAttr);
    if (!role || role.getValue() != Role::Param || !hasDim(forward.getArgument(i), dim))
      return success();
    auto name = forward.getArgAttrOfType<StringAttr>(i, kNameAttr);
    return report(mlir::emitError(forward.getArgument(i).getLoc())
                  << "parameter '" << name.getValue() << "' runs along '" << dim
                  << "', the dimension that the states step along: one position at a time has no place for it");
  }

private:
  LogicalResult report(InFlightDiagnostic error) {
    if (advances)
      error.attachNote(*advances) << "a state is advanced along '" << dim << "' here";
    return error;
  }

  static constexpr StringRef lookAhead = "it mixes positions";

  static StringRef nameOf(Monoid monoid) {
    switch (monoid) {
    case Monoid::Add:
      return "'sum'";
    case Monoid::Mul:
      return "'prod'";
    case Monoid::Max:
      return "'max'";
    case Monoid::Min:
      return "'min'";
    case Monoid::LogSumExp:
      return "'logsumexp'";
    }
    return "";
  }

  bool has(ArrayAttr names) const { return llvm::is_contained(names.getAsValueRange<StringAttr>(), dim); }

  LogicalResult unless(Operation *op, bool bad, const Twine &what, const Twine &why) {
    if (!bad)
      return success();
    return report(op->emitError() << what.str() << " '" << dim << "', the dimension that the states step along: "
                                  << why.str() << ", so the layer has no step");
  }
  template <typename Op> LogicalResult reduces(Op op, ArrayAttr dims, const Twine &what) {
    return unless(op, has(dims), what + " over", "it needs all positions");
  }
  LogicalResult conv(ConvOp op) {
    if (op.getDim() != dim && op.getKernelDim() != dim)
      return success();
    if (op.getKernelDim() == dim)
      return unless(op, true, "'conv' with a kernel along", "its kernel grows with the sequence");
    return unless(op, op.getMode() != ConvMode::Causal, ("'conv' in mode '" + stringifyConvMode(op.getMode()) + "' along").str(),
                  "it reads later positions");
  }
  LogicalResult shift(ShiftOp op) {
    if (op.getDim() != dim)
      return success();
    DenseElementsAttr amount;
    auto constant = op.getAmount().getDefiningOp<arith::ConstantOp>();
    if (constant)
      amount = llvm::dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!amount)
      return unless(op, true, "'shift' by an amount that is not known when compiling, along",
                    "what it needs of the past is not known");
    return unless(op, amount.getSplatValue<int64_t>() < 0, "'shift' by a negative amount along",
                  "it reads later positions");
  }

  StringRef dim;
  std::optional<Location> advances; // where
};
} // namespace

LogicalResult checkSteppable(func::FuncOp forward, StringRef dim) {
  std::optional<Location> advances;
  llvm::DenseSet<Value> finals = advancingFinals(forward, dim);
  forward.walk([&](ScanOp scan) {
    if (!advances && llvm::any_of(scan.getFinals(), [&](Value final) { return finals.contains(final); }))
      advances = scan.getLoc();
  });
  Checker checker(dim, advances);
  bool good = true;
  for (unsigned i = 0; i < forward.getNumArguments(); ++i)
    good &= succeeded(checker.parameter(forward, i));
  forward.walk([&](Operation *op) { good &= succeeded(checker.check(op)); });
  return success(good);
}

} // namespace ssm
