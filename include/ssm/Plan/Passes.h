//===- Passes.h - fusion and plans ------------------------------------------===//
#pragma once

#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace ssm {

struct PlanOptions {
  /// Name of the target's table; `native` asks this machine what it can be asked.
  std::string target = "cpu";
  bool native = true;
  /// Text of a plan file, and what to call it in messages; none where empty.
  std::string overrides, overridesName;
};

/// `ssm-fuse`: the operations of each entry become `ssm.kernel` regions, so that what
/// lies between fused operations never reaches memory. Remarks say why others stay
/// apart, with the bytes that this costs.
///
/// Before
///   %0 = ssm.contract(%W, %x) over ["I"] ...
///   %1 = ssm.map gelu(%0) ...
///   return %1
/// After
///   %1 = ssm.kernel "forward.0" (%W, %x) ... { contract, gelu }
///   return %1
std::unique_ptr<mlir::Pass> createFusePass();
std::unique_ptr<mlir::Pass> createFusePass(const PlanOptions &options);

/// `ssm-plan`: gives every kernel a plan and a ledger; a plan file's entry comes
/// before the planner's choice. A remark says what won, by how much and why.
std::unique_ptr<mlir::Pass> createPlanPass();
std::unique_ptr<mlir::Pass> createPlanPass(const PlanOptions &options);

} // namespace ssm
