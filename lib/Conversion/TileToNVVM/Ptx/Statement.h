//===- Statement.h - pieces of a PTX statement's text -----------------------===//
//
// In a statement's text `$n` is operand n, results first. Constraints: `f` f32, `r`
// i32, `l` i64 or a generic pointer, `b` i1; a number ties an operand to a result.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "../Ptx.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace ssm::tile::gpu {

inline constexpr llvm::StringLiteral kMemory = "~{memory}";
/// "$3, $4, $5".
inline std::string range(unsigned from, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(from + i);
  return text;
}
/// One register as it is, several in braces.
inline std::string vector(unsigned from, unsigned count) {
  return count == 1 ? range(from, 1) : "{" + range(from, count) + "}";
}
inline llvm::StringRef vectorSuffix(unsigned count) { return count == 1 ? "" : count == 2 ? ".v2" : ".v4"; }
inline char letter(mlir::Type type) {
  if (type.isF32())
    return 'f';
  if (type.isInteger(1))
    return 'b';
  if (type.isInteger(64) || mlir::isa<mlir::LLVM::LLVMPointerType>(type))
    return 'l';
  assert((type.isInteger(32) || type.isIndex()) && "a register is f32, i32, i64, i1 or a pointer");
  return 'r';
}
inline std::string address(unsigned operand, int64_t offset) { return llvm::formatv("[${0}+{1}]", operand, offset).str(); }

/// Builds "=f,=f,0,1,r,~{memory}".
class Constraints {
public:
  Constraints &results(llvm::ArrayRef<mlir::Type> types) {
    for (mlir::Type type : types)
      add(std::string("=") + letter(type));
    return *this;
  }
  Constraints &tied(unsigned from, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      add(std::to_string(from + i));
    return *this;
  }
  Constraints &operands(mlir::ValueRange values) {
    for (mlir::Value value : values)
      add(std::string(1, letter(value.getType())));
    return *this;
  }
  std::string str(bool memory = true) {
    if (memory)
      add(kMemory.str());
    return text;
  }

private:
  void add(llvm::StringRef item) {
    if (!text.empty())
      text += ',';
    text += item;
  }
  std::string text;
};

inline llvm::SmallVector<mlir::Value> concat(mlir::ValueRange first, mlir::ValueRange second) {
  llvm::SmallVector<mlir::Value> all(first);
  llvm::append_range(all, second);
  return all;
}

inline llvm::StringRef productType(mlir::Type element) { return element.isBF16() ? "bf16" : element.isF16() ? "f16" : "tf32"; }

} // namespace ssm::tile::gpu
