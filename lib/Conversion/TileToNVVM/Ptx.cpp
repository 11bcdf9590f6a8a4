//===- Ptx.cpp - every string of PTX in this project ------------------------===//
//
// In a statement's text `$n` is operand n, results first. Constraints: `f` f32, `r`
// i32, `l` i64 or a generic pointer, `b` i1; a number ties an operand to a result.
// Statements with effects keep their order, and all are marked convergent when the
// module is translated. Braces keep a statement's registers and labels its own.
//
//===----------------------------------------------------------------------===//
#include "Ptx.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {
namespace {

constexpr StringLiteral kMemory = "~{memory}";
/// A checked wait gives up after so many tries, each of which sleeps for a while.
constexpr int64_t kTries = 1 << 22;

/// "$3, $4, $5".
std::string range(unsigned from, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(from + i);
  return text;
}
/// One register as it is, several in braces.
std::string vector(unsigned from, unsigned count) {
  return count == 1 ? range(from, 1) : "{" + range(from, count) + "}";
}
StringRef vectorSuffix(unsigned count) { return count == 1 ? "" : count == 2 ? ".v2" : ".v4"; }
char letter(Type type) {
  if (type.isF32())
    return 'f';
  if (type.isInteger(1))
    return 'b';
  if (type.isInteger(64) || isa<LLVM::LLVMPointerType>(type))
    return 'l';
  assert((type.isInteger(32) || type.isIndex()) && "a register is f32, i32, i64, i1 or a pointer");
  return 'r';
}
std::string address(unsigned operand, int64_t offset) { return formatv("[${0}+{1}]", operand, offset).str(); }

/// Builds "=f,=f,0,1,r,~{memory}".
class Constraints {
public:
  Constraints &results(ArrayRef<Type> types) {
    for (Type type : types)
      add(std::string("=") + letter(type));
    return *this;
  }
  Constraints &tied(unsigned from, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      add(std::to_string(from + i));
    return *this;
  }
  Constraints &operands(ValueRange values) {
    for (Value value : values)
      add(std::string(1, letter(value.getType())));
    return *this;
  }
  std::string str(bool memory = true) {
    if (memory)
      add(kMemory.str());
    return text;
  }

private:
  void add(StringRef item) {
    if (!text.empty())
      text += ',';
    text += item;
  }
  std::string text;
};

SmallVector<Value> concat(ValueRange first, ValueRange second) {
  SmallVector<Value> all(first);
  llvm::append_range(all, second);
  return all;
}

StringRef productType(Type element) { return element.isBF16() ? "bf16" : element.isF16() ? "f16" : "tf32"; }

} // namespace

Ptx::Values Ptx::assemble(StringRef text, StringRef constraints, ValueRange operands, ArrayRef<Type> results,
                          bool effects) {
  Type type;
  if (results.size() == 1)
    type = results.front();
  else if (!results.empty())
    type = LLVM::LLVMStructType::getLiteral(b.getContext(), results);
  else
    type = LLVM::LLVMVoidType::get(b.getContext());
  auto statement = LLVM::InlineAsmOp::create(
      b, type, operands, text, constraints, effects, /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT), ArrayAttr());
  if (results.size() < 2)
    return results.empty() ? Values() : Values{statement.getRes()};
  Values values;
  for (unsigned i = 0; i < results.size(); ++i)
    values.push_back(LLVM::ExtractValueOp::create(b, statement.getRes(), i));
  return values;
}

Value Ptx::intrinsic(StringRef name, ValueRange operands, Type result) {
  auto call = LLVM::CallIntrinsicOp::create(b, result ? TypeRange(result) : TypeRange(), b.getStringAttr(name),
                                            operands, LLVM::FastmathFlagsAttr());
  return result ? call.getResult(0) : Value();
}

//===----------------------------------------------------------------------===//
// mbarriers and ordering
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Ptx::Values Ptx::loadShared(Address from, unsigned words, Type type) {
  SmallVector<Type> types(words, type);
  return assemble(formatv("ld.shared{0}.b32 {1}, {2};", vectorSuffix(words), vector(0, words), address(words, from.offset)).str(),
                  Constraints().results(types).operands(from.base).str(), from.base, types);
}

void Ptx::storeShared(Address to, ValueRange words, Value predicate) {
  unsigned count = words.size();
  SmallVector<Value> operands = concat(to.base, words);
  std::string text =
      formatv("st.shared{0}.b32 {1}, {2};", vectorSuffix(count), address(0, to.offset), vector(1, count)).str();
  if (predicate) {
    operands.push_back(predicate);
    text = formatv("@${0} {1}", count + 1, text).str();
  }
  assemble(text, Constraints().operands(operands).str(), operands);
}

