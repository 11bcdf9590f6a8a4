// RUN: %ssm-opt %s --convert-ssm-to-tile | FileCheck %s

// A product with its epilogue: the sum is carried, what an item needs once is read once.
// CHECK: func.func private @product(%[[X:.*]]: memref<?x?xf32>, %[[W:.*]]: memref<?x?xf32>, %{{.*}}: memref<?x?xf32>, %[[T:.*]]: index, %[[I:.*]]: index, %[[O:.*]]: index)
// CHECK: tile.program owns(T = %[[AT:.*]] : 8 of %[[T]], O = %[[AO:.*]] : 16 of %[[O]])
// CHECK:   %[[SUM:.*]] = tile.loop I = %[[AI:.*]] : 128 from %c0{{.*}} to %[[I]] order any carry(%[[ACC:.*]] =
// CHECK:     tile.read %{{.*}}[T = %[[AT]], I = %[[AI]]]
// CHECK:     %[[LIES:.*]] = tile.read %{{.*}}[O = %[[AO]], I = %[[AI]]] : {{.*}} -> tensor<16x128xf32, #ssm.dims<O, I>>
// CHECK:     %[[TURNED:.*]] = tile.spread %[[LIES]] : {{.*}} -> tensor<128x16xf32, #ssm.dims<I, O>>
// CHECK:     %[[NEXT:.*]] = tile.product %{{.*}}, %[[TURNED]] over ["I"] acc(%[[ACC]])
// CHECK:     tile.yield %[[NEXT]]
// CHECK:   %[[Y:.*]] = math.absf %[[SUM]]
// CHECK:   tile.write %[[Y]] to %{{.*}}[T = %[[AT]], O = %[[AO]]]
// CHECK: ssm.launch @product(%{{.*}}, %{{.*}}) sizes ["T", "I", "O"]
!x = tensor<?x?xf32, #ssm.dims<T, I>>
!w = tensor<?x?xf32, #ssm.dims<O, I>>
!y = tensor<?x?xf32, #ssm.dims<T, O>>
func.func @forward(%x: !x, %w: !w) -> !y attributes {ssm.dims = [#ssm.dim<T>, #ssm.dim<I>, #ssm.dim<O>]} {
  %0 = ssm.kernel "product"(%x, %w) plan <form = direct, own = [T : 8, O : 16], step = [I : 128]> : (!x, !w) -> !y {
  ^bb0(%a: !x, %b: !w):
    %1 = ssm.contract(%a, %b) over ["I"] : (!x, !w) -> !y
    %2 = ssm.map abs(%1) : (!y) -> !y
    ssm.yield %2 : !y
  }
  return %0 : !y
}
