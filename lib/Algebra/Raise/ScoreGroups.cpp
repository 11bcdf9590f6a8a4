//===- ScoreGroups.cpp - recurrences whose score products are equal ---------===//
//
// Linear attention carries S over fk * v and z over fk, and reads both with fq:
//
//   sum[D] fq S  and  sum[D] fq z  share  scores[l, j] = sum[D] fq[l] fk[j]
//
// which is the same as one recurrence whose values are v and a one stacked.
//
//===----------------------------------------------------------------------===//
#include "RaiseScans.h"
#include "Remarks.h"

using namespace mlir;

namespace ssm {

/// What the scores are made of: the decay, and the factors along what is summed.
struct Scores {
  Value decay;
  SmallVector<Value> keys, queries;
  SmallVector<StringRef> over;
};

static std::optional<Scores> scoresOf(LinearRecurrenceOp op) {
  if (op.getOutputs().size() != 1 || op.getReadouts()[0].isState())
    return std::nullopt;
  LinearRecurrenceOp::Readout readout = op.getReadouts()[0];
  Scores scores{op.getAnyDecay(), {}, SmallVector<Value>(readout.factors), readout.over};
  llvm::sort(scores.over);
  for (Value input : op.getInputs())
    if (llvm::any_of(readout.over, [&](StringRef name) { return hasDim(input, name); }))
      scores.keys.push_back(input);
  return scores;
}

static bool sameValues(ArrayRef<Value> a, ArrayRef<Value> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           return sameValue(std::get<0>(pair), std::get<1>(pair));
         });
}

static bool sameScores(const Scores &a, const Scores &b) {
  bool decay = a.decay && b.decay ? sameValue(a.decay, b.decay) : !a.decay && !b.decay;
  return decay && a.over == b.over && sameValues(a.keys, b.keys) && sameValues(a.queries, b.queries);
}

/// What was too narrow for a product of its own is not beside another's.
static void allow(LinearRecurrenceOp op, FormKind kind) {
  SmallVector<Attribute> forms;
  for (auto form : op.getForms().getAsRange<FormAttr>())
    forms.push_back(form.getKind() == kind ? FormAttr::allowed(op.getContext(), kind) : form);
  op.setFormsAttr(ArrayAttr::get(op.getContext(), forms));
}

void groupScores(ArrayRef<LinearRecurrenceOp> recurrences) {
  int64_t groups = 0;
  llvm::SmallPtrSet<Operation *, 8> done;
  for (unsigned i = 0; i < recurrences.size(); ++i) {
    LinearRecurrenceOp first = recurrences[i];
    std::optional<Scores> scores = scoresOf(first);
    if (!scores || done.contains(first))
      continue;
    SmallVector<LinearRecurrenceOp> members{first};
    for (LinearRecurrenceOp other : recurrences.drop_front(i + 1)) {
      std::optional<Scores> others = scoresOf(other);
      if (others && !done.contains(other) && other->getBlock() == first->getBlock() &&
          other.getDim() == first.getDim() && other.getReverse() == first.getReverse() &&
          sameScores(*scores, *others))
        members.push_back(other);
    }
    // One of them must be a product; the others ride with it, however narrow.
    auto any = [&](FormKind kind) { return llvm::any_of(members, [&](auto member) { return member.allows(kind); }); };
    bool chunk = any(FormKind::Chunk);
    if (members.size() < 2 || (!chunk && !any(FormKind::ChunkFactored)))
      continue;
    for (LinearRecurrenceOp member : members) {
      member.setScoreGroup(groups);
      allow(member, chunk ? FormKind::Chunk : FormKind::ChunkFactored);
      done.insert(member);
    }
    reportRaised(first.getLoc(), "stacking",
                 std::to_string(members.size()) + " recurrences along " + first.getDim() + " share their scores");
    ++groups;
  }
}

} // namespace ssm
