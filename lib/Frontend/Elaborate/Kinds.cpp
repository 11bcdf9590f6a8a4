//===- Kinds.cpp - the kinds of elements that a layer computes with ---------===//
#include "Kinds.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace ssm {

Kind join(Kind a, Kind b) {
  if (!isComplex(a) && !isComplex(b))
    return std::max(a, b);
  auto isDouble = [](Kind kind) { return kind == Kind::F64 || kind == Kind::C128; };
  return isDouble(a) || isDouble(b) ? Kind::C128 : Kind::C64;
}

Kind join(llvm::ArrayRef<Kind> kinds) {
  Kind all = Kind::Bool;
  for (Kind kind : kinds)
    all = join(all, kind);
  return all;
}

Kind counted(Kind kind) { return kind == Kind::Bool ? Kind::Int : kind; }

Kind onRealLine(Kind kind) { return kind < Kind::Free ? Kind::Free : kind; }

Kind partOf(Kind kind) { return kind == Kind::C64 ? Kind::F32 : kind == Kind::C128 ? Kind::F64 : kind; }

Kind complexOf(Kind kind) { return kind == Kind::F64 || kind == Kind::C128 ? Kind::C128 : Kind::C64; }

Type computeType(MLIRContext *context, Kind kind) {
  Builder b(context);
  switch (kind) {
  case Kind::Bool:
    return b.getI1Type();
  case Kind::Int:
    return b.getI64Type();
  case Kind::F32:
    return b.getF32Type();
  case Kind::Free:
  case Kind::F64:
    return b.getF64Type();
  case Kind::C64:
    return ComplexType::get(b.getF32Type());
  case Kind::C128:
    return ComplexType::get(b.getF64Type());
  }
  return {};
}

Type storageType(MLIRContext *context, llvm::StringRef element) {
  Builder b(context);
  if (element == "bf16")
    return b.getBF16Type();
  if (element == "f16")
    return b.getF16Type();
  if (element == "i32")
    return b.getI32Type();
  return computeType(context, kindOfStorage(element));
}

static constexpr int noKind = -1;

static int lookup(llvm::StringRef element) {
  return llvm::StringSwitch<int>(element)
      .Case("bool", int(Kind::Bool))
      .Cases({"i32", "i64"}, int(Kind::Int))
      .Cases({"bf16", "f16", "f32"}, int(Kind::F32))
      .Case("f64", int(Kind::F64))
      .Case("c64", int(Kind::C64))
      .Case("c128", int(Kind::C128))
      .Default(noKind);
}

Kind kindOfStorage(llvm::StringRef element) { return static_cast<Kind>(lookup(element)); }

bool isElement(llvm::StringRef name) { return lookup(name) != noKind; }

llvm::StringRef describe(Kind kind) {
  switch (kind) {
  case Kind::Bool:
    return "a bool";
  case Kind::Int:
    return "an integer";
  case Kind::Free:
  case Kind::F32:
  case Kind::F64:
    return "a real";
  case Kind::C64:
  case Kind::C128:
    return "a complex value";
  }
  return "";
}

} // namespace ssm
