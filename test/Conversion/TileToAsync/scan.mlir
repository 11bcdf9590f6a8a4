// RUN: ssm-opt %s --convert-tile-to-async --split-input-file | FileCheck %s
// Along a block dimension a recurrence is written out, step by step; what lies beyond the count changes nothing. A step's
// elements are loaded a step before.
// CHECK-LABEL: tile.kernel @steps
// CHECK: %[[FIRST:.*]] = tile.load %{{.*}} -> tensor<2x128xf32, #tile.lanes<32, 4>>
// CHECK: scf.for %[[L:.*]] = {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[X:.*]] = %[[FIRST]])
// CHECK: %[[AT:.*]] = arith.addi %[[L]]
// CHECK: %[[NEXT:.*]] = tile.load %{{.*}}[%[[AT]],
// CHECK: tile.slice %[[X]][0, 0]
// CHECK: %[[H:.*]] = arith.addf
// CHECK: arith.select %{{.*}}, %[[H]], %{{.*}} : tensor<1x128xf32
// CHECK: tile.slice %[[X]][1, 0]
// CHECK: scf.yield %{{.*}}, %[[NEXT]]
func.func private @steps(%x: memref<?x128xf32>, %y: memref<?x128xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant dense<0.0> : tensor<128xf32, #ssm.dims<D>>
  %X = tile.view %x : memref<?x128xf32> to !tile.view<?x128xf32, #ssm.dims<L, D>>
  %Y = tile.view %y : memref<?x128xf32> to !tile.view<?x128xf32, #ssm.dims<L, D>>
  tile.program owns() {
    %e = tile.loop L = %l : 2 from %c0 to %n order up carry(%s = %zero : tensor<128xf32, #ssm.dims<D>>) {
      %a = tile.read %X[L = %l] : !tile.view<?x128xf32, #ssm.dims<L, D>> -> tensor<2x128xf32, #ssm.dims<L, D>>
      %left = arith.subi %n, %l : index
      %count = arith.minsi %left, %c2 : index
      %last, %o = tile.recur L = %t count(%count) over(%v = %a : tensor<2x128xf32, #ssm.dims<L, D>>)
          carry(%h = %s : tensor<128xf32, #ssm.dims<D>>) stacked(tensor<2x128xf32, #ssm.dims<L, D>>) {
        %next = arith.addf %h, %v : tensor<128xf32, #ssm.dims<D>>
        tile.yield %next, %next : tensor<128xf32, #ssm.dims<D>>, tensor<128xf32, #ssm.dims<D>>
      }
      tile.write %o to %Y[L = %l] : tensor<2x128xf32, #ssm.dims<L, D>> to !tile.view<?x128xf32, #ssm.dims<L, D>>
      tile.yield %last : tensor<128xf32, #ssm.dims<D>>
    }
  }
  return
}

// -----

// Along the lane h = a h + x is a scan across the lanes, onto what was carried.
// CHECK-LABEL: tile.kernel @lanes
// CHECK: %[[A:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : {{.*}}tensor<128xf32
// CHECK: %[[P:.*]] = tile.scan mulf %[[F:.*]] : tensor<128xf32
// CHECK: %[[H:.*]] = tile.scan addf %{{.*}} scale(%[[F]])
// CHECK: %[[C:.*]] = arith.mulf %[[P]],
// CHECK: arith.addf %[[H]], %[[C]]
func.func private @lanes(%x: memref<?xf32>, %a: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : tensor<f32>
  %X = tile.view %x : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %A = tile.view %a : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %Y = tile.view %y : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  tile.program owns() {
    %e = tile.loop L = %l : 128 from %c0 to %n order up carry(%s = %zero : tensor<f32>) {
      %v = tile.read %X[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<128xf32, #ssm.dims<L>>
      %w = tile.read %A[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<128xf32, #ssm.dims<L>>
      %left = arith.subi %n, %l : index
      %count = arith.minsi %left, %c128 : index
      %last, %o = tile.recur L = %t count(%count) over(%xi = %v : tensor<128xf32, #ssm.dims<L>>, %ai = %w : tensor<128xf32, #ssm.dims<L>>)
          carry(%h = %s : tensor<f32>) stacked(tensor<128xf32, #ssm.dims<L>>) {
        %d = arith.mulf %ai, %h : tensor<f32>
        %next = arith.addf %d, %xi : tensor<f32>
        tile.yield %next, %next : tensor<f32>, tensor<f32>
      }
      tile.write %o to %Y[L = %l] : tensor<128xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
      tile.yield %last : tensor<f32>
    }
  }
  return
}
