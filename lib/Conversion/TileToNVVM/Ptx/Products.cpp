//===- Products.cpp - wgmma, mma.sync, register budgets ------------------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

Ptx::Values Ptx::wgmma(const WgmmaGroup &g) {
  unsigned perBlock = g.n / 2, total = perBlock * g.blocks, ties = g.accumulators.empty() ? 0 : total;
  unsigned steps = g.offsetsB.size(), next = total + ties;
  bool tf32 = g.element.isF32();
  SmallVector<Value> operands(g.accumulators), rest;
  // Every step's descriptors have registers of their own and stand before the fence: in a
  // shared one each step's would wait until the step before has read it.
  std::string declare = "{ .reg .pred p, q; setp.ne.b32 q, 1, 0; ", compute;
  auto descriptors = [&](StringRef name, Value low, int64_t high, unsigned operand, ArrayRef<int64_t> offsets) {
    rest.push_back(low);
    declare += formatv(".reg .b64 {0}; mov.b64 {0}, {{${1}, {2}}; ", name, operand, high);
    for (auto [i, offset] : llvm::enumerate(offsets)) {
      declare += formatv(".reg .b64 {0}{1}; ", name, i);
      compute += formatv("add.s64 {0}{1}, {0}, {2}; ", name, i, offset);
    }
  };
  unsigned firstA = next;
  if (g.lowA) {
    SmallVector<int64_t> offsets;
    for (const SmallVector<int64_t> &block : g.offsetsA)
      llvm::append_range(offsets, block);
    descriptors("da", g.lowA, g.highA, firstA, offsets);
  } else {
    llvm::append_range(rest, g.registersA);
  }
  descriptors("db", g.lowB, g.highB, next + rest.size(), g.offsetsB);
  // Scale-d of the first step: the accumulators are read, are not, or are unless.
  if (g.unless) {
    compute += formatv("not.pred p, ${0}; ", next + rest.size());
    rest.push_back(g.unless);
  } else {
    compute += formatv("setp.ne.b32 p, {0}, 0; ", ties ? 1 : 0);
  }

  std::string text = declare + compute + "wgmma.fence.sync.aligned; ";
  std::string tail = tf32 ? "" : formatv(", {0}{1}", g.lowA ? (g.transposeA ? "1, " : "0, ") : "", g.transposeB ? 1 : 0).str();
  StringRef type = productType(g.element);
  for (int64_t block = 0; block < g.blocks; ++block)
    for (unsigned step = 0; step < steps; ++step) {
      unsigned at = block * steps + step;
      std::string a = g.lowA ? "da" + std::to_string(at) : "{" + range(firstA + at * 4, 4) + "}";
      text += formatv("wgmma.mma_async.sync.aligned.m64n{0}k{1}.f32.{2}.{2} {{{3}}, {4}, db{5}, {6}, 1, 1{7}; ", g.n, tf32 ? 8 : 16,
                      type, range(block * perBlock, perBlock), a, step, step ? "q" : "p", tail);
    }
  text += "wgmma.commit_group.sync.aligned; }";

  SmallVector<Type> types(total, b.getF32Type());
  llvm::append_range(operands, rest);
  return assemble(text, Constraints().results(types).tied(0, ties).operands(rest).str(), operands, types);
}

Ptx::Values Ptx::wgmmaWait(int64_t groups, ValueRange landed, ValueRange held) {
  SmallVector<Type> types(landed.getTypes());
  SmallVector<Value> operands = concat(landed, held);
  return assemble(formatv("wgmma.wait_group.sync.aligned {0};", groups).str(),
                  Constraints().results(types).tied(0, landed.size()).operands(held).str(), operands, types);
}

Ptx::Values Ptx::mmaSync(ValueRange a, ValueRange operandB, ValueRange c, Type element) {
  SmallVector<Type> types(4, b.getF32Type());
  SmallVector<Value> operands = concat(concat(a, operandB), c);
  unsigned na = a.size(), nb = operandB.size();
  return assemble(formatv("mma.sync.aligned.m16n8k{0}.row.col.f32.{1}.{1}.f32 {{{2}}, {{{3}}, {{{4}}, {{{5}};",
                          element.isF32() ? 8 : 16, productType(element), range(0, 4), range(4, na), range(4 + na, nb),
                          range(4 + na + nb, 4))
                      .str(),
                  Constraints().results(types).operands(operands).str(/*memory=*/false), operands, types,
                  /*effects=*/false);
}

void Ptx::setMaxRegisters(int64_t count, bool increase) {
  assemble(formatv("setmaxnreg.{0}.sync.aligned.u32 {1};", increase ? "inc" : "dec", count).str(), kMemory, {});
}

} // namespace ssm::tile::gpu
