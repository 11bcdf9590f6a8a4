// What the user can get wrong, a sentence each.
// RUN: not ssm-opt %s --split-input-file --ssm-emit-ptx 2>&1 | FileCheck %s
// RUN: not ssm-opt %s --split-input-file --ssm-run-ptxas 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: env SSM_PTXAS=%s not ssm-opt %S/emit_ptx.mlir --ssm-emit-ptx --ssm-run-ptxas 2>&1 | FileCheck %s --check-prefix=CHOSEN

// CHECK: error: unknown GPU 'sm_9000'; LLVM knows names such as 'sm_80' and 'sm_90a'
// ORDER: error: there is no PTX to assemble: run ssm-emit-ptx first
// CHOSEN: error: SSM_PTXAS names '{{.*}}gpu_invalid.mlir', which is no ptxas that runs here
module attributes {tile.target = "sm_9000"} {
}
