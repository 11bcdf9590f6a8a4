// Forms, decays and read-outs come back as they were written.
// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// CHECK-LABEL: @read
// CHECK: ssm.linear_recurrence{{ +}}real "L" init(%{{.*}} : tensor<4x8xf32, #ssm.dims<D, E>>) log_decay(%{{.*}} : tensor<?xf32, #ssm.dims<L>>) resets
// CHECK-SAME: input(%{{.*}}, %{{.*}} : tensor<?x4xf32, #ssm.dims<L, D>>, tensor<?x8xf32, #ssm.dims<L, E>>)
// CHECK-SAME: read((%{{.*}}) over ["D"], () over [] : tensor<?x4xf32, #ssm.dims<L, D>>)
// CHECK-SAME: forms([#ssm.form<sequential>, #ssm.form<chunk refused "the state itself is read">]) score_group(0)
func.func @read(%h: tensor<4x8xf32, #ssm.dims<D, E>>, %e: tensor<?xf32, #ssm.dims<L>>,
                %k: tensor<?x4xf32, #ssm.dims<L, D>>, %v: tensor<?x8xf32, #ssm.dims<L, E>>,
                %q: tensor<?x4xf32, #ssm.dims<L, D>>) -> tensor<?x8xf32, #ssm.dims<L, E>> {
  %last, %y, %all = ssm.linear_recurrence real "L" init(%h : tensor<4x8xf32, #ssm.dims<D, E>>)
    log_decay(%e : tensor<?xf32, #ssm.dims<L>>) resets
    input(%k, %v : tensor<?x4xf32, #ssm.dims<L, D>>, tensor<?x8xf32, #ssm.dims<L, E>>)
    read((%q) over ["D"], () over [] : tensor<?x4xf32, #ssm.dims<L, D>>)
    forms([#ssm.form<sequential>, #ssm.form<chunk refused "the state itself is read">]) score_group(0)
    -> tensor<4x8xf32, #ssm.dims<D, E>>, tensor<?x8xf32, #ssm.dims<L, E>>, tensor<?x4x8xf32, #ssm.dims<L, D, E>>
  return %y : tensor<?x8xf32, #ssm.dims<L, E>>
}

// A final state alone; the decay in (max, +) is what is added.
// CHECK-LABEL: @last
// CHECK: ssm.linear_recurrence{{ +}}max_plus "L" reverse init(%{{.*}}) decay(%{{.*}}) input(%{{.*}}) read() forms([])
func.func @last(%h: tensor<4xf32, #ssm.dims<D>>, %d: tensor<?xf32, #ssm.dims<L>>,
                %u: tensor<?x4xf32, #ssm.dims<L, D>>) -> tensor<4xf32, #ssm.dims<D>> {
  %last = ssm.linear_recurrence max_plus "L" reverse init(%h : tensor<4xf32, #ssm.dims<D>>)
    decay(%d : tensor<?xf32, #ssm.dims<L>>) input(%u : tensor<?x4xf32, #ssm.dims<L, D>>)
    read() forms([]) -> tensor<4xf32, #ssm.dims<D>>
  return %last : tensor<4xf32, #ssm.dims<D>>
}

// A complex state takes real factors.
// CHECK-LABEL: @complex
func.func @complex(%z: tensor<4xcomplex<f32>, #ssm.dims<N>>, %a: tensor<4xcomplex<f32>, #ssm.dims<N>>,
                   %u: tensor<?xf32, #ssm.dims<L>>, %c: tensor<4xf32, #ssm.dims<N>>) -> tensor<?xcomplex<f32>, #ssm.dims<L>> {
  %last, %y = ssm.linear_recurrence real "L" init(%z : tensor<4xcomplex<f32>, #ssm.dims<N>>)
    decay(%a : tensor<4xcomplex<f32>, #ssm.dims<N>>) input(%u : tensor<?xf32, #ssm.dims<L>>)
    read((%c) over ["N"] : tensor<4xf32, #ssm.dims<N>>) forms([])
    -> tensor<4xcomplex<f32>, #ssm.dims<N>>, tensor<?xcomplex<f32>, #ssm.dims<L>>
  return %y : tensor<?xcomplex<f32>, #ssm.dims<L>>
}
