// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s
// RUN: %ssm-opt %s --ssm-fuse 2>&1 | FileCheck %s --check-prefix=WHY

// Few modes: products with what the inverse makes of each mode, in f64.
// CHECK-LABEL: func.func @few
// CHECK-COUNT-2: ssm.fft irfft %{{.*}} "K.2" to "X" : tensor<16x16xcomplex<f64>, {{.*}} -> tensor<16x1024xf64, #ssm.dims<K, X>>
// CHECK: ssm.kernel
// CHECK: ssm.map complex
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["X"]
!x = tensor<?x1024xf32, #ssm.dims<B, X>>
!k = tensor<?x16xcomplex<f32>, #ssm.dims<B, K>>
func.func @few(%x: !x) -> !k attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<X = 1024>, #ssm.dim<K = 16>]} {
  %0 = ssm.fft rfft %x "X" to "K" : !x -> !k
  return %0 : !k
}

// The inverse: the real parts of the products.
// CHECK-LABEL: func.func @back
// CHECK-COUNT-2: ssm.fft irfft %{{.*}} "K.2" to "X" : {{.*}}complex<f64>
// CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["K"]
// CHECK: ssm.map re
func.func @back(%y: !k) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<K = 16>, #ssm.dim<X = 1024>]} {
  %0 = ssm.fft irfft %y "K" to "X" : !k -> !x
  return %0 : !x
}

// Many: the library's transform.
// CHECK-LABEL: func.func @many
// CHECK: ssm.fft rfft %{{.*}} "X" to "K"
// CHECK-NOT: ssm.contract
// WHY: remark: a Fourier transform, not a product with its matrix:
!a = tensor<?x4096xf32, #ssm.dims<B, X>>
!b = tensor<?x2049xcomplex<f32>, #ssm.dims<B, K>>
func.func @many(%x: !a) -> !b attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<X = 4096>, #ssm.dim<K = 2049>]} {
  %0 = ssm.fft rfft %x "X" to "K" : !a -> !b
  return %0 : !b
}

// So where their number is open: it may be all there are.
// CHECK-LABEL: func.func @open
// CHECK: ssm.fft rfft %{{.*}} "X" to "K"
// CHECK-NOT: ssm.contract
// WHY: remark: {{.*}} how many modes 'K' counts is not known, it may be all of them
!o = tensor<?x?xcomplex<f32>, #ssm.dims<B, K>>
func.func @open(%x: !x) -> !o attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<X = 1024>, #ssm.dim<K>]} {
  %0 = ssm.fft rfft %x "X" to "K" : !x -> !o
  return %0 : !o
}
