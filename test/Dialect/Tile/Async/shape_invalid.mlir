// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

!S = tensor<64x64xf32, #tile.acc>
func.func @fold(%s: tensor<128xf32, #tile.lanes<32, 4>>) {
  // expected-error @+1 {{folds the columns of a tile with layout #tile.acc}}
  %t = tile.fold addf %s : tensor<128xf32, #tile.lanes<32, 4>> -> tensor<64x4xf32, #tile.part>
  return
}

// -----

!S = tensor<64x64xi32, #tile.acc>
func.func @kind(%s: !S) {
  // expected-error @+1 {{addf combines f32, not 'i32'}}
  %t = tile.fold addf %s : !S -> tensor<64x4xi32, #tile.part>
  return
}

// -----

!w = tensor<2x1024xf32, #tile.lanes<128, 8>>
func.func @via_missing(%s: !w) {
  // expected-error @+1 {{crosses warps, so it goes through a scratch buffer (via)}}
  %t = tile.reduce addf %s : !w -> tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>
  return
}

// -----

!t = tensor<64x4xf32, #tile.part>
func.func @via_needless(%s: !t, %u: !tile.smem<256xf32>) {
  // expected-error @+1 {{stays inside a warp: it needs no scratch buffer}}
  %t = tile.reduce addf %s via(%u : !tile.smem<256xf32>) : !t -> tensor<64xf32, #tile.row>
  return
}

// -----

!w = tensor<2x1024xf32, #tile.lanes<128, 8>>
func.func @via_small(%s: !w, %u: !tile.smem<4xf32>) {
  // expected-error @+1 {{needs a plain scratch buffer of 8 'f32', one a warp and result}}
  %t = tile.reduce addf %s via(%u : !tile.smem<4xf32>) : !w -> tensor<2xf32, #tile.row<#tile.lanes<128, 8>>>
  return
}

// -----

!t = tensor<64x4xf32, #tile.part>
func.func @reduce_result(%s: !t) {
  // expected-error @+1 {{gives 'tensor<64xf32, #tile.row>' of 'tensor<64x4xf32, #tile.part>', not 'tensor<32xf32, #tile.row>'}}
  %t = tile.reduce addf %s : !t -> tensor<32xf32, #tile.row>
  return
}

// -----

func.func @scan_layout(%s: tensor<64x64xf32, #tile.acc>) {
  // expected-error @+1 {{scans a tile with layout #tile.lanes}}
  %t = tile.scan addf %s : tensor<64x64xf32, #tile.acc>
  return
}

// -----

!w = tensor<1024xf32, #tile.lanes<128, 8>>
func.func @scan_width(%s: !w) {
  // expected-error @+1 {{scans within a warp; rows of 128 threads cross warps}}
  %t = tile.scan addf %s : !w
  return
}

// -----

!v = tensor<128xf32, #tile.lanes<32, 4>>
func.func @scan_within(%s: !v) {
  // expected-error @+1 {{restarts every 48 of 128 elements, which does not divide}}
  %t = tile.scan addf %s within 48 : !v
  return
}

// -----

!v = tensor<128xf32, #tile.lanes<32, 4>>
func.func @scan_scale(%s: !v) {
  // expected-error @+1 {{with factors it is h = a h + x, so addf}}
  %t = tile.scan maxnumf %s scale(%s) : !v
  return
}

// -----

!v = tensor<128xf32, #tile.lanes<32, 4>>
func.func @gather(%s: !v) {
  // expected-error @+1 {{register 0 would read registers 0 and 2, depending on the thread}}
  %t = tile.gather %s by affine_map<(i) -> (i floordiv 8 * 2)> : !v
  return
}

// -----

!v = tensor<128xf32, #tile.lanes<32, 4>>
func.func @gather_outside(%s: !v) {
  // expected-error @+1 {{element 127 would take element 128 of 128}}
  %t = tile.gather %s by affine_map<(i) -> (i + 1)> : !v
  return
}

// -----

func.func @broadcast(%s: tensor<64xf32, #tile.row>) {
  // expected-error @+1 {{a row of #tile.acc is replicated in a tile of that layout or #tile.part, not #tile.lanes<32, 2>}}
  %t = tile.broadcast %s : tensor<64xf32, #tile.row> to tensor<64x64xf32, #tile.lanes<32, 2>>
  return
}

// -----

func.func @broadcast_size(%s: tensor<64xf32, #tile.col>) {
  // expected-error @+1 {{does not fit the rows and columns of 'tensor<64x128xf32, #tile.acc>'}}
  %t = tile.broadcast %s : tensor<64xf32, #tile.col> to tensor<64x128xf32, #tile.acc>
  return
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @slice(%s: !S) {
  // expected-error @+1 {{parts come in multiples of 8 (what a register of all threads covers)}}
  %t = tile.slice %s[0, 4] : !S to tensor<64x16xf32, #tile.acc>
  return
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @slice_outside(%s: !S) {
  // expected-error @+1 {{leaves the tile along dimension 1 of 64}}
  %t = tile.slice %s[0, 56] : !S to tensor<64x16xf32, #tile.acc>
  return
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @insert(%s: !S, %p: tensor<64x16xf32, #tile.acc>) {
  // expected-error @+1 {{parts come in multiples of 8 (what a register of all threads covers)}}
  %t = tile.insert %p, %s[0, 12] : tensor<64x16xf32, #tile.acc> into !S
  return
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @mask_dims(%s: !S, %f: f32) {
  // expected-error @+1 {{the set has 1 dimensions; positions in 'tensor<64x64xf32, #tile.acc>' have 2}}
  %t = tile.mask %s in affine_set<(i) : (i >= 0)>[] else %f : !S
  return
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @mask_symbols(%s: !S, %f: f32) {
  // expected-error @+1 {{gives 0 of the set's 1 symbols}}
  %t = tile.mask %s in affine_set<(r, c)[n] : (n - c >= 0)>[] else %f : !S
  return
}

// -----

!t = tensor<64x4xf32, #tile.part>
func.func @mask_part(%s: !t, %f: f32) {
  // expected-error @+1 {{a column of #tile.part stands for many: mask the tile that it came from}}
  %t = tile.mask %s in affine_set<(r, c) : (c >= 1)>[] else %f : !t
  return
}

// -----

func.func @iota() {
  // expected-error @+1 {{gives i32, not 'f32'}}
  %t = tile.iota 0 : tensor<64x64xf32, #tile.acc>
  return
}

// -----

tile.kernel @any(%x: !tile.global<i32, 2>, %s: i32) {
  tile.role @a group {
    %t = tile.broadcast %s : i32 to tensor<64x64xi32, #tile.acc>
    %g = arith.cmpi eq, %t, %t : tensor<64x64xi32, #tile.acc>
    // expected-error @+1 {{is a warp's vote: in a warp role or tile.per_warp}}
    %a = tile.any %g : tensor<64x64xi1, #tile.acc>
  }
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @convert(%s: !S) {
  // expected-error @+1 {{no registers and shuffles of a quad take #tile.acc to #tile.lanes<32, 2>: store the tile to a shared buffer and load it from there}}
  %t = tile.convert %s : !S to tensor<64x64xf32, #tile.lanes<32, 2>>
  return
}
