//===- Barriers.cpp - mbarriers and what orders memory -------------------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

/// A checked wait gives up after so many tries, each of which sleeps for a while.
constexpr int64_t kTries = 1 << 22;

void Ptx::mbarrierInit(Address barrier, int64_t count) {
  assemble(formatv("mbarrier.init.shared::cta.b64 {0}, {1};", address(0, barrier.offset), count).str(), "r,~{memory}",
           barrier.base);
}

void Ptx::mbarrierArrive(Address barrier, Value predicate) {
  // Predicated, so that no branch splits the block that products are in flight across.
  std::string text =
      formatv("mbarrier.arrive.shared::cta.b64 _, {0};", address(0, barrier.offset)).str();
  if (!predicate)
    assemble(text, "r,~{memory}", barrier.base);
  else
    assemble("@$1 " + text, "r,b,~{memory}", ValueRange{barrier.base, predicate});
}

void Ptx::mbarrierArriveWarp(Address barrier, Value isLane0, Value predicate) {
  std::string at = address(0, barrier.offset);
  if (!predicate)
    assemble("bar.warp.sync -1; @$1 mbarrier.arrive.shared::cta.b64 _, " + at + ";", "r,b,~{memory}",
             ValueRange{barrier.base, isLane0});
  else
    assemble("{ .reg .pred p; bar.warp.sync -1; and.pred p, $1, $2; @p mbarrier.arrive.shared::cta.b64 _, " + at +
                 "; }",
             "r,b,b,~{memory}", ValueRange{barrier.base, isLane0, predicate});
}

void Ptx::mbarrierArriveRemote(Address barrier, Value cta, Value predicate, bool fence) {
  std::string text = formatv("{{ .reg .b32 a; add.u32 a, $0, {0}; mapa.shared::cluster.u32 a, a, $1; "
                             "{1}mbarrier.arrive{2}.shared::cluster.b64 _, [a]; }",
                             barrier.offset, predicate ? "@$2 " : "", fence ? ".release.cluster" : "")
                         .str();
  SmallVector<Value> operands{barrier.base, cta};
  if (predicate)
    operands.push_back(predicate);
  assemble(text, Constraints().operands(operands).str(), operands);
}

void Ptx::mbarrierExpect(Address barrier, int64_t bytes) {
  assemble(formatv("mbarrier.arrive.expect_tx.shared::cta.b64 _, {0}, {1};", address(0, barrier.offset), bytes).str(),
           "r,~{memory}", barrier.base);
}

void Ptx::mbarrierWait(Address barrier, Value parity, const WaitRecord &record, bool cluster) {
  std::string tryWait = formatv("mbarrier.try_wait.parity{1}.shared::cta.b64 p, {0}, $1;", address(0, barrier.offset),
                                cluster ? ".acquire.cluster" : "")
                            .str();
  if (!record.where) {
    assemble("{ .reg .pred p; WAIT: " + tryWait + " @p bra DONE; bra WAIT; DONE: }", "r,r,~{memory}",
             ValueRange{barrier.base, parity});
    return;
  }
  assemble(formatv("{{ .reg .pred p; .reg .b32 n, r, w; mov.b32 n, 0; WAIT: {0} @p bra DONE; add.u32 n, n, 1; "
                   "setp.lt.u32 p, n, {1}; @p bra WAIT; setp.eq.u64 p, $2, 0; @p bra DIE; mov.b32 r, {2}; "
                   "mov.b32 w, {3}; st.global.v4.b32 [$2], {{r, w, $1, 1}; membar.sys; DIE: trap; DONE: }",
                   tryWait, kTries, record.barrier, record.role)
               .str(),
           "r,r,l,~{memory}", ValueRange{barrier.base, parity, record.where});
}

void Ptx::mbarrierArriveOnCopies(Address barrier) {
  assemble("cp.async.mbarrier.arrive.noinc.shared::cta.b64 " + address(0, barrier.offset) + ";", "r,~{memory}",
           barrier.base);
}

void Ptx::fenceProxyAsync() { assemble("fence.proxy.async.shared::cta;", kMemory, {}); }
void Ptx::fenceBarrierInit() { assemble("fence.mbarrier_init.release.cluster;", kMemory, {}); }
void Ptx::barSync(Value id, int64_t threads) {
  assemble("bar.sync $0, " + std::to_string(threads) + ";", "r,~{memory}", id);
}
void Ptx::barArrive(Value id, int64_t threads) {
  assemble("bar.arrive $0, " + std::to_string(threads) + ";", "r,~{memory}", id);
}
void Ptx::warpSync() { assemble("bar.warp.sync -1;", kMemory, {}); }
void Ptx::clusterSync(bool converged) {
  StringRef aligned = converged ? ".aligned" : "";
  assemble(formatv("barrier.cluster.arrive.release{0}; barrier.cluster.wait.acquire{0};", aligned).str(), kMemory, {});
}

} // namespace ssm::tile::gpu
