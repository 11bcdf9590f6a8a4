// RUN: %ssm-opt %s --convert-tile-to-vector --canonicalize --cse | FileCheck %s
// RUN: %ssm-opt %s --convert-tile-to-vector="dot-bf16=1" --canonicalize --cse | FileCheck %s --check-prefix=DOT

// Separate vectors are carried; one element of a row times a vector of columns.
// CHECK-LABEL: func.func @f32
// CHECK: scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>
// CHECK: vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK: math.fma
func.func @f32(%a: memref<48x64xf32>, %b: memref<64x64xf32>, %c: memref<48x64xf32>) {
  %c1 = arith.constant 1 : index
  %A = tile.view %a : memref<48x64xf32> to !tile.view<48x64xf32, #ssm.dims<I, K>>
  %B = tile.view %b : memref<64x64xf32> to !tile.view<64x64xf32, #ssm.dims<K, J>>
  %C = tile.view %c : memref<48x64xf32> to !tile.view<48x64xf32, #ssm.dims<I, J>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %A : !tile.view<48x64xf32, #ssm.dims<I, K>> -> tensor<48x64xf32, #ssm.dims<I, K>>
    %1 = tile.read %B : !tile.view<64x64xf32, #ssm.dims<K, J>> -> tensor<64x64xf32, #ssm.dims<K, J>>
    %2 = tile.product %0, %1 over ["K"] : (tensor<48x64xf32, #ssm.dims<I, K>>, tensor<64x64xf32, #ssm.dims<K, J>>)
        -> tensor<48x64xf32, #ssm.dims<I, J>>
    tile.write %2 to %C : tensor<48x64xf32, #ssm.dims<I, J>> to !tile.view<48x64xf32, #ssm.dims<I, J>>
  }
  return
}

// Pairs where the machine multiplies them, else widened. The columns' operand has its
// own last dimension in the wrong place: it is turned first.
// CHECK-LABEL: func.func @bf16
// CHECK: arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
// CHECK: vector.shuffle
// CHECK: math.fma
// DOT-LABEL: func.func @bf16
// DOT: vector.shuffle %{{.*}} : vector<16xbf16>, vector<16xbf16>
// DOT: vector.interleave %{{.*}} : vector<16xbf16>
// DOT: x86vector.avx512.dot
func.func @bf16(%a: memref<8x16xbf16>, %b: memref<32x16xbf16>, %c: memref<8x32xf32>) {
  %c1 = arith.constant 1 : index
  %A = tile.view %a : memref<8x16xbf16> to !tile.view<8x16xbf16, #ssm.dims<I, K>>
  %B = tile.view %b : memref<32x16xbf16> to !tile.view<32x16xbf16, #ssm.dims<J, K>>
  %C = tile.view %c : memref<8x32xf32> to !tile.view<8x32xf32, #ssm.dims<I, J>>
  tile.program owns(Z = %z : 1 of %c1) {
    %0 = tile.read %A : !tile.view<8x16xbf16, #ssm.dims<I, K>> -> tensor<8x16xbf16, #ssm.dims<I, K>>
    %1 = tile.read %B : !tile.view<32x16xbf16, #ssm.dims<J, K>> -> tensor<32x16xbf16, #ssm.dims<J, K>>
    %2 = tile.product %0, %1 over ["K"] : (tensor<8x16xbf16, #ssm.dims<I, K>>, tensor<32x16xbf16, #ssm.dims<J, K>>)
        -> tensor<8x32xf32, #ssm.dims<I, J>>
    tile.write %2 to %C : tensor<8x32xf32, #ssm.dims<I, J>> to !tile.view<8x32xf32, #ssm.dims<I, J>>
  }
  return
}