Value Ptx::loadSharedHalf(Address from) {
  return assemble(formatv("{{ .reg .b16 h; ld.shared.b16 h, {0}; cvt.u32.u16 $0, h; }", address(1, from.offset)).str(),
                  "=r,r,~{memory}", from.base, b.getI32Type())
      .front();
}
void Ptx::storeSharedHalf(Address to, Value low) {
  assemble(formatv("{{ .reg .b16 h; cvt.u16.u32 h, $1; st.shared.b16 {0}, h; }", address(0, to.offset)).str(), "r,r,~{memory}",
           ValueRange{to.base, low});
}

Ptx::Values Ptx::loadMatrix(Address from, unsigned count, bool transpose) {
  SmallVector<Type> types(count, b.getI32Type());
  return assemble(formatv("ldmatrix.sync.aligned.m8n8.x{0}{1}.shared.b16 {{{2}}, {3};", count, transpose ? ".trans" : "",
                          range(0, count), address(count, from.offset))
                      .str(),
                  Constraints().results(types).operands(from.base).str(), from.base, types);
}
void Ptx::storeMatrix(Address to, ValueRange words, bool transpose) {
  unsigned count = words.size();
  SmallVector<Value> operands = concat(to.base, words);
  assemble(formatv("stmatrix.sync.aligned.m8n8.x{0}{1}.shared.b16 {2}, {{{3}};", count, transpose ? ".trans" : "",
                   address(0, to.offset), range(1, count))
               .str(),
           Constraints().operands(operands).str(), operands);
}

Ptx::Values Ptx::loadGlobal(Address from, unsigned words, Type type, Value predicate) {
  SmallVector<Type> types(words, type);
  std::string load = formatv("ld.global{0}.b32 {1}, {2};", vectorSuffix(words), vector(0, words), address(words, from.offset)).str();
  SmallVector<Value> operands{from.base};
  if (predicate) {
    operands.push_back(predicate);
    std::string zeros;
    for (unsigned i = 0; i < words; ++i)
      zeros += formatv("mov.b32 ${0}, 0; ", i);
    load = formatv("{0}@${1} {2}", zeros, words + 1, load).str();
  }
  return assemble(load, Constraints().results(types).operands(operands).str(), operands, types);
}

void Ptx::storeGlobal(Address to, ValueRange words, Value predicate) {
  unsigned count = words.size();
  SmallVector<Value> operands = concat(to.base, words);
  std::string text =
      formatv("st.global{0}.b32 {1}, {2};", vectorSuffix(count), address(0, to.offset), vector(1, count)).str();
  if (predicate) {
    operands.push_back(predicate);
    text = formatv("@${0} {1}", count + 1, text).str();
  }
  assemble(text, Constraints().operands(operands).str(), operands);
}

Value Ptx::loadGlobalHalf(Address from, Value predicate) {
  SmallVector<Value> operands{from.base};
  if (predicate)
    operands.push_back(predicate);
  return assemble(formatv("{{ .reg .b16 h; mov.b16 h, 0; {0}ld.global.b16 h, {1}; cvt.u32.u16 $0, h; }", predicate ? "@$2 " : "",
                          address(1, from.offset))
                      .str(),
                  Constraints().results(b.getI32Type()).operands(operands).str(), operands, b.getI32Type())
      .front();
}
void Ptx::storeGlobalHalf(Address to, Value low, Value predicate) {
  SmallVector<Value> operands{to.base, low};
  if (predicate)
    operands.push_back(predicate);
  assemble(formatv("{{ .reg .b16 h; cvt.u16.u32 h, $1; {0}st.global.b16 {1}, h; }", predicate ? "@$2 " : "",
                   address(0, to.offset))
               .str(),
           Constraints().operands(operands).str(), operands);
}

Value Ptx::loadGlobalRelaxed(Address from) {
  return assemble("ld.relaxed.gpu.global.b32 $0, " + address(1, from.offset) + ";", "=r,l,~{memory}", from.base,
                  b.getI32Type())
      .front();
}
Value Ptx::loadSharedRelaxed(Address from, Type type) {
  std::string constraints = std::string("=") + letter(type) + ",r,~{memory}";
  return assemble("ld.relaxed.cta.shared.b32 $0, " + address(1, from.offset) + ";", constraints, from.base, type).front();
}
//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value Ptx::exp2(Value x) { return intrinsic("llvm.nvvm.ex2.approx.ftz.f32", x, x.getType()); }
Value Ptx::log2(Value x) { return intrinsic("llvm.nvvm.lg2.approx.ftz.f", x, x.getType()); }
Value Ptx::reciprocal(Value x) { return intrinsic("llvm.nvvm.rcp.approx.ftz.f", x, x.getType()); }
Value Ptx::reciprocalSqrt(Value x) { return intrinsic("llvm.nvvm.rsqrt.approx.ftz.f", x, x.getType()); }
Value Ptx::squareRoot(Value x) { return intrinsic("llvm.nvvm.sqrt.approx.ftz.f", x, x.getType()); }
Value Ptx::sine(Value x) { return intrinsic("llvm.nvvm.sin.approx.ftz.f", x, x.getType()); }
Value Ptx::cosine(Value x) { return intrinsic("llvm.nvvm.cos.approx.ftz.f", x, x.getType()); }
Value Ptx::tanh(Value x) {
  return assemble("tanh.approx.f32 $0, $1;", "=f,f", x, x.getType(), /*effects=*/false).front();
}

