// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @recurrence
func.func @recurrence(%h0: tensor<?xf32, #ssm.dims<B>>, %u: tensor<?x?xf32, #ssm.dims<B, L>>, %a: tensor<f32>) {
  // CHECK: %{{.*}}, %{{.*}} = ssm.scan "L" init(%{{.*}} : tensor<?xf32, #ssm.dims<B>>) over(%{{.*}} : tensor<?x?xf32, #ssm.dims<B, L>>)
  // CHECK-SAME: final(tensor<?xf32, #ssm.dims<B>>) stacked(tensor<?x?xf32, #ssm.dims<B, L>>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<?xf32, #ssm.dims<B>>, %{{.*}}: tensor<?xf32, #ssm.dims<B>>):
  // CHECK: ssm.yield %[[H:.*]], %[[H]] : tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>
  %last, %all = ssm.scan "L" init(%h0 : tensor<?xf32, #ssm.dims<B>>) over(%u : tensor<?x?xf32, #ssm.dims<B, L>>)
      final(tensor<?xf32, #ssm.dims<B>>) stacked(tensor<?x?xf32, #ssm.dims<B, L>>) {
  ^bb0(%l: tensor<i64>, %h: tensor<?xf32, #ssm.dims<B>>, %ul: tensor<?xf32, #ssm.dims<B>>):
    %0 = ssm.map mul(%a, %h) : (tensor<f32>, tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
    %1 = ssm.map add(%0, %ul) : (tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>) -> tensor<?xf32, #ssm.dims<B>>
    ssm.yield %1, %1 : tensor<?xf32, #ssm.dims<B>>, tensor<?xf32, #ssm.dims<B>>
  }
  return
}

// CHECK-LABEL: func.func @positions
func.func @positions() {
  // CHECK: ssm.scan "L" reverse init() over() stacked(tensor<?xi64, #ssm.dims<L>>) {
  %0 = ssm.scan "L" reverse init() over() stacked(tensor<?xi64, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>):
    ssm.yield %l : tensor<i64>
  }
  return
}
