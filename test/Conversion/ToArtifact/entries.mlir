// RUN: %ssm-opt %s --ssm-make-entries | FileCheck %s

// Buffers are dense and row-major; their sizes come from the table.
// CHECK: func.func private @forward
// CHECK: llvm.func @toy_forward_entry(%[[BUFFERS:.*]]: !llvm.ptr, %[[SIZES:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.call @ssm_rt_enter()
// CHECK: llvm.getelementptr %[[SIZES]][0]
// CHECK: %[[B:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: llvm.getelementptr %[[SIZES]][1]
// CHECK: %[[L:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: llvm.getelementptr %[[BUFFERS]][0]
// CHECK: %[[STRIDE:.*]] = llvm.mul %{{.*}}, %[[L]]
// CHECK: llvm.insertvalue %[[B]], %{{.*}}[3, 0]
// CHECK: llvm.insertvalue %[[STRIDE]], %{{.*}}[4, 0]
// CHECK: llvm.insertvalue %[[L]], %{{.*}}[3, 1]
// CHECK: llvm.getelementptr %[[BUFFERS]][1]
// CHECK: call @forward(
// CHECK: %[[CODE:.*]] = llvm.call @ssm_rt_failed()
// CHECK: llvm.return %[[CODE]]
func.func @forward(%u: memref<?x?xf32> {ssm.shape = ["B", "L"]}, %out: memref<f32> {ssm.shape = []},
                   %B: index, %L: index)
    attributes {ssm.symbol = "toy_forward_entry", ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  return
}

// Without a symbol there is no entry.
// CHECK-NOT: llvm.func @helper
func.func @helper(%u: memref<?xf32>) {
  return
}
