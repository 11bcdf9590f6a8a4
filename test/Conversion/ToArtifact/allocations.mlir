// RUN: %ssm-opt %s --ssm-check-allocations | FileCheck %s

llvm.func @malloc(i64) -> !llvm.ptr

// CHECK: llvm.mlir.global private constant @ssm_text_memory("not enough memory for a temporary of %a bytes\00")
// CHECK-LABEL: llvm.func @work
// CHECK: %[[P:.*]] = llvm.call @malloc(%[[N:[^)]*]])
// CHECK: llvm.icmp "eq" %[[P]]
// CHECK: llvm.icmp "ne" %[[N]]
// CHECK: llvm.cond_br %{{.*}}, ^[[EXIT:.*]](%[[N]] : i64), ^[[REST:.*]]
// CHECK: ^[[REST]]:
// CHECK: llvm.store
// CHECK: ^[[EXIT]](%[[SIZE:.*]]: i64):
// CHECK: llvm.call @ssm_rt_fail(%{{.*}}, %[[SIZE]], %{{.*}})
// CHECK: llvm.return
llvm.func @work(%n: i64) {
  %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.store %n, %p : i64, !llvm.ptr
  llvm.return
}

llvm.func @free(!llvm.ptr)

// The first is freed where the second fails, unless it has been freed before: the
// slot is null then.
// CHECK-LABEL: llvm.func @two
// CHECK: %[[SLOT:.*]] = llvm.alloca
// CHECK: %[[FIRST:.*]] = llvm.call @malloc
// CHECK: llvm.store %[[FIRST]], %[[SLOT]]
// CHECK: llvm.call @malloc
// CHECK: llvm.store %{{.*}}, %[[SLOT]]
// CHECK: llvm.call @free(%[[FIRST]])
// CHECK: llvm.call @ssm_rt_fail
// CHECK: %[[HELD:.*]] = llvm.load %[[SLOT]]
// CHECK: llvm.call @free(%[[HELD]])
// CHECK: llvm.return
llvm.func @two(%n: i64) {
  %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  %q = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.call @free(%p) : (!llvm.ptr) -> ()
  llvm.call @free(%q) : (!llvm.ptr) -> ()
  llvm.return
}

// Not plain whose pointer is freed: nothing is freed twice.
// CHECK-LABEL: llvm.func @given
// CHECK: llvm.call @ssm_rt_fail
// CHECK-NEXT: llvm.return
llvm.func @given(%n: i64, %g: !llvm.ptr) {
  %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  llvm.call @free(%g) : (!llvm.ptr) -> ()
  llvm.return
}
