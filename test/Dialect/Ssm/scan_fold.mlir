// RUN: %ssm-opt %s --canonicalize | FileCheck %s

// What never changes is not carried, equal slices come once, an output that is a
// slice is what was sliced.
// CHECK-LABEL: func.func @lean(
// CHECK-SAME: %[[A:.*]]: tensor<f32>, %[[H0:.*]]: tensor<f32>, %[[U:.*]]: tensor
func.func @lean(%a: tensor<f32>, %h0: tensor<f32>, %u: tensor<?xf32, #ssm.dims<L>>)
    -> (tensor<f32>, tensor<f32>, tensor<?xf32, #ssm.dims<L>>) {
  // CHECK-NEXT: %[[LAST:.*]] = ssm.scan "L" init(%[[H0]] : tensor<f32>) over(%[[U]] : tensor<?xf32, #ssm.dims<L>>) final(tensor<f32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %[[H:.*]]: tensor<f32>, %[[X:.*]]: tensor<f32>):
  // CHECK-NEXT: %[[AH:.*]] = ssm.map mul(%[[A]], %[[H]])
  // CHECK-NEXT: %[[XX:.*]] = ssm.map mul(%[[X]], %[[X]])
  // CHECK-NEXT: %[[N:.*]] = ssm.map add(%[[AH]], %[[XX]])
  // CHECK-NEXT: ssm.yield %[[N]] : tensor<f32>
  %ka, %last, %same = ssm.scan "L" init(%a, %h0 : tensor<f32>, tensor<f32>) over(%u, %u : tensor<?xf32, #ssm.dims<L>>, tensor<?xf32, #ssm.dims<L>>)
      final(tensor<f32>, tensor<f32>) stacked(tensor<?xf32, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>, %ac: tensor<f32>, %h: tensor<f32>, %x: tensor<f32>, %y: tensor<f32>):
    %0 = ssm.map mul(%ac, %h) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %1 = ssm.map mul(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %2 = ssm.map add(%0, %1) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    ssm.yield %ac, %2, %x : tensor<f32>, tensor<f32>, tensor<f32>
  }
  // CHECK: return %[[A]], %[[LAST]], %[[U]]
  return %ka, %last, %same : tensor<f32>, tensor<f32>, tensor<?xf32, #ssm.dims<L>>
}

// A carry that only feeds itself goes, one that another needs stays.
// CHECK-LABEL: func.func @dead(
func.func @dead(%a: tensor<f32>, %u: tensor<?xf32, #ssm.dims<L>>) -> tensor<f32> {
  // CHECK: ssm.scan "L" init(%{{.*}}, %{{.*}} : tensor<f32>, tensor<f32>) over() final(tensor<f32>, tensor<f32>) {
  // CHECK-NOT: ssm.map mul
  // CHECK: ssm.yield %{{.*}}, %{{.*}} : tensor<f32>, tensor<f32>
  %0, %1, %2, %3 = ssm.scan "L" init(%a, %a, %a : tensor<f32>, tensor<f32>, tensor<f32>) over(%u : tensor<?xf32, #ssm.dims<L>>)
      final(tensor<f32>, tensor<f32>, tensor<f32>) stacked(tensor<?xf32, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>, %x: tensor<f32>, %y: tensor<f32>, %z: tensor<f32>, %ul: tensor<f32>):
    %4 = ssm.map mul(%x, %ul) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %5 = ssm.map exp(%y) : (tensor<f32>) -> tensor<f32>
    %6 = ssm.map sub(%z, %5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    ssm.yield %4, %5, %6, %4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  }
  return %2 : tensor<f32>
}

// A body that may fail the call stays.
// CHECK-LABEL: func.func @checked(
func.func @checked(%a: tensor<f32>) {
  // CHECK: ssm.scan
  // CHECK: ssm.check
  %0 = ssm.scan "L" init(%a : tensor<f32>) over() final(tensor<f32>) {
  ^bb0(%l: tensor<i64>, %x: tensor<f32>):
    %1 = ssm.map lt(%x, %a) : (tensor<f32>, tensor<f32>) -> tensor<i1>
    ssm.check %1, "grows"
    %2 = ssm.map exp(%x) : (tensor<f32>) -> tensor<f32>
    ssm.yield %2 : tensor<f32>
  }
  return
}
