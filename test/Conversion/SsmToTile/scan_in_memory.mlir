// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// A state that is too long to be held lies in scratch; the next one is made beside it, and takes its place when all is made.
// CHECK: %[[S:.*]] = tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<Z>>
// CHECK: %[[NEXT:.*]] = tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<Z>>
// CHECK: tile.loop T = %{{.*}} : 1
// CHECK:   %[[SUM:.*]] = tile.loop Z
// CHECK:     tile.read %[[S]]
// CHECK:     tile.combine add
// CHECK:   tile.loop Z
// CHECK:     tile.write %{{.*}} to %[[NEXT]]
// CHECK:   tile.loop Z
// CHECK:     %[[MOVED:.*]] = tile.read %[[NEXT]]
// CHECK:     tile.write %[[MOVED]] to %[[S]]
!z = tensor<?xf32, #ssm.dims<Z>>
!tz = tensor<?x?xf32, #ssm.dims<T, Z>>
func.func @forward(%x: !tz, %z0: !z) -> !z attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<Z>]} {
  %0 = ssm.kernel "scan"(%x, %z0) plan <form = sequential, step = [T : 1, Z : 128]> : (!tz, !z) -> !z {
  ^bb0(%a: !tz, %b: !z):
    %last = ssm.scan "T" init(%b : !z) over(%a : !tz) final(!z) {
    ^bb1(%t: tensor<i64>, %s: !z, %xt: !z):
      %sum = ssm.reduce add %s over ["Z"] : !z -> tensor<f32>
      %1 = ssm.map div(%s, %sum) : (!z, tensor<f32>) -> !z
      %2 = ssm.map add(%1, %xt) : (!z, !z) -> !z
      ssm.yield %2 : !z
    }
    ssm.yield %last : !z
  }
  return %0 : !z
}

// So does a state that a step reads elsewhere than where it writes it, whole though it is: the shift is a read further on.
// CHECK-LABEL: func.func private @shifted
// CHECK: %[[S:.*]] = tile.scratch : <8xf32, #ssm.dims<t>>
// CHECK: %[[NEXT:.*]] = tile.scratch : <8xf32, #ssm.dims<t>>
// CHECK: tile.loop L = %{{.*}} : 1
// CHECK:   tile.read %[[S]][t = %{{.*}}]
// CHECK:   tile.write %{{.*}} to %[[NEXT]]
// CHECK:   %[[MOVED:.*]] = tile.read %[[NEXT]]
// CHECK:   tile.write %[[MOVED]] to %[[S]]
!l = tensor<?xf32, #ssm.dims<L>>
!t = tensor<8xf32, #ssm.dims<t>>
func.func @second(%x: !l, %s0: !t, %c: !t) -> !l attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<t = 8>]} {
  %one = arith.constant dense<1> : tensor<i64>
  %0 = ssm.kernel "shifted"(%x, %s0, %c, %one) plan <form = sequential, step = [L : 1]> : (!l, !t, !t, tensor<i64>) -> !l {
  ^bb0(%a: !l, %b: !t, %f: !t, %by: tensor<i64>):
    %last, %all = ssm.scan "L" init(%b : !t) over(%a : !l) final(!t) stacked(tensor<?x8xf32, #ssm.dims<L, t>>) {
    ^bb1(%i: tensor<i64>, %s: !t, %u: tensor<f32>):
      %1 = ssm.shift %s along "t" by %by : !t
      %2 = ssm.map add(%1, %u) : (!t, tensor<f32>) -> !t
      ssm.yield %2, %2 : !t, !t
    }
    %y = ssm.contract(%f, %all) over ["t"] : (!t, tensor<?x8xf32, #ssm.dims<L, t>>) -> !l
    ssm.yield %y : !l
  }
  return %0 : !l
}

// Where the next state is made of what is kept alone, it takes the last one's place at once.
// CHECK-LABEL: func.func private @kept
// CHECK: %[[S:.*]] = tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<Z>>
// CHECK: %[[KEPT:.*]] = tile.scratch(%{{.*}}) : <?xf32, #ssm.dims<Z>>
// CHECK-NOT: tile.scratch
// CHECK: tile.loop T = %{{.*}} : 1
// CHECK:   tile.loop Z
// CHECK:     tile.read %[[S]]
// CHECK:   tile.loop Z
// CHECK:     tile.write %{{.*}} to %[[KEPT]]
// CHECK:   tile.loop Z
// CHECK:     tile.read %[[KEPT]]
// CHECK:   tile.loop Z
// CHECK:     tile.read %[[KEPT]]
// CHECK:     tile.write %{{.*}} to %[[S]]
// CHECK-NOT: tile.write %{{.*}} to %[[S]]
func.func @third(%x: !tz, %z0: !z) -> !z attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<Z>]} {
  %0 = ssm.kernel "kept"(%x, %z0) plan <form = sequential, step = [T : 1, Z : 128]> : (!tz, !z) -> !z {
  ^bb0(%a: !tz, %b: !z):
    %last = ssm.scan "T" init(%b : !z) over(%a : !tz) final(!z) {
    ^bb1(%t: tensor<i64>, %s: !z, %xt: !z):
      %sum = ssm.reduce add %s over ["Z"] : !z -> tensor<f32>
      %1 = ssm.map mul(%xt, %sum) : (!z, tensor<f32>) -> !z
      %norm = ssm.reduce add %1 over ["Z"] : !z -> tensor<f32>
      %2 = ssm.map div(%1, %norm) : (!z, tensor<f32>) -> !z
      ssm.yield %2 : !z
    }
    ssm.yield %last : !z
  }
  return %0 : !z
}
