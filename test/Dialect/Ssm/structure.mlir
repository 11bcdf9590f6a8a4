// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Every structure, with its parts.
// CHECK-LABEL: func.func @structures
func.func @structures(%v: tensor<?xf32, #ssm.dims<I>>, %left: tensor<?x32xf32, #ssm.dims<O, R>>, %right: tensor<32x?xf32, #ssm.dims<R, I>>,
    %blocks: tensor<4x?x?xf32, #ssm.dims<n, o, i>>, %flat: tensor<?x3x?x?xf32, #ssm.dims<n, f, o, i>>,
    %z: tensor<5x16x16xf32, #ssm.dims<z, b, c>>, %at: tensor<5xi64, #ssm.dims<z>>,
    %first: tensor<8x?x?xf32, #ssm.dims<k, q, p>>, %second: tensor<?x?x8xf32, #ssm.dims<q, s, k>>,
    %twiddles: tensor<?x?x2x2xf32, #ssm.dims<m, h, r, "2">>, %diagonals: tensor<?xf32, #ssm.dims<d>>) {
  // CHECK: ssm.structured diagonal(%{{.*}}) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  %0 = ssm.structured diagonal(%v) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured lowrank(%{{.*}}, %{{.*}}) {parameters = array<i64: 32>}
  %1 = ssm.structured lowrank(%left, %right) {parameters = array<i64: 32>} : (tensor<?x32xf32, #ssm.dims<O, R>>, tensor<32x?xf32, #ssm.dims<R, I>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured block_diagonal(%{{.*}}) {parameters = array<i64: 4>}
  %2 = ssm.structured block_diagonal(%blocks) {parameters = array<i64: 4>} : (tensor<4x?x?xf32, #ssm.dims<n, o, i>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured flat_butterfly(%{{.*}}) {parameters = array<i64: 32, 2>}
  %3 = ssm.structured flat_butterfly(%flat) {parameters = array<i64: 32, 2>} : (tensor<?x3x?x?xf32, #ssm.dims<n, f, o, i>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured block_sparse(%{{.*}}, %{{.*}}, %{{.*}}) {parameters = array<i64: 16, 5>}
  %4 = ssm.structured block_sparse(%z, %at, %at) {parameters = array<i64: 16, 5>} : (tensor<5x16x16xf32, #ssm.dims<z, b, c>>, tensor<5xi64, #ssm.dims<z>>, tensor<5xi64, #ssm.dims<z>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured monarch(%{{.*}}, %{{.*}}) {parameters = array<i64: 8>}
  %5 = ssm.structured monarch(%first, %second) {parameters = array<i64: 8>} : (tensor<8x?x?xf32, #ssm.dims<k, q, p>>, tensor<?x?x8xf32, #ssm.dims<q, s, k>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured butterfly(%{{.*}})
  %6 = ssm.structured butterfly(%twiddles) : (tensor<?x?x2x2xf32, #ssm.dims<m, h, r, "2">>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured toeplitz(%{{.*}})
  %7 = ssm.structured toeplitz(%diagonals) : (tensor<?xf32, #ssm.dims<d>>) -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.structured circulant(%{{.*}})
  %8 = ssm.structured circulant(%v) : (tensor<?xf32, #ssm.dims<I>>) -> !ssm.matrix<O x I, f32>
  return
}

// CHECK-LABEL: func.func @algebra
func.func @algebra(%W: !ssm.matrix<O x J, f32>, %V: !ssm.matrix<J x I, f32>, %g: tensor<?xf32, #ssm.dims<B>>, %x: tensor<?x?xf32, #ssm.dims<T, J>>) {
  // CHECK: ssm.matrix_add %{{.*}}, %{{.*}} : !ssm.matrix<O x J, f32>
  %0 = ssm.matrix_add %W, %W : !ssm.matrix<O x J, f32>
  // CHECK: ssm.matrix_scale %{{.*}} by %{{.*}} : !ssm.matrix<O x J, f32>, tensor<?xf32, #ssm.dims<B>>
  %1 = ssm.matrix_scale %W by %g : !ssm.matrix<O x J, f32>, tensor<?xf32, #ssm.dims<B>>
  // CHECK: ssm.matrix_mul %{{.*}}, %{{.*}} : !ssm.matrix<O x J, f32>, !ssm.matrix<J x I, f32> -> !ssm.matrix<O x I, f32>
  %2 = ssm.matrix_mul %W, %V : !ssm.matrix<O x J, f32>, !ssm.matrix<J x I, f32> -> !ssm.matrix<O x I, f32>
  // CHECK: ssm.matrix_transpose %{{.*}} : !ssm.matrix<O x J, f32> -> !ssm.matrix<J x O, f32>
  %3 = ssm.matrix_transpose %W : !ssm.matrix<O x J, f32> -> !ssm.matrix<J x O, f32>
  // CHECK: ssm.apply %{{.*}}, %{{.*}} : !ssm.matrix<O x J, f32>, tensor<?x?xf32, #ssm.dims<T, J>> -> tensor<?x?xf32, #ssm.dims<T, O>>
  %4 = ssm.apply %W, %x : !ssm.matrix<O x J, f32>, tensor<?x?xf32, #ssm.dims<T, J>> -> tensor<?x?xf32, #ssm.dims<T, O>>
  // CHECK: ssm.materialize %{{.*}} : !ssm.matrix<O x J, f32> -> tensor<?x?xf32, #ssm.dims<O, J>>
  %5 = ssm.materialize %W : !ssm.matrix<O x J, f32> -> tensor<?x?xf32, #ssm.dims<O, J>>
  return
}
