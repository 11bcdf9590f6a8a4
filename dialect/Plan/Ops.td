//===- Ops.td - plans and ledgers ---------------------------*- tablegen -*-===//
//
// Attributes of `ssm.kernel`, in a dialect of their own: a plan says how one kernel is
// made, a ledger what that costs. Nothing of what a layer means depends on them.
//
//===----------------------------------------------------------------------===//
#ifndef PLAN_OPS_TD
#define PLAN_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::ssm";
  let summary = "How kernels are made, and what they cost";
  let useDefaultAttributePrinterParser = 1;
}

class Plan_Attr<string name, string attrMnemonic> : AttrDef<Plan_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Plan_Form : I32EnumAttr<"PlanForm", "how a kernel walks its data", [
    I32EnumAttrCase<"Direct", 0, "direct">,         // owned tiles, reductions folded
    I32EnumAttrCase<"Sequential", 1, "sequential">, // a recurrence step by step, its carry held
    I32EnumAttrCase<"Online", 2, "online">,         // reductions that correct one another in one fold
    I32EnumAttrCase<"Chunk", 3, "chunk">,           // a linear recurrence as products over chunks
    I32EnumAttrCase<"Toeplitz", 4, "toeplitz">]> {  // one that is constant in time as a convolution by chunks
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}

def Plan_PlanAttr : Plan_Attr<"Plan", "kernel"> {
  let summary = "how one kernel is made";
  let description = [{
    `own`: the dimensions that a work item covers a tile of; items run in parallel.
    `step`: tiles of what an item folds or loops over. A dimension in neither list is
    whole in an item. Forms: `direct`, `sequential`, `online`, `chunk`, `toeplitz`. `sub`:
    how long a chunk inside a step is, where the form has several there.

    `#plan.kernel<form = sequential, own = [B : 1, D : 16], step = [L : 32]>`
    `#plan.kernel<form = toeplitz, own = [H : 1], step = [B : 1, L : 512], sub = 64>`
  }];
  let parameters = (ins "::ssm::PlanForm":$form, ArrayRefParameter<"::ssm::PlanTile">:$own,
                        ArrayRefParameter<"::ssm::PlanTile">:$step, DefaultValuedParameter<"int64_t", "0">:$sub);
  let builders = [
    AttrBuilder<(ins "::ssm::PlanForm":$form, "::llvm::ArrayRef<::ssm::PlanTile>":$own,
                     "::llvm::ArrayRef<::ssm::PlanTile>":$step), [{ return $_get($_ctxt, form, own, step, 0); }]>];
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The tile of a dimension that an item owns or steps over, or nullopt.
    std::optional<int64_t> ownTile(::llvm::StringRef dim) const;
    std::optional<int64_t> stepTile(::llvm::StringRef dim) const;
  }];
}

def Plan_LedgerAttr : Plan_Attr<"Ledger", "ledger"> {
  let summary = "what a kernel costs, as the planner counted it";
  let description = [{
    Bytes moved, floating-point operations and exponentials at the planning sizes,
    the predicted time and the floor (both in nanoseconds), which of the target's
    ceilings bounds it, and the plans that lost, each with its time and the reason.
  }];
  let parameters = (ins "int64_t":$bytes, "int64_t":$flops, "int64_t":$exps, "int64_t":$time, "int64_t":$floor,
                        "::mlir::StringAttr":$bound, ArrayRefParameter<"::ssm::RunnerUp">:$others);
  let hasCustomAssemblyFormat = 1;
}

#endif
