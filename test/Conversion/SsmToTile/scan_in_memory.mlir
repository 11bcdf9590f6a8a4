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
