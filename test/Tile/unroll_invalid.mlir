// RUN: not ssm-opt %s --tile-unroll 2>&1 | FileCheck %s
func.func @open(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: error: 'scf.for' op is marked tile.unroll, but its bounds are no constants
  scf.for %i = %c0 to %n step %c1 {
  } {tile.unroll}
  return
}