Value Ptx::pack(Value low, Value high, Type element) {
  // The first source of the conversion lands in the upper half.
  Value pair = intrinsic(element.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn", {high, low},
                         VectorType::get(2, element));
  return LLVM::BitcastOp::create(b, b.getI32Type(), pair);
}
Value Ptx::packOne(Value low, Type element) {
  Value zero = LLVM::ConstantOp::create(b, b.getF32FloatAttr(0));
  return pack(low, zero, element);
}
Value Ptx::unpack(Value pair, bool high, Type element) {
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  if (element.isBF16()) {
    Value bits = high ? LLVM::AndOp::create(b, pair, LLVM::ConstantOp::create(b, i32, int64_t(0xFFFF0000))).getResult()
                      : LLVM::ShlOp::create(b, pair, LLVM::ConstantOp::create(b, i32, 16)).getResult();
    return LLVM::BitcastOp::create(b, f32, bits);
  }
  return assemble(high ? "{ .reg .b16 l, h; mov.b32 {l, h}, $1; cvt.f32.f16 $0, h; }"
                       : "{ .reg .b16 l, h; mov.b32 {l, h}, $1; cvt.f32.f16 $0, l; }",
                  "=f,r", pair, f32, /*effects=*/false)
      .front();
}
//===----------------------------------------------------------------------===//
// Within a warp
//===----------------------------------------------------------------------===//

Value Ptx::shuffle(StringRef kind, Value x, Value lane, int64_t clamp) {
  Type i32 = b.getI32Type();
  Value all = LLVM::ConstantOp::create(b, i32, -1), limit = LLVM::ConstantOp::create(b, i32, clamp);
  return intrinsic(("llvm.nvvm.shfl.sync." + kind + (x.getType().isF32() ? ".f32" : ".i32")).str(), {all, x, lane, limit},
                   x.getType());
}
/// Lanes outside the segment of `width` lanes keep their own value. The upper bits of
/// the clamp say which lane bits must not change.
static int64_t clampOf(int64_t width, bool up) { return ((32 - width) << 8) | (up ? 0 : 31); }

Value Ptx::shuffleXor(Value x, int64_t mask) {
  return shuffle("bfly", x, LLVM::ConstantOp::create(b, b.getI32Type(), mask), 31);
}
Value Ptx::shuffleUp(Value x, int64_t delta, int64_t width) {
  return shuffle("up", x, LLVM::ConstantOp::create(b, b.getI32Type(), delta), clampOf(width, true));
}
Value Ptx::shuffleDown(Value x, int64_t delta, int64_t width) {
  return shuffle("down", x, LLVM::ConstantOp::create(b, b.getI32Type(), delta), clampOf(width, false));
}
Value Ptx::shuffleIndex(Value x, Value lane, int64_t width) { return shuffle("idx", x, lane, clampOf(width, false)); }

Value Ptx::voteAny(Value x) {
  Value all = LLVM::ConstantOp::create(b, b.getI32Type(), -1);
  return intrinsic("llvm.nvvm.vote.any.sync", {all, x}, b.getI1Type());
}
Value Ptx::electOne() {
  Type pair = LLVM::LLVMStructType::getLiteral(b.getContext(), {b.getI32Type(), b.getI1Type()});
  Value elected = intrinsic("llvm.nvvm.elect.sync", LLVM::ConstantOp::create(b, b.getI32Type(), -1).getResult(), pair);
  return LLVM::ExtractValueOp::create(b, elected, 1);
}

Ptx::Values Ptx::pinForLlvm(ValueRange values) {
  SmallVector<Type> types(values.getTypes());
  return assemble("", Constraints().results(types).tied(0, values.size()).str(/*memory=*/false), values, types);
}

void Ptx::pinForPtxas(ValueRange values, Address scratch) {
  // A trap in the store's place would lose the uniform registers.
  std::string text = "{ .reg .pred p; .reg .f32 s, t; ", conditions;
  bool any = false;
  for (auto [i, value] : llvm::enumerate(values)) {
    if (value.getType().isInteger(1))
      conditions += formatv("and.pred p, p, ${0}; ", i);
    else
      text += formatv(any ? "mov.b32 t, ${0}; min.f32 s, s, t; " : "mov.b32 s, ${0}; ", i);
    any |= !value.getType().isInteger(1);
  }
  text += formatv("{0}{1}@p st.shared.b32 {2}, {3}; }", any ? "setp.eq.f32 p, s, 0fFF800000; " : "setp.ne.b32 p, 0, 0; ",
                  conditions, address(values.size(), scratch.offset), any ? "s" : "0");
  SmallVector<Value> operands = concat(values, scratch.base);
  assemble(text, Constraints().operands(operands).str(), operands);
}

} // namespace ssm::tile::gpu
