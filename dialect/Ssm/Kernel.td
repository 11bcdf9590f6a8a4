//===- Kernel.td - fused kernels ----------------------------*- tablegen -*-===//
//
// Apart from Ops.td: what a layer means is compiled without them.
//
//===----------------------------------------------------------------------===//
#ifndef SSM_KERNEL_TD
#define SSM_KERNEL_TD

include "Base.td"
include "../Plan/Ops.td"

def Ssm_KernelOp : Ssm_Op<"kernel", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "operations that become one kernel";
  let description = [{
    What lies between the operations inside never reaches memory. The block's
    arguments stand for the inputs; `ssm.yield` hands out the results. `plan` says how
    the kernel is made and `ledger` what that costs; `ssm-fuse` makes kernels without
    either, `ssm-plan` sets both.

    ```mlir
    // Before: two passes over memory
    %0 = ssm.map exp(%x) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
    %s = ssm.reduce add %0 over ["L"] : tensor<?xf32, #ssm.dims<L>> -> tensor<f32>
    // After: one
    %s = ssm.kernel "sum" (%x) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<f32> {
    ^bb0(%a: tensor<?xf32, #ssm.dims<L>>):
      %0 = ssm.map exp(%a) : (tensor<?xf32, #ssm.dims<L>>) -> tensor<?xf32, #ssm.dims<L>>
      %1 = ssm.reduce add %0 over ["L"] : tensor<?xf32, #ssm.dims<L>> -> tensor<f32>
      ssm.yield %1 : tensor<f32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<Ssm_Tensor>:$inputs, OptionalAttr<Plan_PlanAttr>:$plan,
                       OptionalAttr<Plan_LedgerAttr>:$ledger);
  let results = (outs Variadic<Ssm_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `(` $inputs `)` (`plan` $plan^)? (`ledger` $ledger^)? `:` functional-type($inputs, $outputs) $body attr-dict
  }];
  let extraClassDeclaration = [{
    /// The values that the region hands out.
    ::mlir::OperandRange getYielded();
    /// Every dimension that a value inside has.
    ::ssm::NamedDims allDims();
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Ssm_LaunchOp : Ssm_Op<"launch", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "run a kernel of the module";
  let description = [{
    Stands where an `ssm.kernel` was that has become a kernel of the tile dialect. The
    kernel takes a buffer for each input and for each output, then the length of each
    dimension in `dims`.

    ```mlir
    %s = ssm.launch @forward_0(%x) sizes ["L"] : (tensor<?xf32, #ssm.dims<L>>) -> tensor<f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Ssm_Tensor>:$inputs, StrArrayAttr:$dims);
  let results = (outs Variadic<Ssm_Tensor>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` `sizes` $dims attr-dict `:` functional-type($inputs, $outputs)";
}

#endif
