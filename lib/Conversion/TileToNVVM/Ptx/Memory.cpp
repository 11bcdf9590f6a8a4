//===- Memory.cpp - loads and stores -------------------------------------===//
#include "Statement.h"

using namespace mlir;
using llvm::formatv;

namespace ssm::tile::gpu {

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

} // namespace ssm::tile::gpu
