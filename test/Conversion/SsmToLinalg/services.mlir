// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// The transformed dimension comes last in a dense buffer: kind, precision, rows,
// points, modes, from, to.
// CHECK-LABEL: func.func @rfft
// CHECK-SAME: %[[B:[^:]*]]: index, %[[X:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: %[[FROM:.*]] = memref.alloc(%[[B]], %[[X]]) : memref<?x?xf32>
// CHECK: %[[TO:.*]] = memref.alloc(%[[B]]) : memref<?x16xcomplex<f32>>
// CHECK: %[[ROWS:.*]] = linalg.generic
// CHECK: bufferization.materialize_in_destination %[[ROWS]] in restrict writable %[[FROM]]
// CHECK: %[[POINTS:.*]] = arith.index_cast %[[X]]
// CHECK: %[[MODES:.*]] = arith.index_cast %c16
// CHECK: memref.extract_aligned_pointer_as_index %[[FROM]]
// CHECK: %[[SOURCE:.*]] = llvm.inttoptr
// CHECK: memref.extract_aligned_pointer_as_index %[[TO]]
// CHECK: %[[TARGET:.*]] = llvm.inttoptr
// CHECK: call @ssm_rt_fft(%c0_i32, %c0_i32{{.*}}, %{{.*}}, %[[POINTS]], %[[MODES]], %[[SOURCE]], %[[TARGET]])
// CHECK: bufferization.to_tensor %[[TO]]
func.func @rfft(%x: tensor<?x?xf32, #ssm.dims<X, B>>) -> tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<X>, #ssm.dim<K = 16>]} {
  %0 = ssm.fft rfft %x "X" to "K" : tensor<?x?xf32, #ssm.dims<X, B>> -> tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
  return %0 : tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
}

// Backwards, the points are those of the result; f64 is the other precision.
// CHECK-LABEL: func.func @irfft
// CHECK-SAME: %[[X:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: materialize_in_destination
// CHECK: %[[POINTS:.*]] = arith.index_cast %[[X]]
// CHECK: %[[MODES:.*]] = arith.index_cast %c16
// CHECK: call @ssm_rt_fft(%c1_i32, %c1_i32{{.*}}, %{{.*}}, %[[POINTS]], %[[MODES]],
func.func @irfft(%k: tensor<16xcomplex<f64>, #ssm.dims<K>>) -> tensor<?xf64, #ssm.dims<X>>
    attributes {ssm.dims = [#ssm.dim<X>, #ssm.dim<K = 16>]} {
  %0 = ssm.fft irfft %k "K" to "X" : tensor<16xcomplex<f64>, #ssm.dims<K>> -> tensor<?xf64, #ssm.dims<X>>
  return %0 : tensor<?xf64, #ssm.dims<X>>
}

// A convolution that is transformed: mode, precision, rows of one, of both and of the other operand, length, taps.
// CHECK-LABEL: func.func @convolve
// CHECK-SAME: %[[B:[^:]*]]: index, %[[L:[^:]*]]: index, %[[H:[^:]*]]: index, %{{[^:]*}}: index, %{{[^:]*}}: index)
// CHECK: %[[IN:.*]] = memref.alloc(%[[B]], %[[H]], %[[L]]) : memref<?x?x?xf32>
// CHECK: %[[KERNELS:.*]] = memref.alloc(%[[H]]) : memref<?x3x9xf32>
// CHECK: %[[OUT:.*]] = memref.alloc(%[[B]], %[[H]], %[[L]]) : memref<?x?x3x?xf32>
// CHECK: materialize_in_destination %{{.*}} in restrict writable %[[IN]]
// CHECK: materialize_in_destination %{{.*}} in restrict writable %[[KERNELS]]
// CHECK: %[[LENGTH:.*]] = arith.index_cast %[[L]]
// CHECK: call @ssm_rt_convolve(%c3_i32, %c0_i32{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[LENGTH]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
// CHECK: bufferization.to_tensor %[[OUT]]
func.func @convolve(%u: tensor<?x?x?xf32, #ssm.dims<B, L, H>>, %k: tensor<3x9x?xf32, #ssm.dims<G, K, H>>)
    -> tensor<?x?x?x3xf32, #ssm.dims<B, L, H, G>>
    attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<H>, #ssm.dim<G = 3>, #ssm.dim<K = 9>]} {
  %0 = ssm.conv same %u along "L", %k along "K" transformed
    : tensor<?x?x?xf32, #ssm.dims<B, L, H>>, tensor<3x9x?xf32, #ssm.dims<G, K, H>> -> tensor<?x?x?x3xf32, #ssm.dims<B, L, H, G>>
  return %0 : tensor<?x?x?x3xf32, #ssm.dims<B, L, H, G>>
}

// Distribution, seed, stream, how many, to.
// CHECK-LABEL: func.func @random
// CHECK-SAME: %[[H:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: %[[TO:.*]] = memref.alloc(%[[H]]) : memref<?x32xf64>
// CHECK: %[[SEED:.*]] = tensor.extract
// CHECK: %[[ALL:.*]] = arith.muli %{{.*}}, %c32
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[ALL]]
// CHECK: call @ssm_rt_random(%c1_i32, %[[SEED]], %c3_i64, %[[COUNT]],
// CHECK: bufferization.to_tensor %[[TO]]
func.func @random(%seed: tensor<i64>) -> tensor<?x32xf64, #ssm.dims<H, N>>
    attributes {ssm.dims = [#ssm.dim<H>, #ssm.dim<N = 32>]} {
  %0 = ssm.random normal %seed stream 3 : tensor<?x32xf64, #ssm.dims<H, N>>
  return %0 : tensor<?x32xf64, #ssm.dims<H, N>>
}
