// What is declared from a file is taken from there, with what it calls, once.
// RUN: ssm-opt %s --tile-link | FileCheck %s

// CHECK: func.func private @twice(%{{.*}}: index) -> index {
// CHECK: call @plus
func.func private @twice(index) -> index attributes {tile.from = "Inputs/parts.mlir"}
// CHECK: tile.kernel @other(%{{.*}}: index) {
tile.kernel private @other(index) attributes {tile.from = "Inputs/parts.mlir"}
// CHECK: func.func @use
func.func @use(%i: index) -> index {
  %x = func.call @twice(%i) : (index) -> index
  return %x : index
}
// CHECK: func.func private @plus
// CHECK-NOT: @plus(
// CHECK-NOT: @unused
