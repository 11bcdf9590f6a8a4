//===- LaunchPlan.h - how an entry runs on a GPU ----------------------------===//
//
// An entry that launches kernels of the tile dialect becomes the launch plan that
// runtime/README.md describes; its machine code goes into the artifact beside the
// plan.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

#include <array>
#include <memory>
#include <string>

namespace ssm {

/// On an argument or result of an entry: it may be left out, and is then a null
/// pointer.
inline constexpr llvm::StringLiteral kOptionalAttr = "ssm.optional";

/// What `ssm-launch-plans` leaves on an entry: the plan's JSON.
inline constexpr llvm::StringLiteral kLaunchPlanAttr = "tile.plan";

/// What the lowering decided about a kernel.
struct KernelShape {
  int64_t threads = 0, sharedBytes = 0;
  std::array<int64_t, 3> cluster = {1, 1, 1};
};

/// Machine code for one kind of GPU, and the entries that launch it.
struct GpuCode {
  std::string target, ptxas, cubin;
  llvm::StringMap<KernelShape> kernels;
  llvm::StringMap<llvm::json::Value> plans; // by the entry's name
};

/// Whether a function launches kernels.
bool launchesKernels(mlir::func::FuncOp function);

/// Reads the kernels of a module that went through the lowering to nvvm and ptxas.
/// Fails after a message on the module.
mlir::LogicalResult readKernels(mlir::ModuleOp lowered, GpuCode &code);

/// The plan of an entry, from its launches; module 0 is `code`. Fails after a
/// message where the entry does what a plan cannot say.
mlir::FailureOr<llvm::json::Value> makeLaunchPlan(mlir::func::FuncOp entry, const GpuCode &code);

/// `ssm-launch-plans`: on a module whose kernels are placed, leaves on each entry that
/// launches some its plan as `tile.plan`.
///
/// Before
///   func.func @forward(%x: ..) -> .. { .. tile.launch @k grid [ceildiv(L, 128), 1, 1] (%v) : .. }
/// After
///   func.func @forward(..) attributes {tile.plan = "{\"launches\":[{\"kernel\":\"k\", ..}], \"target\":\"sm_90a\"}"}
std::unique_ptr<mlir::Pass> createLaunchPlansPass();

} // namespace ssm
