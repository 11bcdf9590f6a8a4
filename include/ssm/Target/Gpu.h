//===- Gpu.h - what a GPU has, as data --------------------------------------===//
//
// What the verifier of the asynchronous form asks, out of the targets' tables
// (lib/Target/sm_*.target), which have the provenance of every number.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace ssm {

struct GpuTarget {
  std::string name;

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
};

/// All GPUs; null where there is none of that name.
llvm::ArrayRef<GpuTarget> gpuTargets();
const GpuTarget *findGpuTarget(llvm::StringRef name);

} // namespace ssm
