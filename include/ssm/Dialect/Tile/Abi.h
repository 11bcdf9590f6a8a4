//===- Abi.h - what a launch passes for a kernel's arguments -------===//
//
// The one place that says it, for the lowering and for the launch plan.
//
//   !tile.map               128 bytes by value, 64-byte aligned
//   !tile.global<T, rank>   the pointer, `rank` sizes (i32), then `rank` strides (i64, in
//                           elements), outermost first
//   index, i32, i1          i32
//   f32                     f32
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinTypes.h"

namespace ssm::tile {

struct KernelParam {
  enum Kind { Map, Pointer, Size, Stride, Integer, Float } kind;
  unsigned argument; // of the kernel
  unsigned dim = 0;  // of a size or a stride, outermost first
};

/// In the order of the machine code's parameters.
llvm::SmallVector<KernelParam> kernelParams(mlir::FunctionType kernel);

} // namespace ssm::tile
