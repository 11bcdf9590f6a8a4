// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{takes tensor maps, global views, index, i32 and f32, not 'f64'}}
tile.kernel @k(%a: f64) {
}

// -----

// expected-error @+1 {{a cluster has 16 CTAs at most, not 32}}
tile.kernel @k() cluster(8, 4, 1) {
}

// -----

// expected-error @+1 {{1 to 32 CTAs fit a multiprocessor, not 0}}
tile.kernel @k() ctas_per_sm(0) {
}

// -----

tile.kernel @k() {
  // expected-note @+1 {{the role}}
  tile.role @a thread {
  }
  // expected-error @+1 {{stands after a role: the prologue is what all threads run before they part}}
  %b = tile.buffer : !tile.smem<4xi32>
}

// -----

tile.kernel @k() {
  tile.role @a thread {
  }
  // expected-error @+1 {{the kernel has two roles of this name}}
  tile.role @a thread {
  }
}

// -----

tile.kernel @k() {
  // expected-error @+1 {{registers a thread are a multiple of 8 from 24 to 256, not 20}}
  tile.role @a group regs(20) {
  }
}

// -----

tile.kernel @k() {
  // expected-error @+1 {{has at least one instance, not 0}}
  tile.role @a group x 0 {
  }
}

// -----

tile.kernel @k() {
  // expected-error @+1 {{the block's one argument is the instance's number, an index}}
  tile.role @a group {
  ^bb0(%i: i32):
  }
}

// -----

tile.kernel @k() {
  tile.role @a warp {
    // expected-error @+1 {{takes the warps of a warpgroup apart; role @a is a warp}}
    tile.per_warp() : () -> () {
    ^bb0(%w: index):
    }
  }
}

// -----

!S = tensor<64x64xf32, #tile.acc>
func.func @f(%a: !S) {
  // expected-error @+1 {{a warp sees 'tensor<64x64xf32, #tile.acc>' as 'tensor<16x64xf32, #tile.acc>', not as 'tensor<64x64xf32, #tile.acc>'}}
  tile.per_warp(%a) : (!S) -> () {
  ^bb0(%w: index, %x: !S):
  }
  return
}

// -----

!v = tensor<128xf32, #tile.lanes<128, 1>>
func.func @f(%a: !v) {
  // expected-error @+1 {{cannot be taken apart into warps of 16 rows}}
  tile.per_warp(%a) : (!v) -> () {
  ^bb0(%w: index, %x: !v):
  }
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{a scalar that warps compute is no scalar of the warpgroup; its type is !tile.warps<'index'>}}
  %r = tile.per_warp() : () -> (index) {
  ^bb0(%w: index):
    tile.yield %w : index
  }
  return
}

// -----

func.func @f() {
  tile.per_warp() : () -> () {
  ^bb0(%w: index):
    // expected-error @+1 {{is for a whole warpgroup; here its warps are apart}}
    tile.sync
  }
  return
}

// -----

tile.kernel @k() {
  tile.role @a thread {
    // expected-error @+1 {{role @a is one thread, which has nobody to meet}}
    tile.sync
  }
}

// -----

tile.kernel @k() {
  %T = tile.turns : !tile.turns<3>
  tile.role @a group x 2 {
  ^bb0(%w: index):
    // expected-error @+1 {{goes round 3 warpgroups; role @a has 2 instances of kind group}}
    tile.take %T[%w] : !tile.turns<3>
  }
}

// -----

tile.kernel @k() {
  tile.role @a thread {
    // expected-error @+1 {{belongs in the kernel's prologue, before the roles}}
    %b = tile.buffer : !tile.smem<4xi32>
  }
}
