// REQUIRES: ptxas
// PTX that the assembler refuses is an error with its words, without the name of a temporary file.
// RUN: not ssm-opt %s --ssm-run-ptxas 2>&1 | FileCheck %s
// CHECK: error: ptxas {{[0-9.]+}} refuses the PTX: ptxas the PTX, line 1; fatal {{ *}}: Missing .version directive
module attributes {tile.ptx = "nonsense"} {
}
