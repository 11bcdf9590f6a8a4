// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @names
func.func @names(%y: tensor<?x?xf32, #ssm.dims<L, B>>) {
  // CHECK: ssm.align %{{.*}} : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?x?xf32, #ssm.dims<B, L, H>>
  %0 = ssm.align %y : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?x?xf32, #ssm.dims<B, L, H>>
  // CHECK: ssm.rename %{{.*}} ["L", "B"] to ["B", "L"] : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?xf32, #ssm.dims<B, L>>
  %1 = ssm.rename %y ["L", "B"] to ["B", "L"] : tensor<?x?xf32, #ssm.dims<L, B>> -> tensor<?x?xf32, #ssm.dims<B, L>>
  return
}

// CHECK-LABEL: func.func @places
func.func @places(%x: tensor<?x?xf32, #ssm.dims<B, L>>, %i: tensor<i64>, %j: tensor<?xi64, #ssm.dims<L>>) {
  // CHECK: ssm.gather %{{.*}} at ["L"](%{{.*}}) : tensor<?x?xf32, #ssm.dims<B, L>>, (tensor<i64>) -> tensor<?xf32, #ssm.dims<B>>
  %0 = ssm.gather %x at ["L"] (%i) : tensor<?x?xf32, #ssm.dims<B, L>>, (tensor<i64>) -> tensor<?xf32, #ssm.dims<B>>
  // CHECK: ssm.gather %{{.*}} at ["B", "L"](%{{.*}}, %{{.*}}) : {{.*}} -> tensor<?xf32, #ssm.dims<L>>
  %1 = ssm.gather %x at ["B", "L"] (%j, %i) : tensor<?x?xf32, #ssm.dims<B, L>>, (tensor<?xi64, #ssm.dims<L>>, tensor<i64>) -> tensor<?xf32, #ssm.dims<L>>
  // CHECK: ssm.scatter_add %{{.*}} along "L" at %{{.*}} into "R" : tensor<?x?xf32, #ssm.dims<B, L>>, tensor<?xi64, #ssm.dims<L>> -> tensor<?x?xf32, #ssm.dims<B, R>>
  %2 = ssm.scatter_add %x along "L" at %j into "R" : tensor<?x?xf32, #ssm.dims<B, L>>, tensor<?xi64, #ssm.dims<L>> -> tensor<?x?xf32, #ssm.dims<B, R>>
  // CHECK: ssm.shift %{{.*}} along "L" by %{{.*}} : tensor<?x?xf32, #ssm.dims<B, L>>
  %3 = ssm.shift %x along "L" by %i : tensor<?x?xf32, #ssm.dims<B, L>>
  return
}

// CHECK-LABEL: func.func @pieces
func.func @pieces(%h: tensor<?x3xf32, #ssm.dims<B, K>>, %u: tensor<?x64xf32, #ssm.dims<B, L>>) {
  // CHECK: ssm.concat %{{.*}} along "K", %{{.*}} along "L" to "E" : tensor<?x3xf32, #ssm.dims<B, K>>, tensor<?x64xf32, #ssm.dims<B, L>> -> tensor<?x67xf32, #ssm.dims<B, E>>
  %0 = ssm.concat %h along "K", %u along "L" to "E" : tensor<?x3xf32, #ssm.dims<B, K>>, tensor<?x64xf32, #ssm.dims<B, L>> -> tensor<?x67xf32, #ssm.dims<B, E>>
  // CHECK: ssm.split %{{.*}} "L" into ["k", "p"] : tensor<?x64xf32, #ssm.dims<B, L>> -> tensor<?x8x8xf32, #ssm.dims<B, k, p>>
  %1 = ssm.split %u "L" into ["k", "p"] : tensor<?x64xf32, #ssm.dims<B, L>> -> tensor<?x8x8xf32, #ssm.dims<B, k, p>>
  // CHECK: ssm.join %{{.*}} ["p", "k"] into "L" : tensor<?x8x8xf32, #ssm.dims<B, k, p>> -> tensor<?x64xf32, #ssm.dims<B, L>>
  %2 = ssm.join %1 ["p", "k"] into "L" : tensor<?x8x8xf32, #ssm.dims<B, k, p>> -> tensor<?x64xf32, #ssm.dims<B, L>>
  return
}
