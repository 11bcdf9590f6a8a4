// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{rows of 96 bytes do not divide into panels of 128 bytes}}
func.func @f(%a: !tile.smem<64x48xbf16, sw128>) { return }

// -----

// expected-error @+1 {{a swizzled tile has a multiple of 8 rows, not 12}}
func.func @f(%a: !tile.smem<12x64xbf16, sw128>) { return }

// -----

// expected-error @+1 {{only a tile of rows and columns can be swizzled}}
func.func @f(%a: !tile.smem<64xbf16, sw128>) { return }

// -----

// expected-error @+1 {{a view of 64 rows of panels of 32 rows}}
func.func @f(%a: !tile.smem<64x64xbf16, sw128, rows = 32>) { return }

// -----

// expected-error @+1 {{expected sw32, sw64 or sw128}}
func.func @f(%a: !tile.smem<64x64xbf16, sw16>) { return }

// -----

// expected-error @+1 {{a shared buffer holds elements of whole bytes, not 'i1'}}
func.func @f(%a: !tile.smem<64xi1>) { return }

// -----

// expected-error @+1 {{two parts of a ring are called 'a'}}
func.func @f(%a: !tile.ring<2, a: 4xi32, a: 4xi32>) { return }

// -----

// expected-error @+1 {{a ring has at least one slot}}
func.func @f(%a: !tile.ring<0, a: 4xi32>) { return }

// -----

// expected-error @+1 {{a box is 1 to 256 elements along each dimension, not 512}}
func.func @f(%a: !tile.map<bf16, 64x512, sw128>) { return }

// -----

// expected-error @+1 {{a tensor map has one to five dimensions, not 6}}
func.func @f(%a: !tile.map<bf16, 8x1x1x1x1x1>) { return }

// -----

// expected-error @+1 {{a box's rows are multiples of 16 bytes, not 8}}
func.func @f(%a: !tile.map<bf16, 4x8>) { return }

// -----

// expected-error @+1 {{a box's rows of 256 bytes do not fit a swizzle of 128 bytes}}
func.func @f(%a: !tile.map<bf16, 128x64, sw128>) { return }

// -----

// expected-error @+1 {{a global view's vectors are a power of two of elements, 16 bytes at most}}
func.func @f(%a: !tile.global<bf16, 2, 16>) { return }

// -----

// expected-error @+1 {{two or more take turns, not 1}}
func.func @f(%a: !tile.turns<1>) { return }

// -----

// expected-error @+1 {{a product in flight is an f32 tile of rows and columns with layout #tile.acc}}
func.func @f(%a: !tile.flight<tensor<64x64xf32, #tile.lanes<32, 2>>>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.acc has a multiple of 16 rows, not 8}}
func.func @f(%a: tensor<8x64xf32, #tile.acc>) { return }

// -----

// expected-error @+1 {{a tile's elements are f32, i32, bf16, f16 or i1, not 'f64'}}
func.func @f(%a: tensor<64x64xf64, #tile.acc>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.part has 4 columns, one a lane of the quad, not 8}}
func.func @f(%a: tensor<64x8xf32, #tile.part>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.row holds 32-bit values, not 'bf16'}}
func.func @f(%a: tensor<64xbf16, #tile.row>) { return }

// -----

// expected-error @+1 {{a row's parent is #tile.acc or #tile.lanes, not #tile.col}}
func.func @f(%a: tensor<64xf32, #tile.row<#tile.col>>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.quad holds 16-bit elements, not 'f32'; 32-bit ones are stored from #tile.acc as they are}}
func.func @f(%a: tensor<64x64xf32, #tile.quad>) { return }

// -----

// expected-error @+1 {{the threads that share a row are a power of two up to 128, not 48}}
func.func @f(%a: tensor<96xf32, #tile.lanes<48, 2>>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.lanes has a multiple of 256 columns (threads of a row times vector), not 128}}
func.func @f(%a: tensor<128xf32, #tile.lanes<32, 8>>) { return }

// -----

// expected-error @+1 {{16-bit elements are held in pairs}}
func.func @f(%a: tensor<128xbf16, #tile.lanes<32, 1>>) { return }

// -----

// expected-error @+1 {{a tile with layout #tile.opb holds bf16 or f16, not 'f32'}}
func.func @f(%a: tensor<16x8xf32, #tile.opb>) { return }
