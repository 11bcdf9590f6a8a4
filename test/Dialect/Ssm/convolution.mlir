// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @conv
func.func @conv(%u: tensor<?x?xf32, #ssm.dims<H, L>>, %k: tensor<4x?xf32, #ssm.dims<K, C>>) {
  // CHECK: ssm.conv causal %{{.*}} along "L", %{{.*}} along "L" : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<?x?xf32, #ssm.dims<H, L>> -> tensor<?x?xf32, #ssm.dims<H, L>>
  %0 = ssm.conv causal %u along "L", %u along "L" : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<?x?xf32, #ssm.dims<H, L>> -> tensor<?x?xf32, #ssm.dims<H, L>>
  // Other dimensions broadcast by name.
  // CHECK: ssm.conv same %{{.*}} along "L", %{{.*}} along "K" : {{.*}} -> tensor<?x?x?xf32, #ssm.dims<H, L, C>>
  %1 = ssm.conv same %u along "L", %k along "K" : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<4x?xf32, #ssm.dims<K, C>> -> tensor<?x?x?xf32, #ssm.dims<H, L, C>>
  // How it is taken may be said.
  // CHECK: ssm.conv same %{{.*}} along "L", %{{.*}} along "K" transformed :
  %2 = ssm.conv same %u along "L", %k along "K" transformed : tensor<?x?xf32, #ssm.dims<H, L>>, tensor<4x?xf32, #ssm.dims<K, C>> -> tensor<?x?x?xf32, #ssm.dims<H, L, C>>
  return
}

// CHECK-LABEL: func.func @fft
func.func @fft(%x: tensor<?x?xf32, #ssm.dims<B, X>>) {
  // CHECK: ssm.fft rfft %{{.*}} "X" to "K" : tensor<?x?xf32, #ssm.dims<B, X>> -> tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
  %0 = ssm.fft rfft %x "X" to "K" : tensor<?x?xf32, #ssm.dims<B, X>> -> tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
  // CHECK: ssm.fft ifft %{{.*}} "K" to "Y" : tensor<?x16xcomplex<f32>, #ssm.dims<B, K>> -> tensor<?x?xcomplex<f32>, #ssm.dims<B, Y>>
  %1 = ssm.fft ifft %0 "K" to "Y" : tensor<?x16xcomplex<f32>, #ssm.dims<B, K>> -> tensor<?x?xcomplex<f32>, #ssm.dims<B, Y>>
  // CHECK: ssm.fft irfft %{{.*}} "K" to "X" : tensor<?x16xcomplex<f32>, #ssm.dims<B, K>> -> tensor<?x?xf32, #ssm.dims<B, X>>
  %2 = ssm.fft irfft %0 "K" to "X" : tensor<?x16xcomplex<f32>, #ssm.dims<B, K>> -> tensor<?x?xf32, #ssm.dims<B, X>>
  return
}

// CHECK-LABEL: func.func @random
func.func @random(%seed: tensor<i64>) {
  // CHECK: ssm.random normal %{{.*}} stream 3 : tensor<?x32xf64, #ssm.dims<H, N>>
  %0 = ssm.random normal %seed stream 3 : tensor<?x32xf64, #ssm.dims<H, N>>
  // CHECK: ssm.random uniform %{{.*}} stream 0 : tensor<f64>
  %1 = ssm.random uniform %seed stream 0 : tensor<f64>
  return
}
