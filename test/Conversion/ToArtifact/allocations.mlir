// RUN: %ssm-opt %s --ssm-check-allocations | FileCheck %s

llvm.func @malloc(i64) -> !llvm.ptr

// CHECK: llvm.mlir.global private constant @ssm_text_memory("not enough memory for a temporary of %a bytes\00")
// CHECK-LABEL: llvm.func @work
// CHECK: %[[P:.*]] = llvm.call @malloc(%[[N:[^)]*]])
// CHECK: llvm.icmp "eq" %[[P]]
// CHECK: llvm.icmp "ne" %[[N]]
// CHECK: llvm.cond_br %{{.*}}, ^[[NONE:.*]], ^[[REST:.*]]
// CHECK: ^[[NONE]]:
// CHECK: llvm.call @ssm_rt_fail({{.*}}, %[[N]], {{.*}})
// CHECK: llvm.return
// CHECK: ^[[REST]]:
// CHECK: llvm.store
llvm.func @work(%n: i64) {
  %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.store %n, %p : i64, !llvm.ptr
  llvm.return
}
