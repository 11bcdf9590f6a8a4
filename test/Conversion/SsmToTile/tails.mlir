// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// What is computed where the dimension has ended does not count; what is read there is the product's zero anyway.
// CHECK-LABEL: func.func private @maximum
// CHECK: tile.loop L = %[[AT:.*]] : 32
// CHECK:   %[[LIES:.*]] = tile.read
// CHECK:   %[[X:.*]] = tile.spread %[[LIES]]
// CHECK:   %[[PLACE:.*]] = tile.pos at %[[AT]]
// CHECK:   %[[IN:.*]] = arith.cmpi slt, %[[PLACE]], %{{.*}}
// CHECK:   %[[VALID:.*]] = arith.select %{{.*}}, %[[X]], %{{.*}}
// CHECK:   tile.combine max(%[[VALID]]) over ["L"]
!x = tensor<?x?xf32, #ssm.dims<B, L>>
!b = tensor<?xf32, #ssm.dims<B>>
func.func @forward(%x: !x) -> !b attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.kernel "maximum"(%x) plan <form = direct, own = [B : 16], step = [L : 32]> : (!x) -> !b {
  ^bb0(%a: !x):
    %1 = ssm.reduce max %a over ["L"] : !x -> !b
    ssm.yield %1 : !b
  }
  return %0 : !b
}

// CHECK-LABEL: func.func private @whole
// CHECK: tile.loop L
// CHECK-NOT: arith.select
// CHECK: tile.yield
!y = tensor<?x64xf32, #ssm.dims<B, L>>
func.func @known(%x: !y) -> !b attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L = 64>]} {
  %0 = ssm.kernel "whole"(%x) plan <form = direct, own = [B : 16], step = [L : 32]> : (!y) -> !b {
  ^bb0(%a: !y):
    %1 = ssm.reduce max %a over ["L"] : !y -> !b
    ssm.yield %1 : !b
  }
  return %0 : !b
}
