// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// Items whose vectors lie along another dimension than memory's read as it lies and turn, and turn back to write.
// CHECK: %[[LIES:.*]] = tile.read %{{.*}} -> tensor<16x32xf32, #ssm.dims<B, L>>
// CHECK: %[[X:.*]] = tile.spread %[[LIES]] : {{.*}} -> tensor<32x16xf32, #ssm.dims<L, B>>
// CHECK: %[[Y:.*]] = math.absf %[[X]]
// CHECK: %[[BACK:.*]] = tile.spread %[[Y]] : {{.*}} -> tensor<16x32xf32, #ssm.dims<B, L>>
// CHECK: tile.write %[[BACK]]
!x = tensor<?x?xf32, #ssm.dims<B, L>>
func.func @forward(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>]} {
  %0 = ssm.kernel "turned"(%x) plan <form = direct, own = [L : 32, B : 16]> : (!x) -> !x {
  ^bb0(%a: !x):
    %1 = ssm.map abs(%a) : (!x) -> !x
    ssm.yield %1 : !x
  }
  return %0 : !x
}
