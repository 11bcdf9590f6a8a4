// RUN: %ssm-opt %s --ssm-launch-plans -o %t && %python %S/Inputs/plan.py %t | FileCheck %s

!x = tensor<?x?xbf16, #ssm.dims<M, K>>
!map = !tile.map<bf16, 64x128, sw128>
!view = !tile.global<bf16, 2, 8>
tile.kernel @k(%m: !map, %y: !view, %c: !tile.global<i32, 0>, %n: index, %f: f32, %i: f32) cluster(2, 1, 1)
    attributes {threads = 384 : i64, smem = 196736 : i64} {
}

// The launch in the order of the machine parameters; memory that is not returned is a workspace.
// CHECK: "target": "sm_90a"
// CHECK: "workspaces": [{"bytes": 4, "name": "w0", "zero": "once"}, {"bytes": ["mul", ["mul", 4, ["ceildiv", "M", 64]], 128], "name": "w1"}]
// CHECK: "kernel": "k", "module": 0, "grid": {{\[\[}}"min", "%sms", ["ceildiv", "M", 128]], 1, 1], "block": [384, 1, 1], "cluster": [2, 1, 1], "smem": 196736
// CHECK: {"box": [64, 128], "dims": ["K", "M"], "dtype": "bf16", "l2": 128, "map": {"argument": "x"}, "offset": ["mul", 2, ["mul", "K", 64]], "strides": {{\[\[}}"mul", 2, "K"]], "swizzle": 128}
// The view promises vectors of 8: what is open is left to the launch.
// CHECK: {"align": 16, "extent": ["mul", 2, {{.*}}], "pointer": {"result": "y"}}
// CHECK: {"i32": "M"}
// CHECK: {"i32": "K"}
// CHECK: {"i64": "K"}
// CHECK: {"extent": 4, "pointer": {"workspace": "w0"}}
// CHECK: {"i32": ["ceildiv", "M", 64]}
// CHECK: {"f32": 0.5}
// CHECK: {"f32": "-inf"}
// CHECK: requires [{"multiple": 8, "of": {"result": "y"}, "size": "K"}]
func.func @forward(%x: !x {ssm.name = "x", ssm.role = #ssm.role<input>}) -> (!x {ssm.name = "y", ssm.role = #ssm.role<output>})
    attributes {ssm.dims = [#ssm.dim<M>, #ssm.dim<K>]} {
  %y = tile.alloc : !x
  %c = tile.alloc init(zero_once) : tensor<i32>
  %w = tile.alloc sizes [ceildiv(M, 64), 128] : tensor<?x128xf32>
  %m = tile.tensor_map %x offset mul(K, 64) dims [K, M] strides [K] : !x -> !map
  %v = tile.global_view %y sizes [M, K] strides [K, 1] : !x -> !view
  %ctr = tile.global_view %c sizes [] strides [] : tensor<i32> -> !tile.global<i32, 0>
  %n = tile.size ceildiv(M, 64)
  %f = arith.constant 0.5 : f32
  %i = arith.constant 0xFF800000 : f32
  tile.launch @k grid [min("%sms", ceildiv(M, 128)), 1, 1] (%m, %v, %ctr, %n, %f, %i) : !map, !view, !tile.global<i32, 0>, index, f32, f32
  return %y : !x
}

// What may be left out is a null pointer; a result that must be zero is cleared.
// CHECK: "target": "sm_90a", "clear": [{"result": "z"}]
// CHECK: {"extent": {{.*}}, "optional": true, "pointer": {"argument": "s"}}
// CHECK: {"extent": {{.*}}, "pointer": {"result": "z"}}
tile.kernel @add(%s: !tile.global<f32, 1>, %z: !tile.global<f32, 1>) attributes {threads = 128 : i64, smem = 0 : i64} {
}
!f = tensor<?xf32, #ssm.dims<L>>
func.func @step(%s: !f {ssm.name = "s", ssm.role = #ssm.role<state>, ssm.optional}) -> (!f {ssm.name = "z", ssm.role = #ssm.role<state>})
    attributes {ssm.dims = [#ssm.dim<L>]} {
  %z = tile.alloc init(zero) : !f
  %a = tile.global_view %s sizes [L] strides [1] : !f -> !tile.global<f32, 1>
  %b = tile.global_view %z sizes [L] strides [1] : !f -> !tile.global<f32, 1>
  tile.launch @add grid [1, 1, 1] (%a, %b) : !tile.global<f32, 1>, !tile.global<f32, 1>
  return %z : !f
}

// Copies that round.
// CHECK: "dtype": "tf32"
tile.kernel @rounded(%m: !tile.map<f32, 32, sw128>) attributes {threads = 128 : i64, smem = 0 : i64} {
}
func.func @other(%s: !f {ssm.name = "s", ssm.role = #ssm.role<input>}) attributes {ssm.dims = [#ssm.dim<L>]} {
  %m = tile.tensor_map %s dims [L] strides [] tf32 : !f -> !tile.map<f32, 32, sw128>
  tile.launch @rounded grid [1, 1, 1] (%m) : !tile.map<f32, 32, sw128>
  return
}
