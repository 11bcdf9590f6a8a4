//===- Copies.cpp - what the copy engine and threads copy ----------------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

void Ptx::bulkTensorLoad(Address to, Value map, ValueRange coordinates, Address barrier, Value mask,
                         Value cachePolicy) {
  unsigned rank = coordinates.size(), next = 3 + rank;
  SmallVector<Value> operands = concat({to.base, map, barrier.base}, coordinates);
  std::string suffix, tail;
  for (auto [extra, name] : {std::pair<Value, StringRef>{mask, ".multicast::cluster"}, {cachePolicy, ".L2::cache_hint"}})
    if (extra) {
      operands.push_back(extra);
      suffix += name;
      tail += ", $" + std::to_string(next++);
    }
  std::string constraints = "r,l,r";
  for (unsigned i = 0; i < rank; ++i)
    constraints += ",r";
  constraints += std::string(mask ? ",h" : "") + (cachePolicy ? ",l" : "") + ",~{memory}";
  assemble(formatv("cp.async.bulk.tensor.{0}d.shared::cluster.global.mbarrier::complete_tx::bytes{1} {2}, [$1, {{{3}}], "
                   "{4}{5};",
                   rank, suffix, address(0, to.offset), range(3, rank), address(2, barrier.offset), tail)
               .str(),
           constraints, operands);
}

void Ptx::bulkTensorStore(Value map, ValueRange coordinates, Address from, bool add) {
  SmallVector<Value> operands = concat({map, from.base}, coordinates);
  assemble(formatv("cp{0}.async.bulk.tensor.{1}d.global.shared::cta{2}.bulk_group [$0, {{{3}}], {4};", add ? ".reduce" : "",
                   coordinates.size(), add ? ".add" : "", range(2, coordinates.size()), address(1, from.offset))
               .str(),
           Constraints().operands(operands).str(), operands);
}

void Ptx::bulkLoad(Address to, Value from, Value bytes, Address barrier) {
  assemble(formatv("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes {0}, [$1], $2, {1};",
                   address(0, to.offset), address(3, barrier.offset))
               .str(),
           "r,l,r,r,~{memory}", ValueRange{to.base, from, bytes, barrier.base});
}

void Ptx::bulkCommit() { assemble("cp.async.bulk.commit_group;", kMemory, {}); }
void Ptx::bulkWait(int64_t groups, bool read) {
  assemble(formatv("cp.async.bulk.wait_group{0} {1};", read ? ".read" : "", groups).str(), kMemory, {});
}

void Ptx::asyncCopy(Address to, Address from, int64_t bytes, Value predicate) {
  // The last operand is how many bytes are read; the rest of the destination is zero.
  StringRef cache = bytes == 16 ? "cg" : "ca";
  std::string head = formatv("cp.async.{0}.shared.global {1}, {2}, {3}", cache, address(0, to.offset),
                             address(1, from.offset), bytes)
                         .str();
  if (!predicate)
    assemble(head + ";", "r,l,~{memory}", ValueRange{to.base, from.base});
  else
    assemble(formatv("{{ .reg .b32 n; selp.b32 n, {0}, 0, $2; {1}, n; }", bytes, head).str(), "r,l,b,~{memory}",
             ValueRange{to.base, from.base, predicate});
}
void Ptx::asyncCopyCommit() { assemble("cp.async.commit_group;", kMemory, {}); }
void Ptx::asyncCopyWait(int64_t groups) {
  assemble("cp.async.wait_group " + std::to_string(groups) + ";", kMemory, {});
}

Value Ptx::cachePolicy(bool evictFirst) {
  return assemble(formatv("createpolicy.fractional.L2::{0}.b64 $0, 1.0;", evictFirst ? "evict_first" : "evict_last").str(),
                  "=l", {}, b.getI64Type(), /*effects=*/false)
      .front();
}
void Ptx::prefetchTensorMap(Value map) { assemble("prefetch.tensormap [$0];", "l,~{memory}", map); }

} // namespace ssm::tile::gpu
