// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @map
func.func @map(%dt: tensor<?xf32, #ssm.dims<H>>, %A: tensor<?x32xcomplex<f32>, #ssm.dims<H, N>>,
               %c: tensor<i1>, %s: tensor<bf16>) {
  // CHECK: ssm.map exp(%{{.*}}) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xf32, #ssm.dims<H>>
  %0 = ssm.map exp(%dt) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xf32, #ssm.dims<H>>
  // CHECK: ssm.map cast(%{{.*}}) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xcomplex<f32>, #ssm.dims<H>>
  %1 = ssm.map cast(%0) : (tensor<?xf32, #ssm.dims<H>>) -> tensor<?xcomplex<f32>, #ssm.dims<H>>
  // The result may have the union in any order.
  // CHECK: ssm.map mul(%{{.*}}, %{{.*}}) : ({{.*}}) -> tensor<32x?xcomplex<f32>, #ssm.dims<N, H>>
  %2 = ssm.map mul(%1, %A) : (tensor<?xcomplex<f32>, #ssm.dims<H>>, tensor<?x32xcomplex<f32>, #ssm.dims<H, N>>)
         -> tensor<32x?xcomplex<f32>, #ssm.dims<N, H>>
  // A choice is the one function beside the cast that takes stored types.
  // CHECK: ssm.map select(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<i1>, tensor<bf16>, tensor<bf16>) -> tensor<bf16>
  %3 = ssm.map select(%c, %s, %s) : (tensor<i1>, tensor<bf16>, tensor<bf16>) -> tensor<bf16>
  // CHECK: ssm.map abs(%{{.*}}) : ({{.*}}) -> tensor<32x?xf32, #ssm.dims<N, H>>
  %4 = ssm.map abs(%2) : (tensor<32x?xcomplex<f32>, #ssm.dims<N, H>>) -> tensor<32x?xf32, #ssm.dims<N, H>>
  return
}

// CHECK-LABEL: func.func @sizes
func.func @sizes(%ok: tensor<i1>) attributes {ssm.dims = [#ssm.dim<L>]} {
  // CHECK: ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
  %0 = ssm.pos "L" : tensor<?xi64, #ssm.dims<L>>
  // CHECK: %[[SIZE:.*]] = ssm.size "L" : tensor<i64>
  %1 = ssm.size "L" : tensor<i64>
  // CHECK: ssm.check %{{.*}}, "no values"
  ssm.check %ok, "no values"
  // CHECK: ssm.check %{{.*}}, "%a of %b"(%[[SIZE]], %[[SIZE]])
  ssm.check %ok, "%a of %b"(%1, %1)
  return
}
