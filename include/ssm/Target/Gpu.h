//===- Gpu.h - what a GPU has, as data --------------------------------------===//
//
// What the verifier of the asynchronous form asks, and the ceilings that a ledger
// counts against. A row a target; the provenance of every number stands beside it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace ssm {

struct GpuTarget {
  llvm::StringLiteral name;

  // What instructions there are.
  bool wgmma;           ///< warpgroup products on shared memory
  bool tensorMaps;      ///< TMA loads, stores, reductions and their byte counts on mbarriers
  bool clusters;        ///< CTAs that share memory
  bool registerBudgets; ///< setmaxnreg
  bool asyncCopies;     ///< cp.async

  // What a CTA and a multiprocessor have.
  int64_t sharedBytes;   ///< a CTA's dynamic shared memory
  int64_t registers;     ///< of a multiprocessor, 32 bits each
  int64_t threads;       ///< of a CTA, at most
  int64_t namedBarriers; ///< of a CTA
  int64_t multiprocessors;

  // Ceilings; 0 where nothing was measured.
  double memoryBandwidth; ///< bytes/s, read and written
  double product16;       ///< flop/s of bf16 and f16 products
  double productF32;      ///< flop/s of f32 arithmetic
  double exponentials;    ///< a second
};

/// All targets; null where there is none of that name.
llvm::ArrayRef<GpuTarget> gpuTargets();
const GpuTarget *findGpuTarget(llvm::StringRef name);

} // namespace ssm
