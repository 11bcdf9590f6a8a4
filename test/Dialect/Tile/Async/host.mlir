// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// An entry that launches one kernel: memory, views, a tensor map and a size are bound to its arguments.
!x = tensor<?x?xbf16, #ssm.dims<M, K>>
!map = !tile.map<bf16, 64x128, sw128>
tile.kernel @k(%m: !map, %y: !tile.global<bf16, 2, 8>, %c: !tile.global<i32, 0>, %n: index, %f: f32) {
}
// CHECK-LABEL: func.func @forward
func.func @forward(%x: !x {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!x {ssm.name = "y", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>]} {
  // CHECK: tile.alloc : tensor<?x?xbf16, #ssm.dims<M, K>>
  %y = tile.alloc : !x
  // CHECK: tile.alloc init(zero_once) : tensor<i32>
  %c = tile.alloc init(zero_once) : tensor<i32>
  // CHECK: tile.alloc sizes [ceildiv(M, 64), 128] : tensor<?x128xf32>
  %w = tile.alloc sizes [ceildiv(M, 64), 128] : tensor<?x128xf32>
  // CHECK: tile.tensor_map %{{.*}} offset mul(K, 64) dims [K, M] strides [K] : tensor<?x?xbf16, #ssm.dims<M, K>> -> <bf16, 64x128, sw128>
  %m = tile.tensor_map %x offset mul(K, 64) dims [K, M] strides [K] : !x -> !map
  // CHECK: tile.global_view %{{.*}} sizes [M, K] strides [K, 1] : tensor<?x?xbf16, #ssm.dims<M, K>> -> <bf16, 2, 8>
  %v = tile.global_view %y sizes [M, K] strides [K, 1] : !x -> !tile.global<bf16, 2, 8>
  %ctr = tile.global_view %c sizes [] strides [] : tensor<i32> -> !tile.global<i32, 0>
  // CHECK: tile.size ceildiv(M, 64)
  %n = tile.size ceildiv(M, 64)
  %f = arith.constant 0.5 : f32
  // CHECK: tile.launch @k grid [min("%sms", ceildiv(M, 128)), 1, 1](%{{.*}}) : !tile.map
  tile.launch @k grid [min("%sms", ceildiv(M, 128)), 1, 1] (%m, %v, %ctr, %n, %f) : !map, !tile.global<bf16, 2, 8>, !tile.global<i32, 0>, index, f32
  return %y : !x
}

// Of launches that are alternatives the first that fits runs.
tile.kernel @held(%x: !tile.global<bf16, 2, 8>) {
}
tile.kernel @any(%x: !tile.global<bf16, 2>) {
}
// CHECK-LABEL: func.func @alternatives
func.func @alternatives(%x: !x {ssm.name = "x", ssm.role = #ssm.role<input>}) attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>]} {
  %v = tile.global_view %x sizes [M, K] strides [K, 1] : !x -> !tile.global<bf16, 2, 8>
  // CHECK: tile.launch @held grid [M, 1, 1] where [sub(4096, K)](%{{.*}}) : !tile.global<bf16, 2, 8>
  tile.launch @held grid [M, 1, 1] where [sub(4096, K)] (%v) : !tile.global<bf16, 2, 8>
  %w = tile.global_view %x sizes [M, K] strides [K, 1] : !x -> !tile.global<bf16, 2>
  // CHECK: tile.launch @any otherwise grid [M, 1, 1](%{{.*}}) : !tile.global<bf16, 2>
  tile.launch @any otherwise grid [M, 1, 1] (%w) : !tile.global<bf16, 2>
  return
}
