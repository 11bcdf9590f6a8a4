// RUN: %ssm-opt %s --ssm-fuse | FileCheck %s
// RUN: %ssm-opt %s --ssm-fuse 2>&1 | FileCheck %s --check-prefix=WHY

// A kernel as long as the row: the runtime's; what computes its operands is a kernel of its own.
// CHECK-LABEL: func.func @long
// CHECK: %[[K:.*]] = ssm.kernel
// CHECK:   ssm.map exp
// CHECK: %[[Y:.*]] = ssm.conv causal %{{.*}} along "L", %[[K]] along "L" transformed
// CHECK: return %[[Y]]
// WHY: remark: a convolution by Fourier transforms of blocks, not tap by tap: {{.*}} ms against {{.*}} ms{{$}}
!u = tensor<?x4096xf32, #ssm.dims<B, L>>
!k = tensor<4096xf32, #ssm.dims<L>>
func.func @long(%u: !u, %k: !k) -> !u attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L = 4096>]} {
  %e = ssm.map exp(%k) : (!k) -> !k
  %0 = ssm.conv causal %u along "L", %e along "L" : !u, !k -> !u
  return %0 : !u
}

// Four taps: in a kernel, with what follows.
// CHECK-LABEL: func.func @short
// CHECK: ssm.kernel
// CHECK:   ssm.conv causal %{{.*}} along "L", %{{.*}} along "K" :
// CHECK:   ssm.map sigmoid
// WHY: remark: a convolution tap by tap, not by Fourier transforms of blocks: {{.*}} ms against {{.*}} ms{{$}}
!w = tensor<4xf32, #ssm.dims<K>>
func.func @short(%u: !u, %w: !w) -> !u attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L = 4096>, #ssm.dim<K = 4>]} {
  %0 = ssm.conv causal %u along "L", %w along "K" : !u, !w -> !u
  %1 = ssm.map sigmoid(%0) : (!u) -> !u
  return %1 : !u
}

// What is computed for it would be made anew at every tap: a kernel before it.
// CHECK-LABEL: func.func @costly
// CHECK: ssm.kernel
// CHECK:   ssm.map tanh
// CHECK: ssm.kernel
// CHECK:   ssm.conv same
!t = tensor<16xf32, #ssm.dims<K>>
func.func @costly(%u: !u, %w: !t) -> !u attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L = 4096>, #ssm.dim<K = 16>]} {
  %0 = ssm.map tanh(%u) : (!u) -> !u
  %1 = ssm.conv same %0 along "L", %w along "K" : !u, !t -> !u
  return %1 : !u
}

// One after the other: the second reads what the first made at every tap.
// CHECK-LABEL: func.func @two
// CHECK-COUNT-2: ssm.kernel
// WHY: remark: not fused, {{.*}}: a convolution reads it along 'L' at every tap
func.func @two(%u: !u, %w: !w) -> !u attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L = 4096>, #ssm.dim<K = 4>]} {
  %0 = ssm.conv causal %u along "L", %w along "K" : !u, !w -> !u
  %1 = ssm.conv causal %0 along "L", %w along "K" : !u, !w -> !u
  return %1 : !u
}

// An open length is long, an open number of taps short.
// CHECK-LABEL: func.func @open
// CHECK: ssm.conv anticausal %{{.*}} along "L", %{{.*}} along "L" transformed
// CHECK: ssm.conv causal %{{.*}} along "L", %{{.*}} along "K" :
// WHY: remark: a convolution tap by tap, {{.*}}; 'K' is open and taken for 64
!uo = tensor<?x?xf32, #ssm.dims<B, L>>
!ko = tensor<?xf32, #ssm.dims<L>>
!wo = tensor<?xf32, #ssm.dims<K>>
func.func @open(%u: !uo, %k: !ko, %w: !wo) -> !uo attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<K>]} {
  %0 = ssm.conv anticausal %u along "L", %k along "L" : !uo, !ko -> !uo
  %1 = ssm.conv causal %0 along "L", %w along "K" : !uo, !wo -> !uo
  return %1 : !uo
}
