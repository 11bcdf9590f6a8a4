//===- Gpu.h - from the LLVM dialect to PTX and machine code of a GPU -------===//
//
// A module in the llvm and nvvm dialects becomes LLVM IR, is optimised, becomes
// PTX by LLVM's NVPTX back end in this process, and a cubin by NVIDIA's assembler
// `ptxas` in another. What ptxas reports about a kernel is read into a structure,
// and into an attribute on the kernel, because it shows without a GPU what is
// wrong with one: spills, serialised products, budgets that were ignored.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>
#include <vector>

namespace ssm {

/// On a module with kernels: the GPU that it is for, by its name in PTX (`sm_90a`).
inline constexpr llvm::StringLiteral kChipAttr = "tile.target";
/// What the two passes leave on it.
inline constexpr llvm::StringLiteral kPtxAttr = "tile.ptx";
inline constexpr llvm::StringLiteral kCubinAttr = "tile.cubin";
inline constexpr llvm::StringLiteral kPtxasVersionAttr = "tile.ptxas_version";
/// On a kernel: the report, a dictionary.
inline constexpr llvm::StringLiteral kPtxasReportAttr = "tile.ptxas";
/// On a kernel: registers a thread that its roles' tiles take by estimate, a list of dictionaries.
inline constexpr llvm::StringLiteral kEstimateAttr = "tile.estimate";
/// On a lowered kernel: threads of a CTA, and bytes of dynamic shared memory.
inline constexpr llvm::StringLiteral kThreadsAttr = "tile.threads";
inline constexpr llvm::StringLiteral kSharedBytesAttr = "tile.smem";
inline constexpr llvm::StringLiteral kDefaultChip = "sm_90a";

/// The machine for a chip, with the PTX version that this project writes for it.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createGpuMachine(llvm::StringRef chip);

/// Translates a module whose functions are in the llvm and nvvm dialects, runs
/// LLVM's O3 on it (loops are not unrolled: that is decided before), and prints PTX.
llvm::Expected<std::string> emitPtx(mlir::ModuleOp module, llvm::StringRef chip);

/// ptxas's words on one kernel.
struct PtxasKernel {
  std::string name;
  int64_t registers = 0, stack = 0, spillStores = 0, spillLoads = 0;
  int64_t shared = 0, constants = 0, barriers = 0;
};
struct PtxasReport {
  std::vector<PtxasKernel> kernels;
  /// Codes of its notes in the order they came, each once: `C7508` (setmaxnreg
  /// ignored), `C7514` (wgmma serialised), `C7517` (a wait injected), ...
  std::vector<std::string> codes;
  std::vector<std::string> messages; // their text, and warnings without a code
};
/// Reads what `ptxas -v` printed.
PtxasReport parsePtxasReport(llvm::StringRef text);

/// An assembler and the version that it gives for itself, as "13.5.37".
struct Ptxas {
  std::string path, version;
};
/// $SSM_PTXAS, else the PyPI package nvidia-cuda-nvcc, else the CUDA toolkit.
/// Fails with a sentence that says where it looked.
llvm::Expected<Ptxas> findPtxas();

struct Cubin {
  std::string bytes;
  PtxasReport report;
};
/// Assembles; fails with ptxas's own message.
llvm::Expected<Cubin> runPtxas(const Ptxas &ptxas, llvm::StringRef ptx, llvm::StringRef chip);

/// `ssm-emit-ptx`: leaves the PTX of a module's functions on it as `tile.ptx`.
std::unique_ptr<mlir::Pass> createEmitPtxPass();

/// `ssm-run-ptxas`: assembles a module's `tile.ptx` to `tile.cubin`, and gives each
/// kernel its report.
///
/// After
///   llvm.func @copy(...) attributes {nvvm.kernel, tile.ptxas = {barriers = 0 : i64,
///     codes = [], registers = 32 : i64, spill_loads = 0 : i64, ...}}
std::unique_ptr<mlir::Pass> createRunPtxasPass();

/// `ssm-report-registers`: a remark a kernel, of ptxas's registers and spills and of the estimates.
///
/// remark: 128 registers a thread at entry, no spills; tiles by estimate: @copy 0 of 32, @rows 165 of 160
std::unique_ptr<mlir::Pass> createReportRegistersPass();

} // namespace ssm
