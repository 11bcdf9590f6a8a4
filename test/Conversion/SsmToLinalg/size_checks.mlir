// RUN: %ssm-opt %s --convert-ssm-to-linalg | FileCheck %s

// CHECK-DAG: global private constant @[[RENAME:.*]]("{{.*}}'L' of size %a cannot be renamed to 'M' of size %b\00")
// CHECK-DAG: global private constant @[[MODES:.*]]("{{.*}}modes.ssm{{.*}}'K' asks for %a modes, the transform over 'X' has %b\00")
// CHECK-DAG: global private constant @[[ARGMAX:.*]]("{{.*}}argmax over 'L', which has no elements\00")
// CHECK-DAG: global private constant @[[BLOCKS:.*]]("{{.*}}'I' of size %b is read as blocks of %a in all\00")

// All are asked before anything is read; the body runs where every one holds.
// CHECK-LABEL: func.func @several
// CHECK-SAME: %[[L:[^:]*]]: index, %[[M:[^:]*]]: index)
// CHECK: %[[FITS:.*]] = arith.cmpi eq, %[[L]], %[[M]]
// CHECK: llvm.mlir.addressof @[[RENAME]]
// CHECK: func.call @ssm_rt_fail
// CHECK: %[[SOME:.*]] = arith.cmpi ne, %[[L]], %c0
// CHECK: llvm.mlir.addressof @[[ARGMAX]]
// CHECK: %[[BOTH:.*]] = arith.andi %[[FITS]], %[[SOME]]
// CHECK: scf.if %[[BOTH]]
// CHECK:   bufferization.to_tensor
func.func @several(%x: tensor<?xf32, #ssm.dims<L>>) -> (tensor<?xf32, #ssm.dims<M>>, tensor<i64>)
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<M>]} {
  %0 = ssm.rename %x ["L"] to ["M"] : tensor<?xf32, #ssm.dims<L>> -> tensor<?xf32, #ssm.dims<M>>
  %1 = ssm.argmax %x over "L" : tensor<?xf32, #ssm.dims<L>> -> tensor<i64>
  return %0, %1 : tensor<?xf32, #ssm.dims<M>>, tensor<i64>
}

// n / 2 + 1 modes at most of n reals.
// CHECK-LABEL: func.func @modes
// CHECK-SAME: %[[X:[^:]*]]: index, %[[K:[^:]*]]: index)
// CHECK: %[[HALF:.*]] = arith.divui %[[X]], %c2
// CHECK: %[[MOST:.*]] = arith.addi %[[HALF]], %c1
// CHECK: arith.cmpi ule, %[[K]], %[[MOST]]
// CHECK: llvm.mlir.addressof @[[MODES]]
func.func @modes(%x: tensor<?xf32, #ssm.dims<X>>) -> tensor<?xcomplex<f32>, #ssm.dims<K>>
    attributes {ssm.dims = [#ssm.dim<X>, #ssm.dim<K>]} {
  %0 = ssm.fft rfft %x "X" to "K" : tensor<?xf32, #ssm.dims<X>> -> tensor<?xcomplex<f32>, #ssm.dims<K>> loc("modes.ssm":2:5)
  return %0 : tensor<?xcomplex<f32>, #ssm.dims<K>>
}

// All n of n complex numbers.
// CHECK-LABEL: func.func @back
// CHECK-SAME: %[[X:[^:]*]]: index, %[[K:[^:]*]]: index)
// CHECK-NOT: arith.divui
// CHECK: arith.cmpi ule, %[[K]], %[[X]]
func.func @back(%k: tensor<?xcomplex<f32>, #ssm.dims<K>>) -> tensor<?xcomplex<f32>, #ssm.dims<X>>
    attributes {ssm.dims = [#ssm.dim<X>, #ssm.dim<K>]} {
  %0 = ssm.fft ifft %k "K" to "X" : tensor<?xcomplex<f32>, #ssm.dims<K>> -> tensor<?xcomplex<f32>, #ssm.dims<X>>
  return %0 : tensor<?xcomplex<f32>, #ssm.dims<X>>
}

// CHECK-LABEL: func.func @blocks
// CHECK-SAME: %[[I:[^:]*]]: index, %[[K:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: %[[PRODUCT:.*]] = arith.muli %{{.*}}, %c8
// CHECK: arith.cmpi eq, %[[PRODUCT]], %[[I]]
// CHECK: llvm.mlir.addressof @[[BLOCKS]]
func.func @blocks(%x: tensor<?xf32, #ssm.dims<I>>) -> tensor<?x8xf32, #ssm.dims<k, p>>
    attributes {ssm.dims = [#ssm.dim<I>, #ssm.dim<k>, #ssm.dim<p = 8>]} {
  %0 = ssm.split %x "I" into ["k", "p"] : tensor<?xf32, #ssm.dims<I>> -> tensor<?x8xf32, #ssm.dims<k, p>>
  return %0 : tensor<?x8xf32, #ssm.dims<k, p>>
}

// What is known to fit is not asked.
// CHECK-LABEL: func.func @known
// CHECK-NOT: scf.if
// CHECK: return
func.func @known(%x: tensor<4xf32, #ssm.dims<L>>) -> tensor<4xf32, #ssm.dims<M>>
    attributes {ssm.dims = [#ssm.dim<L = 4>, #ssm.dim<M = 4>]} {
  %0 = ssm.rename %x ["L"] to ["M"] : tensor<4xf32, #ssm.dims<L>> -> tensor<4xf32, #ssm.dims<M>>
  return %0 : tensor<4xf32, #ssm.dims<M>>
}
