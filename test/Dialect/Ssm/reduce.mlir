// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: func.func @reductions
func.func @reductions(%s: tensor<?x?xf32, #ssm.dims<L, M>>) {
  // CHECK: ssm.reduce max %{{.*}} over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  %0 = ssm.reduce max %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xf32, #ssm.dims<L>>
  // CHECK: ssm.reduce logsumexp %{{.*}} over ["M", "L"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<f32>
  %1 = ssm.reduce logsumexp %s over ["M", "L"] : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<f32>
  // CHECK: ssm.argmax %{{.*}} over "M" : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xi64, #ssm.dims<L>>
  %2 = ssm.argmax %s over "M" : tensor<?x?xf32, #ssm.dims<L, M>> -> tensor<?xi64, #ssm.dims<L>>
  // CHECK: ssm.softmax %{{.*}} over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
  %3 = ssm.softmax %s over ["M"] : tensor<?x?xf32, #ssm.dims<L, M>>
  // CHECK: ssm.cumulate mul %{{.*}} along "L" : tensor<?x?xf32, #ssm.dims<L, M>>
  %4 = ssm.cumulate mul %s along "L" : tensor<?x?xf32, #ssm.dims<L, M>>
  return
}

// CHECK-LABEL: func.func @contract
func.func @contract(%q: tensor<?x64xbf16, #ssm.dims<L, D>>, %k: tensor<?x64xf32, #ssm.dims<M, D>>) {
  // CHECK: ssm.contract(%{{.*}}, %{{.*}}) over ["D"] : (tensor<?x64xbf16, #ssm.dims<L, D>>, tensor<?x64xf32, #ssm.dims<M, D>>) -> tensor<?x?xf32, #ssm.dims<L, M>>
  %0 = ssm.contract(%q, %k) over ["D"] : (tensor<?x64xbf16, #ssm.dims<L, D>>, tensor<?x64xf32, #ssm.dims<M, D>>)
         -> tensor<?x?xf32, #ssm.dims<L, M>>
  return
}
