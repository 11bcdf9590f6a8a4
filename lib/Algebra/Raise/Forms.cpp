//===- Forms.cpp - which forms a linear recurrence may take -----------------===//
//
// From the dimensions of its factors alone. With r the dimensions that a read-out sums,
// beta the other state dimensions of its factors and of the inputs that have one of r,
// and v the rest, those of value factors only:
//
//   chunk           the decay has no dimension of r, and v without the decay's is wide
//                   enough for a product; every input lies in r + beta or in v + beta
//   chunk_factored  the decay is a product of factors on r + beta and on v + beta
//   convolution     decay, factors and all inputs but one are constant in time
//   project         decay and factors are constant, the input is a product with a
//                   constant matrix
//   sum             there is no decay
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ssm {

namespace {

using NameSet = llvm::StringSet<>;

/// Fewer than this many values are no product.
constexpr int64_t kLeastValues = 8;

class Forms {
public:
  explicit Forms(LinearRecurrenceOp op) : op(op), decay(op.getAnyDecay()) {}

  ArrayAttr list() {
    allow(FormKind::Sequential);
    allow(FormKind::Scan);
    decide(FormKind::Chunk, chunk());
    decide(FormKind::ChunkFactored, chunkFactored());
    decide(FormKind::Convolution, convolution());
    decide(FormKind::Project, project());
    decide(FormKind::Sum, decay ? "it decays" : "");
    return ArrayAttr::get(op.getContext(), forms);
  }

private:
  void allow(FormKind kind) { forms.push_back(FormAttr::allowed(op.getContext(), kind)); }
  void decide(FormKind kind, const std::string &why) {
    forms.push_back(why.empty() ? FormAttr::allowed(op.getContext(), kind)
                                : FormAttr::refused(op.getContext(), kind, why));
  }

  bool varies(Value value) { return hasDim(value, op.getDim()); }

  /// How the state's dimensions divide, for one read-out.
  struct Division {
    NameSet r, beta, v;
    int64_t values = 1; // the size of v without the decay's dimensions; dynamic counts as many
    std::string valueNames;
  };
  bool hasAny(Value value, const NameSet &names) {
    return llvm::any_of(getDims(value), [&](const NamedDim &dim) { return names.contains(dim.name.getValue()); });
  }
  /// Within the two sets (and time).
  bool within(Value value, const NameSet &a, const NameSet &b) {
    return llvm::all_of(getDims(value), [&](const NamedDim &dim) {
      StringRef name = dim.name.getValue();
      return name == op.getDim() || a.contains(name) || b.contains(name);
    });
  }

  Division divide(LinearRecurrenceOp::Readout &readout) {
    Division division;
    NamedDims state = getDims(op.getInit());
    for (StringRef name : readout.over)
      if (findDim(state, name))
        division.r.insert(name);
    auto share = [&](Value value) {
      for (const NamedDim &dim : getDims(value))
        if (findDim(state, dim.name) && !division.r.contains(dim.name.getValue()))
          division.beta.insert(dim.name.getValue());
    };
    for (Value factor : readout.factors)
      share(factor);
    for (Value input : op.getInputs())
      if (hasAny(input, division.r))
        share(input);
    for (const NamedDim &dim : state) {
      StringRef name = dim.name.getValue();
      if (division.r.contains(name) || division.beta.contains(name))
        continue;
      division.v.insert(name);
      if (decay && hasDim(decay, name))
        continue;
      division.values *= dim.isStatic() ? dim.size : kLeastValues;
    }
    return division;
  }

  /// What every form that multiplies within a chunk needs; nothing, or why not.
  std::string products(Division &division) {
    if (division.values < kLeastValues)
      return "it has " + std::to_string(division.values) + " values beside what is summed, too few for a product";
    for (Value input : op.getInputs())
      if (!within(input, division.r, division.beta) && !within(input, division.v, division.beta))
        return "an input along " + formatDims(withoutDims(getDims(input), {op.getDim()})) +
               " joins what the read-out sums with what it keeps";
    return "";
  }

  std::string readable() {
    if (op.getSemiring() != Semiring::Real)
      return "nothing multiplies matrices in " + stringifySemiring(op.getSemiring()).str();
    if (op.getOutputs().empty())
      return "only the last state is wanted";
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
      if (readout.isState() || divide(readout).r.empty())
        return "the state of every position is read, not a sum over it";
    return "";
  }

  static std::string namesIn(Value value, const NameSet &set) {
    std::string text;
    for (const NamedDim &dim : getDims(value))
      if (set.contains(dim.name.getValue()))
        text += (text.empty() ? "" : ", ") + dim.name.getValue().str();
    return text;
  }

  std::string chunk() {
    if (std::string why = readable(); !why.empty())
      return why;
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      Division division = divide(readout);
      if (decay && hasAny(decay, division.r))
        return "the decay varies along " + namesIn(decay, division.r) + ", which the read-out sums";
      if (std::string why = products(division); !why.empty())
        return why;
    }
    return "";
  }

  /// The factors of the decay, or the terms of its logarithm, that lie on one side: what
  /// joins both is taken apart as far as it is a product, or a sum.
  void sides(Value value, const Division &division, SmallVectorImpl<Value> &joined) {
    if (within(value, division.r, division.beta) || within(value, division.v, division.beta))
      return;
    if (auto align = value.getDefiningOp<AlignOp>())
      return sides(align.getOperand(), division, joined);
    auto map = value.getDefiningOp<MapOp>();
    auto is = [&](MapFn fn) { return map && map.getFn() == fn; };
    bool apart = op.getLogDecay() ? is(MapFn::Add) || is(MapFn::Sub) || is(MapFn::Neg) : is(MapFn::Mul);
    if (!apart)
      return joined.push_back(value);
    for (Value operand : map.getOperands())
      sides(operand, division, joined);
  }

  std::string chunkFactored() {
    if (std::string why = readable(); !why.empty())
      return why;
    if (!decay)
      return "it does not decay";
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts()) {
      Division division = divide(readout);
      if (!hasAny(decay, division.r))
        return "the decay lacks what the read-out sums: chunk does without factors";
      SmallVector<Value> joined;
      sides(decay, division, joined);
      if (!joined.empty())
        return "the decay joins " + namesIn(joined[0], division.r) + ", which the read-out sums, with " +
               namesIn(joined[0], division.v) + ", which it keeps";
      Division all = division;
      all.values = 1;
      for (const NamedDim &dim : getDims(op.getInit()))
        if (division.v.contains(dim.name.getValue()))
          all.values *= dim.isStatic() ? dim.size : kLeastValues;
      if (std::string why = products(all); !why.empty())
        return why;
    }
    return "";
  }

  std::string constantExceptInput() {
    if (op.getSemiring() != Semiring::Real)
      return "nothing convolves in " + stringifySemiring(op.getSemiring()).str();
    if (decay && varies(decay))
      return "the decay varies in time";
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
      for (Value factor : readout.factors)
        if (varies(factor))
          return "a read-out varies in time";
    return "";
  }

  std::string convolution() {
    if (std::string why = constantExceptInput(); !why.empty())
      return why;
    if (!decay)
      return "it does not decay: a sum is cheaper";
    if (std::string why = readable(); !why.empty())
      return why;
    unsigned inputs = 0;
    for (Value input : op.getInputs()) {
      if (!varies(input))
        continue;
      if (++inputs > 1)
        return "more than one of its inputs varies in time";
      for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
        for (StringRef name : readout.over)
          if (hasDim(input, name))
            return "the input varies along " + name.str() + ", which the read-out sums: a kernel for each";
    }
    return inputs ? "" : "no input varies in time";
  }

  std::string project() {
    if (std::string why = constantExceptInput(); !why.empty())
      return why;
    if (!decay)
      return "it does not decay";
    for (Value input : op.getInputs()) {
      if (!varies(input))
        continue;
      auto contract = input.getDefiningOp<ContractOp>();
      bool constant = contract && llvm::count_if(contract.getOperands(), [&](Value v) { return varies(v); }) == 1;
      if (!constant)
        return "its input is no product with a constant matrix";
    }
    for (LinearRecurrenceOp::Readout &readout : op.getReadouts())
      if (readout.isState() || readout.factors.empty())
        return "it is not read by a product with a constant matrix";
    return op.getOutputs().empty() ? "only the last state is wanted" : "";
  }

  LinearRecurrenceOp op;
  Value decay;
  SmallVector<Attribute> forms;
};

} // namespace

ArrayAttr listForms(LinearRecurrenceOp op) { return Forms(op).list(); }

} // namespace ssm
