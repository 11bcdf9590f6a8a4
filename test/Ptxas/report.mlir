// REQUIRES: ptxas
// ptxas's report becomes an attribute of each kernel; nothing is said of other functions.
// RUN: ssm-opt %s --ssm-emit-ptx --ssm-run-ptxas | FileCheck %s
// CHECK: tile.cubin = "\7FELF
// CHECK-SAME: tile.ptxas_version = "{{[0-9]+\.[0-9.]+}}"
// CHECK: llvm.func @fill
// CHECK-SAME: tile.ptxas = {barriers = 0 : i64, codes = [], registers = {{[1-9][0-9]*}} : i64, shared = 0 : i64, spill_loads = 0 : i64, spill_stores = 0 : i64, stack = 0 : i64}

llvm.func @fill(%p: !llvm.ptr<1>) attributes {nvvm.kernel} {
  %one = llvm.mlir.constant(1.0 : f32) : f32
  llvm.store %one, %p : f32, !llvm.ptr<1>
  llvm.return
}
