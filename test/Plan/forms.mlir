// RUN: %ssm-opt %s --split-input-file --ssm-plan 2>&1 | FileCheck %s

// Filters that are constant in time are convolved by chunks, with one kernel a head: the batch is walked under it.
// CHECK: remark: bank: toeplitz, own [h : 1] step [b : 1, L : {{[0-9]+}}] sub
// CHECK: ssm.kernel "bank"({{.*}}) plan <form = toeplitz, own = [h : 1], step = [b : 1, L : [[L:.*]]], sub = {{.*}}>
!x = tensor<?x?x?xf32, #ssm.dims<b, h, L>>
!a = tensor<?x32xcomplex<f32>, #ssm.dims<h, n>>
!s = tensor<?x?x32xcomplex<f32>, #ssm.dims<b, h, n>>
!c = tensor<?x?x?xcomplex<f32>, #ssm.dims<b, h, L>>
func.func @forward(%u: !x, %a: !a, %b: !a, %c: !a, %s0: !s) -> !x attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 32>]} {
  %0 = ssm.kernel "bank"(%u, %a, %b, %c, %s0) : (!x, !a, !a, !a, !s) -> !x {
  ^bb0(%v: !x, %d: !a, %e: !a, %f: !a, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !s) log_decay(%d : !a) input(%e, %v : !a, !x) read((%f) over ["n"] : !a)
      forms([#ssm.form<sequential>]) -> !s, !c
    %r = ssm.map re(%y) : (!c) -> !x
    ssm.yield %r : !x
  }
  return %0 : !x
}

// -----

// A decay that varies in time has no kernel: with few values it goes step by step.
// CHECK: remark: few: sequential
!x = tensor<?x?xf32, #ssm.dims<h, L>>
!n = tensor<?x4xf32, #ssm.dims<L, n>>
!s = tensor<?x4xf32, #ssm.dims<h, n>>
func.func @forward(%u: !x, %a: !n, %c: !n, %s0: !s) -> !x attributes {ssm.dims = [#ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 4>]} {
  %0 = ssm.kernel "few"(%u, %a, %c, %s0) : (!x, !n, !n, !s) -> !x {
  ^bb0(%v: !x, %d: !n, %f: !n, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !s) log_decay(%d : !n) input(%v : !x) read((%f) over ["n"] : !n)
      forms([#ssm.form<sequential>, #ssm.form<chunk refused "the decay varies along n, which the read-out sums">]) -> !s, !x
    ssm.yield %y : !x
  }
  return %0 : !x
}

// -----

// Keys and values of many elements are multiplied by chunks; the values are walked, so that the scores are made once.
// CHECK: remark: outer: chunk, own [b : 1] step [{{.*}}p : 64
!k = tensor<?x?x512xf32, #ssm.dims<b, L, n>>
!v = tensor<?x?x512xf32, #ssm.dims<b, L, p>>
!s = tensor<?x512x512xf32, #ssm.dims<b, n, p>>
func.func @forward(%k: !k, %v: !v, %q: !k, %s0: !s) -> !v attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<L>, #ssm.dim<n = 512>, #ssm.dim<p = 512>]} {
  %0 = ssm.kernel "outer"(%k, %v, %q, %s0) : (!k, !v, !k, !s) -> !v {
  ^bb0(%a: !k, %c: !v, %d: !k, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !s) input(%a, %c : !k, !v) read((%d) over ["n"] : !k)
      forms([#ssm.form<sequential>, #ssm.form<chunk>]) -> !s, !v
    ssm.yield %y : !v
  }
  return %0 : !v
}

// -----

// So are those of a recurrence that runs from the end.
// CHECK: remark: back: chunk, own [b : 1] step [{{.*}}p : 64
!k = tensor<?x?x512xf32, #ssm.dims<b, L, n>>
!v = tensor<?x?x512xf32, #ssm.dims<b, L, p>>
!s = tensor<?x512x512xf32, #ssm.dims<b, n, p>>
func.func @forward(%k: !k, %v: !v, %q: !k, %s0: !s) -> !v attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<L>, #ssm.dim<n = 512>, #ssm.dim<p = 512>]} {
  %0 = ssm.kernel "back"(%k, %v, %q, %s0) : (!k, !v, !k, !s) -> !v {
  ^bb0(%a: !k, %c: !v, %d: !k, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" reverse init(%g : !s) input(%a, %c : !k, !v) read((%d) over ["n"] : !k)
      forms([#ssm.form<sequential>, #ssm.form<chunk>]) -> !s, !v
    ssm.yield %y : !v
  }
  return %0 : !v
}

// -----

// A decay along what the read-out sums: the keys of a short chunk decay each by itself, where the state is large enough to pay.
// CHECK: remark: gated: chunk, own [h : 1, p : 128] step [L : {{8|16}}]
// CHECK: remark: narrow: sequential, own [h : 1, o : 32]
!k = tensor<?x?x128xf32, #ssm.dims<L, h, n>>
!v = tensor<?x?x128xf32, #ssm.dims<L, h, p>>
!s = tensor<?x128x128xf32, #ssm.dims<h, n, p>>
!c = tensor<?x?x16xf32, #ssm.dims<L, h, m>>
!w = tensor<?x?x32xf32, #ssm.dims<L, h, o>>
!t = tensor<?x16x32xf32, #ssm.dims<h, m, o>>
func.func @forward(%e: !k, %k: !k, %v: !v, %q: !k, %s0: !s, %c: !c, %w: !w, %t0: !t) -> (!v, !w)
    attributes {ssm.dims = [#ssm.dim<L>, #ssm.dim<h>, #ssm.dim<n = 128>, #ssm.dim<p = 128>, #ssm.dim<m = 16>, #ssm.dim<o = 32>]} {
  %0 = ssm.kernel "gated"(%e, %k, %v, %q, %s0) : (!k, !k, !v, !k, !s) -> !v {
  ^bb0(%a: !k, %b: !k, %c1: !v, %d: !k, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !s) log_decay(%a : !k) input(%b, %c1 : !k, !v) read((%d) over ["n"] : !k)
      forms([#ssm.form<sequential>, #ssm.form<chunk_factored>]) -> !s, !v
    ssm.yield %y : !v
  }
  %1 = ssm.kernel "narrow"(%c, %w, %t0) : (!c, !w, !t) -> !w {
  ^bb0(%a: !c, %c1: !w, %g: !t):
    %last, %y = ssm.linear_recurrence real "L" init(%g : !t) log_decay(%a : !c) input(%a, %c1 : !c, !w) read((%a) over ["m"] : !c)
      forms([#ssm.form<sequential>, #ssm.form<chunk_factored>]) -> !t, !w
    ssm.yield %y : !w
  }
  return %0, %1 : !v, !w
}

// -----

// Nothing tells the tiles of a convolution apart but what is open: the batch, which may be one, is not what fills them.
// CHECK: remark: taps: direct, own [b : 1, L : {{[0-9]+}}, d : {{[0-9]+}}]
!x = tensor<?x?x?xf32, #ssm.dims<b, L, d>>
!k = tensor<?x64xf32, #ssm.dims<d, T>>
func.func @forward(%u: !x, %k: !k) -> !x attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<L>, #ssm.dim<d>, #ssm.dim<T = 64>]} {
  %0 = ssm.kernel "taps"(%u, %k) : (!x, !k) -> !x {
  ^bb0(%a: !x, %c: !k):
    %y = ssm.conv causal %a along "L", %c along "T" : !x, !k -> !x
    ssm.yield %y : !x
  }
  return %0 : !x
}

// -----

// And filters from the end.
// CHECK: remark: back: toeplitz, own [h : 1] step [b : 1, L : {{[0-9]+}}] sub
!x = tensor<?x?x?xf32, #ssm.dims<b, h, L>>
!a = tensor<?x32xf32, #ssm.dims<h, n>>
!s = tensor<?x?x32xf32, #ssm.dims<b, h, n>>
func.func @forward(%u: !x, %a: !a, %b: !a, %s0: !s) -> !x attributes {ssm.dims = [#ssm.dim<b>, #ssm.dim<h>, #ssm.dim<L>, #ssm.dim<n = 32>]} {
  %0 = ssm.kernel "back"(%u, %a, %b, %s0) : (!x, !a, !a, !s) -> !x {
  ^bb0(%v: !x, %d: !a, %e: !a, %g: !s):
    %last, %y = ssm.linear_recurrence real "L" reverse init(%g : !s) log_decay(%d : !a) input(%e, %v : !a, !x) read((%e) over ["n"] : !a)
      forms([#ssm.form<sequential>]) -> !s, !x
    ssm.yield %y : !x
  }
  return %0 : !x
}
