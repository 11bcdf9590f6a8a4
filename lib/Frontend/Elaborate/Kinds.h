//===- Kinds.h - the kinds of elements that a layer computes with -----------===//
//
// Four kinds of value, of several precisions, in the order of promotion; storage
// types are read into one of them (../README.md, Elements).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Types.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace ssm {

/// `Free` is a real without a precision of its own: computed in f64, it takes the
/// precision of the real or complex value that it meets.
enum class Kind { Bool, Int, Free, F32, F64, C64, C128 };

inline bool isComplex(Kind kind) { return kind >= Kind::C64; }
inline bool isReal(Kind kind) { return kind == Kind::Free || kind == Kind::F32 || kind == Kind::F64; }

/// The kind in which operands meet.
Kind join(Kind a, Kind b);
Kind join(llvm::ArrayRef<Kind> kinds);
/// In which bools count as integers.
Kind counted(Kind kind);
/// In which a function of the real line takes an operand.
Kind onRealLine(Kind kind);
/// Of a complex value's parts; of other kinds themselves.
Kind partOf(Kind kind);
/// Of a complex value with such parts.
Kind complexOf(Kind kind);

/// The element type in which a kind is computed.
mlir::Type computeType(mlir::MLIRContext *context, Kind kind);
/// The element type of that name as it lies in memory, and the kind it is read as.
mlir::Type storageType(mlir::MLIRContext *context, llvm::StringRef element);
Kind kindOfStorage(llvm::StringRef element);
/// Whether the name is that of an element type.
bool isElement(llvm::StringRef name);

/// "a bool", "an integer", "a real", "a complex value": for messages.
llvm::StringRef describe(Kind kind);

} // namespace ssm
