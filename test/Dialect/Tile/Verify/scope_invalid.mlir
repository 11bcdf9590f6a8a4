// RUN: %ssm-opt %s --tile-verify-resources --split-input-file --verify-diagnostics

!s = tensor<64x64xf32, #tile.acc>
tile.kernel @rows_of_a_warp(%x: !tile.global<f32, 2>) {
  tile.role @a group {
    // expected-error @+1 {{'tensor<16x64xf32, #tile.acc>' cannot be held by a group: 16 rows do not divide among 4 warps of 16 rows}}
    %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<16x64xf32, #tile.acc>
  }
}

// -----

tile.kernel @banks() {
  %b = tile.buffer : !tile.smem<64x64xf32>
  tile.role @a group {
    // expected-error @+1 {{the banks 4 times over; #tile.lanes<32, 2> does not}}
    %t = tile.load %b[0, 0] : !tile.smem<64x64xf32> -> tensor<64x64xf32, #tile.acc>
  }
}

// -----

tile.kernel @offset(%x: !tile.global<f32, 2>, %n: index) {
  tile.role @a group {
    %t = tile.load %x[0, 0] : !tile.global<f32, 2> -> tensor<64x64xf32, #tile.acc>
    // expected-error @+1 {{takes registers at an offset that is no constant: unroll the loop that counts it}}
    %u = tile.slice %t[0, %n] : tensor<64x64xf32, #tile.acc> to tensor<64x8xf32, #tile.acc>
  }
}

// -----

tile.kernel @one_thread(%n: i32) {
  tile.role @a thread {
    // expected-error @+1 {{role @a is one thread: it has scalars, no tiles such as 'tensor<64xi32, #tile.col>'}}
    %t = tile.broadcast %n : i32 to tensor<64xi32, #tile.col>
  }
}

// -----

!h = tensor<64x64xbf16, #tile.acc>
tile.kernel @pairs(%x: !tile.global<bf16, 2>) {
  tile.role @a group {
    %t = tile.load %x[0, 0] : !tile.global<bf16, 2> -> !h
    // expected-error @+1 {{computes with 16-bit elements, which are packed in pairs: extend them to f32 and truncate the result}}
    %u = arith.addf %t, %t : !h
  }
}

// -----

func.func private @f()
tile.kernel @call() {
  tile.role @a thread {
    // expected-error @+1 {{a call stands in a kernel: its body is not known to be right; run the inliner first}}
    func.call @f() : () -> ()
  }
}

// -----

!A = !tile.smem<64x64xbf16, sw128>
!map = !tile.map<bf16, 64x64, sw128>
module attributes {tile.target = "sm_80"} {
  // expected-error @+1 {{sm_80 has no clusters}}
  tile.kernel @older(%m: !map) cluster(2, 1, 1) {
    %a = tile.buffer : !A
    // expected-error @+1 {{sm_80 has no register budgets of roles}}
    tile.role @ship thread regs(40) {
      // expected-error @+1 {{sm_80 has no bulk stores}}
      tile.send %a -> %m[0, 0] : !A, !map
    }
    tile.role @math group {
      // expected-error @+1 {{sm_80 has no warpgroup products (tile.mma_sync is a warp's)}}
      %f = tile.mma %a, %a tb : !A, !A -> !tile.flight<tensor<64x64xf32, #tile.acc>>
    }
  }
}

// -----

// expected-error @+1 {{there is no GPU target 'sm_1'; the targets are sm_80, sm_90a}}
module attributes {tile.target = "sm_1"} {
}
