// For link.mlir and link_invalid.mlir.
func.func private @plus(%a: index, %b: index) -> index {
  %x = arith.addi %a, %b : index
  return %x : index
}
func.func private @twice(%a: index) -> index {
  %x = func.call @plus(%a, %a) : (index, index) -> index
  return %x : index
}
func.func private @unused(%a: index) -> index {
  return %a : index
}
tile.kernel @other(%n: index) {
  %x = func.call @plus(%n, %n) : (index, index) -> index
}
