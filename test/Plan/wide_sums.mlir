// RUN: %ssm-opt %s --ssm-fuse --canonicalize | FileCheck %s

!x = tensor<?x?xcomplex<f32>, #ssm.dims<K, N>>
!c = tensor<?xcomplex<f32>, #ssm.dims<N>>
!k = tensor<?xcomplex<f32>, #ssm.dims<K>>
!r = tensor<?xf32, #ssm.dims<K>>

// Both sums, the product that one of them sums and what is made of them are f64, rounded once.
// CHECK-LABEL: func.func @cancel
// CHECK: ssm.kernel
// CHECK-NOT: ssm.map mul
// CHECK: %[[A:.*]] = ssm.contract(%{{.*}}, %{{.*}}, %{{.*}}) over ["N"] : {{.*}} -> tensor<?xcomplex<f64>
// CHECK: %[[B:.*]] = ssm.contract(%{{.*}}, %{{.*}}) over ["N"] : {{.*}} -> tensor<?xcomplex<f64>
// CHECK: %[[SUB:.*]] = ssm.map sub(%[[A]], %[[B]])
// CHECK: %[[RE:.*]] = ssm.map re(%[[SUB]])
// CHECK: %[[OUT:.*]] = ssm.map cast(%[[RE]]) : {{.*}} -> tensor<?xf32
// CHECK: ssm.yield %[[OUT]]
func.func @cancel(%x: !x, %y: !x, %a: !c, %c: !c) -> !r attributes {ssm.dims = [#ssm.dim<K>, #ssm.dim<N>]} {
  %ac = ssm.map mul(%a, %c) : (!c, !c) -> !c
  %turned = ssm.map conj(%ac) : (!c) -> !c
  %0 = ssm.contract(%turned, %x) over ["N"] : (!c, !x) -> !k
  %1 = ssm.contract(%c, %y) over ["N"] : (!c, !x) -> !k
  %2 = ssm.map sub(%0, %1) : (!k, !k) -> !k
  %3 = ssm.map re(%2) : (!k) -> !r
  return %3 : !r
}

// What has more elements than the sum is made of it as it is rounded.
// CHECK-LABEL: func.func @spreads
// CHECK: %[[SUM:.*]] = ssm.contract{{.*}} -> tensor<?xcomplex<f64>
// CHECK: %[[ROUNDED:.*]] = ssm.map cast(%[[SUM]]) : {{.*}} -> tensor<?xcomplex<f32>
// CHECK: ssm.map mul(%{{.*}}, %[[ROUNDED]])
func.func @spreads(%x: !x, %c: !c) -> !x attributes {ssm.dims = [#ssm.dim<K>, #ssm.dim<N>]} {
  %0 = ssm.contract(%c, %x) over ["N"] : (!c, !x) -> !k
  %1 = ssm.map mul(%x, %0) : (!x, !k) -> !x
  return %1 : !x
}

// A product of matrices uses each element often: it runs in f32.
// CHECK-LABEL: func.func @product
// CHECK-NOT: f64
!w = tensor<?x?xcomplex<f32>, #ssm.dims<N, M>>
!z = tensor<?x?xcomplex<f32>, #ssm.dims<K, M>>
func.func @product(%x: !x, %w: !w) -> !z attributes {ssm.dims = [#ssm.dim<K>, #ssm.dim<N>, #ssm.dim<M>]} {
  %0 = ssm.contract(%x, %w) over ["N"] : (!x, !w) -> !z
  return %0 : !z
}

// So are matrices that few rows are multiplied by.
// CHECK-LABEL: func.func @few
// CHECK: ssm.contract{{.*}} -> tensor<2x?xcomplex<f64>
!p = tensor<2x?xcomplex<f32>, #ssm.dims<R, N>>
!q = tensor<2x?xcomplex<f32>, #ssm.dims<R, K>>
func.func @few(%p: !p, %x: !x) -> !q attributes {ssm.dims = [#ssm.dim<K>, #ssm.dim<N>, #ssm.dim<R = 2>]} {
  %0 = ssm.contract(%p, %x) over ["N"] : (!p, !x) -> !q
  return %0 : !q
}
