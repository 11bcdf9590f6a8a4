// RUN: %ssm-opt %s --split-input-file --ssm-fuse --verify-diagnostics | FileCheck %s

// Two scans wait for the transform, which waits for the sum: the third, which needs both, may not
// take the sum into its kernel.
// CHECK-LABEL: func.func @around
// CHECK: ssm.kernel "around.0"
// CHECK: ssm.fft irfft
// CHECK: ssm.kernel "around.1"
// CHECK-COUNT-2: ssm.scan "L"
// CHECK: ssm.kernel "around.2"
// CHECK: ssm.scan "L"
!x = tensor<?x?xf32, #ssm.dims<B, L>>
!b = tensor<?xf32, #ssm.dims<B>>
!k = tensor<?xcomplex<f32>, #ssm.dims<K>>
func.func @around(%x: !x, %z: !x) -> (!x, !x) attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<K>]} {
  // expected-remark @below {{something that must run between them would be cut off}}
  %p = ssm.reduce add %x over ["L"] : !x -> !b
  // expected-remark @below {{a Fourier transform, not a product with its matrix}}
  %k = ssm.fft rfft %p "B" to "K" : !b -> !k
  // expected-remark @below {{a Fourier transform, not a product with its matrix}}
  %o = ssm.fft irfft %k "K" to "B" : !k -> !b
  // expected-remark @below {{what comes of it along 'L' is read elsewhere than where it is made}}
  %q1 = ssm.cumulate add %z along "L" : !x
  %a = ssm.map add(%q1, %o) : (!x, !b) -> !x
  %q2 = ssm.cumulate max %a along "L" : !x
  %one = arith.constant dense<1> : tensor<i64>
  %s = ssm.shift %q1 along "L" by %one : !x
  %c = ssm.map add(%s, %p) : (!x, !b) -> !x
  // expected-note @below {{needed here}}
  %t = ssm.cumulate add %c along "L" : !x
  return %q2, %t : !x, !x
}

// -----

// The sum with the transform is not handed on by the first kernel, which the transform waits for.
// CHECK-LABEL: func.func @waiting
// CHECK: ssm.kernel "waiting.0"
// CHECK: ssm.fft irfft
// CHECK: ssm.kernel "waiting.1"
// CHECK: ssm.map add
// CHECK: ssm.shift
!x = tensor<?x?xf32, #ssm.dims<B, L>>
!k = tensor<?x?xcomplex<f32>, #ssm.dims<K, L>>
func.func @waiting(%x: !x) -> !x attributes {ssm.dims = [#ssm.dim<B>, #ssm.dim<L>, #ssm.dim<K>]} {
  %b = ssm.cumulate add %x along "L" : !x
  // expected-remark @below {{something that must run between them would be cut off}}
  %a = ssm.cumulate max %b along "L" : !x
  // expected-remark @below {{a Fourier transform, not a product with its matrix}}
  %k = ssm.fft rfft %b "B" to "K" : !x -> !k
  // expected-remark @below {{a Fourier transform, not a product with its matrix}}
  %o = ssm.fft irfft %k "K" to "B" : !k -> !x
  %g = ssm.map add(%a, %o) : (!x, !x) -> !x
  %one = arith.constant dense<1> : tensor<i64>
  %s = ssm.shift %g along "L" by %one : !x
  // expected-note @below {{needed here}}
  %t = ssm.cumulate add %s along "L" : !x
  return %t : !x
}
