//===- Gpu.cpp - the GPUs that are compiled for -----------------------------===//
#include "ssm/Target/Gpu.h"

namespace ssm {

static constexpr GpuTarget kTargets[] = {
    {
        "sm_90a",
        /*wgmma=*/true, /*tensorMaps=*/true, /*clusters=*/true, /*registerBudgets=*/true, /*asyncCopies=*/true,
        /*sharedBytes=*/227 * 1024, // PTX ISA, CUDA programming guide: 227 KiB a block
        /*registers=*/65536, /*threads=*/1024, /*namedBarriers=*/16, // the same
        /*multiprocessors=*/132,    // H200 SXM
        /*memoryBandwidth=*/4.27e12, // measured on one H200: device-to-device copy, bytes read and written
        /*product16=*/790e12,       // measured there: bf16 8192^3 by cuBLAS (709 to 790)
        /*productF32=*/67e12,       // datasheet
        /*exponentials=*/3.9e12,    // computed: 16 a clock and multiprocessor
    },
    {
        "sm_80",
        /*wgmma=*/false, /*tensorMaps=*/false, /*clusters=*/false, /*registerBudgets=*/false, /*asyncCopies=*/true,
        /*sharedBytes=*/163 * 1024, // CUDA programming guide: 163 KiB a block
        /*registers=*/65536, /*threads=*/1024, /*namedBarriers=*/16, // the same
        /*multiprocessors=*/108,    // A100
        /*memoryBandwidth=*/0, /*product16=*/0, /*productF32=*/0, /*exponentials=*/0, // not measured
    },
};

llvm::ArrayRef<GpuTarget> gpuTargets() { return kTargets; }

const GpuTarget *findGpuTarget(llvm::StringRef name) {
  for (const GpuTarget &target : kTargets)
    if (target.name == name)
      return &target;
  return nullptr;
}

} // namespace ssm
