// RUN: not ssm-opt %s --tile-link --split-input-file 2>&1 | FileCheck %s

// CHECK: error: @twice is declared from '{{.*}}nothing.mlir': there is no such file
func.func private @twice(index) -> index attributes {tile.from = "Inputs/nothing.mlir"}

// -----

// CHECK: error: '{{.*}}parts.mlir' does not define @thrice
func.func private @thrice(index) -> index attributes {tile.from = "Inputs/parts.mlir"}

// -----

// CHECK: error: @twice is declared otherwise than it is defined
// CHECK: parts.mlir:6:1: note: the definition
func.func private @twice(i32) -> i32 attributes {tile.from = "Inputs/parts.mlir"}

// -----

// CHECK: error: @plus is defined here and in '{{.*}}parts.mlir'
// CHECK: note: which @twice uses
func.func private @twice(index) -> index attributes {tile.from = "Inputs/parts.mlir"}
func.func private @plus(%a: index, %b: index) -> index {
  return %a : index
}
