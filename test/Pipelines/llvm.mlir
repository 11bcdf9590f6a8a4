// RUN: %ssm-opt %s --ssm-pipeline --ssm-to-linalg-pipeline --ssm-to-llvm-pipeline | FileCheck %s \
// RUN:   --implicit-check-not=func.func --implicit-check-not=memref. --implicit-check-not=scf. \
// RUN:   --implicit-check-not=arith. --implicit-check-not=math. --implicit-check-not=unrealized_conversion_cast

// The end has nothing but the LLVM dialect, and every temporary is freed.
// CHECK-DAG: llvm.func @malloc(i64) -> !llvm.ptr
// CHECK-DAG: llvm.func @free(!llvm.ptr)
// CHECK: llvm.func @forward(
// CHECK: llvm.call @malloc
// CHECK: llvm.call @ssm_rt_parallel_for
// CHECK: llvm.call @free
// CHECK: llvm.return
// CHECK: llvm.call @ssm_rt_fail
// CHECK: llvm.func internal @forward_parallel
// CHECK: llvm.intr.exp
// CHECK: llvm.func @twice_forward_entry(
module attributes {ssm.layer = "twice"} {
  func.func @forward(%u: tensor<?x?xf32, #ssm.dims<B, L>> {ssm.name = "u", ssm.role = #ssm.role<input>})
      -> (tensor<?xf32, #ssm.dims<B>> {ssm.name = "out0", ssm.role = #ssm.role<output>},
          tensor<?xf32, #ssm.dims<L>> {ssm.name = "out1", ssm.role = #ssm.role<output>})
      attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
    %0 = ssm.map exp(%u) : (tensor<?x?xf32, #ssm.dims<B, L>>) -> tensor<?x?xf32, #ssm.dims<B, L>>
    %1 = ssm.reduce add %0 over ["L"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?xf32, #ssm.dims<B>>
    %2 = ssm.reduce add %0 over ["B"] : tensor<?x?xf32, #ssm.dims<B, L>> -> tensor<?xf32, #ssm.dims<L>>
    return %1, %2 : tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<L>>
  }
}
