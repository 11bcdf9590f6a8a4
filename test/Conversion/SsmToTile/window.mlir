// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// What is picked by the position along another dimension is the operand at that one's coordinate: it need not lie in
// memory as a whole.
// CHECK: tile.program owns(L = %[[AT:.*]] : 32
// CHECK: %[[X:.*]] = tile.read %{{.*}}[M = %[[AT]]] : {{.*}} -> tensor<32xf32, #ssm.dims<M>>
// CHECK: %[[Y:.*]] = math.absf %[[X]]
// CHECK: %[[Z:.*]] = tile.rename %[[Y]] : {{.*}} -> tensor<32xf32, #ssm.dims<L>>
// CHECK: tile.write %[[Z]]
!x = tensor<?xf32, #ssm.dims<M>>
!y = tensor<?xf32, #ssm.dims<L>>
func.func @forward(%x: !x) -> !y attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<L>]} {
  %0 = ssm.kernel "window"(%x) plan <form = direct, own = [L : 32]> : (!x) -> !y {
  ^bb0(%a: !x):
    %1 = ssm.map abs(%a) : (!x) -> !x
    %2 = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
    %3 = ssm.gather %1 at ["M"] (%2) : !x, (tensor<?xi64, #ssm.dims<L>>) -> !y
    ssm.yield %3 : !y
  }
  return %0 : !y
}
