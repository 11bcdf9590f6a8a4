// Functions of the llvm and nvvm dialects are printed as PTX for the module's target;
// loops are not unrolled.
// RUN: ssm-opt %s --ssm-emit-ptx | FileCheck %s
// CHECK: tile.ptx = "{{.*}}.target sm_90a
// CHECK-SAME: .visible .entry scale(
// CHECK-SAME: .maxntid 128
// CHECK-SAME: st.volatile.global
// CHECK-NOT: st.volatile
// CHECK-SAME: bra

module attributes {tile.target = "sm_90a"} {
  llvm.func @scale(%p: !llvm.ptr<1>, %n: i32) attributes {nvvm.kernel, nvvm.maxntid = array<i32: 128, 1, 1>} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %c1 = llvm.mlir.constant(1 : i32) : i32
    %two = llvm.mlir.constant(2.0 : f32) : f32
    llvm.br ^loop(%c0 : i32)
  ^loop(%i: i32):
    %at = llvm.getelementptr %p[%i] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    %x = llvm.load volatile %at : !llvm.ptr<1> -> f32
    %y = llvm.fmul %x, %two : f32
    llvm.store volatile %y, %at : f32, !llvm.ptr<1>
    %next = llvm.add %i, %c1 : i32
    %more = llvm.icmp "slt" %next, %n : i32
    llvm.cond_br %more, ^loop(%next : i32), ^done
  ^done:
    llvm.return
  }
}
