// What a kernel calls goes with it; entries and what only they call stay behind.
// RUN: ssm-opt %s --tile-extract-kernels | FileCheck %s
// CHECK: func.func private @inner
// CHECK: func.func private @called
// CHECK: tile.kernel @k
// CHECK-NOT: @host
func.func private @inner(%i: index) -> index {
  return %i : index
}
func.func private @called(%i: index) -> index {
  %r = func.call @inner(%i) : (index) -> index
  return %r : index
}
func.func private @host_only(%i: index) -> index {
  return %i : index
}
tile.kernel @k(%n: index) {
  tile.role @a thread {
    %x = func.call @called(%n) : (index) -> index
  }
}
func.func @host(%i: index) -> index {
  %r = func.call @host_only(%i) : (index) -> index
  return %r : index
}
