// RUN: %ssm-opt %s | %ssm-opt | FileCheck %s

// Products and what happens within a tile.
!S = tensor<64x128xf32, #tile.acc>
!P = tensor<64x128xbf16, #tile.acc>
!O = tensor<64x64xf32, #tile.acc>
!h = tensor<64x64xbf16, #tile.acc>
!t = tensor<64x4xf32, #tile.part>
!r = tensor<64xf32, #tile.row>
!v = tensor<128xf32, #tile.lanes<32, 2>>
!w = tensor<2x1024xf32, #tile.lanes<128, 8>>
!A = !tile.smem<64x64xbf16, sw128>
!B = !tile.smem<128x64xbf16, sw128>
// CHECK: #[[SET:.*]] = affine_set<(d0, d1)[s0] : (d0 + s0 - d1 >= 0)>
#causal = affine_set<(r, c)[row] : (r + row - c >= 0)>
// CHECK-LABEL: func.func @shapes
func.func @shapes(%a: !A, %b: !B, %x: !v, %y: !w, %u: !tile.smem<8xf32>, %n: index, %p: i1, %f: f32, %o: !O) {
  // CHECK: tile.mma %{{.*}}, %{{.*}} tb : !tile.smem<64x64xbf16, sw128>, <128x64xbf16, sw128> -> <tensor<64x128xf32, #tile.acc>>
  %sf = tile.mma %a, %b tb : !A, !B -> !tile.flight<!S>
  // CHECK: tile.land 0(%{{.*}}) : !tile.flight<tensor<64x128xf32, #tile.acc>>
  %s = tile.land 0 (%sf) : !tile.flight<!S>
  // CHECK: tile.mask %{{.*}} in #[[SET]][%{{.*}}] else %{{.*}} if(%{{.*}}) : tensor<64x128xf32, #tile.acc>
  %m = tile.mask %s in #causal[%n] else %f if(%p) : !S
  // CHECK: tile.fold maxnumf %{{.*}} : tensor<64x128xf32, #tile.acc> -> tensor<64x4xf32, #tile.part>
  %t0 = tile.fold maxnumf %m : !S -> !t
  // CHECK: tile.fold maxnumf %{{.*}} init(%{{.*}}) :
  %t1 = tile.fold maxnumf %m init(%t0) : !S -> !t
  // CHECK: tile.pin %{{.*}} for ptxas : tensor<64x4xf32, #tile.part>
  %t2 = tile.pin %t1 for ptxas : !t
  // CHECK: tile.reduce maxnumf %{{.*}} : tensor<64x4xf32, #tile.part> -> tensor<64xf32, #tile.row>
  %r = tile.reduce maxnumf %t2 : !t -> !r
  // CHECK: tile.broadcast %{{.*}} : tensor<64xf32, #tile.row> to tensor<64x128xf32, #tile.acc>
  %rb = tile.broadcast %r : !r to !S
  %e = arith.subf %m, %rb : !S
  %h = arith.truncf %e : !S to !P
  // CHECK: tile.mma %{{.*}}, %{{.*}} acc(%{{.*}} : tensor<64x64xf32, #tile.acc>) unless(%{{.*}}) : tensor<64x128xbf16, #tile.acc>, <128x64xbf16, sw128> -> <tensor<64x64xf32, #tile.acc>>
  %of = tile.mma %h, %b acc(%o : !O) unless(%p) : !P, !B -> !tile.flight<!O>
  // CHECK: tile.retire 1
  tile.retire 1
  %o1 = tile.land 0 (%of) : !tile.flight<!O>
  %oh = arith.truncf %o1 : !O to !h
  // CHECK: tile.convert %{{.*}} : tensor<64x64xbf16, #tile.acc> to tensor<64x64xbf16, #tile.quad>
  %q = tile.convert %oh : !h to tensor<64x64xbf16, #tile.quad>
  // CHECK: tile.scan addf %{{.*}} within 64 reverse : tensor<128xf32, #tile.lanes<32, 2>>
  %l = tile.scan addf %x within 64 reverse : !v
  // CHECK: tile.scan addf %{{.*}} scale(%{{.*}}) : tensor<128xf32, #tile.lanes<32, 2>>
  %l2 = tile.scan addf %x scale(%l) : !v
  // CHECK: tile.gather %{{.*}} by
  %g = tile.gather %l by affine_map<(i) -> (i floordiv 64 * 64 + 63)> : !v
  // CHECK: tile.reduce addf %{{.*}} via(%{{.*}} : !tile.smem<8xf32>) : tensor<2x1024xf32, #tile.lanes<128, 8>> -> tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>
  %d = tile.reduce addf %y via(%u : !tile.smem<8xf32>) : !w -> tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>
  // CHECK: tile.slice %{{.*}}[0, %{{.*}}] : tensor<64x128xf32, #tile.acc> to tensor<64x64xf32, #tile.acc>
  %part = tile.slice %e[0, %n] : !S to !O
  // CHECK: tile.insert %{{.*}}, %{{.*}}[0, 64] : tensor<64x64xf32, #tile.acc> into tensor<64x128xf32, #tile.acc>
  %back = tile.insert %part, %e[0, 64] : !O into !S
  // CHECK: tile.iota 1 : tensor<64x128xi32, #tile.acc>
  %i = tile.iota 1 : tensor<64x128xi32, #tile.acc>
  return
}
