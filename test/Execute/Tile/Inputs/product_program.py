"""Products as folds over the summed dimension: f32, f64, i64, bf16, complex; odd sizes and every order of operands."""
import numpy as np

import tile_program as tp


def text(element, total, m, n, k, a_order="IK", b_order="KJ", zero="0.0"):
    """C[I, J] = sum over K of A B; tiles of m x n, k at a time."""
    def shape(order, sizes):
        return "x".join(str(sizes[name]) for name in order), ", ".join(order)
    sizes = {"I": m, "J": n, "K": k}
    at, bt = shape(a_order, sizes), shape(b_order, sizes)
    a_tile, b_tile = f"tensor<{at[0]}x{element}, #ssm.dims<{at[1]}>>", f"tensor<{bt[0]}x{element}, #ssm.dims<{bt[1]}>>"
    c_tile = f"tensor<{m}x{n}x{total}, #ssm.dims<I, J>>"
    view = lambda names, e: f"!tile.view<?x?x{e}, #ssm.dims<{', '.join(names)}>>"
    names = lambda order: ", ".join(f'"{name}"' for name in order)
    return f"""
func.func @product(%a: memref<?x?x{element}> {{ssm.shape = [{names(a_order)}]}}, %b: memref<?x?x{element}> {{ssm.shape = [{names(b_order)}]}},
                   %c: memref<?x?x{total}> {{ssm.shape = ["I", "J"]}}, %I: index, %J: index, %K: index)
    attributes {{ssm.symbol = "entry", ssm.dims = [#ssm.dim<I>, #ssm.dim<J>, #ssm.dim<K>]}} {{
  %c0 = arith.constant 0 : index
  %A = tile.view %a : memref<?x?x{element}> to {view(a_order, element)}
  %B = tile.view %b : memref<?x?x{element}> to {view(b_order, element)}
  %C = tile.view %c : memref<?x?x{total}> to {view("IJ", total)}
  tile.program owns(I = %i : {m} of %I, J = %j : {n} of %J) {{
    %zero = arith.constant dense<{zero}> : {c_tile}
    %sum = tile.loop K = %k : {k} from %c0 to %K order any carry(%acc = %zero : {c_tile}) {{
      %0 = tile.read %A[I = %i, K = %k] : {view(a_order, element)} -> {a_tile}
      %1 = tile.read %B[J = %j, K = %k] : {view(b_order, element)} -> {b_tile}
      %2 = tile.product %0, %1 over ["K"] acc(%acc) : ({a_tile}, {b_tile}, {c_tile}) -> {c_tile}
      tile.yield %2 : {c_tile}
    }}
    tile.write %sum to %C[I = %i, J = %j] : {c_tile} to {view("IJ", total)}
  }}
  return
}}
"""


COMPLEX = """
!view = !tile.view<?x?xcomplex<f32>, #ssm.dims<I, K>>
!right = !tile.view<?x?xcomplex<f32>, #ssm.dims<K, J>>
!out = !tile.view<?x?xcomplex<f32>, #ssm.dims<I, J>>
!a = tensor<16x20xf32, #ssm.dims<I, K>>
!b = tensor<20x32xf32, #ssm.dims<K, J>>
!c = tensor<16x32xf32, #ssm.dims<I, J>>
func.func @product(%a: memref<?x?xcomplex<f32>> {ssm.shape = ["I", "K"]}, %b: memref<?x?xcomplex<f32>> {ssm.shape = ["K", "J"]},
                   %c: memref<?x?xcomplex<f32>> {ssm.shape = ["I", "J"]}, %I: index, %J: index, %K: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<I>, #ssm.dim<J>, #ssm.dim<K>]} {
  %c0 = arith.constant 0 : index
  %A = tile.view %a : memref<?x?xcomplex<f32>> to !view
  %B = tile.view %b : memref<?x?xcomplex<f32>> to !right
  %C = tile.view %c : memref<?x?xcomplex<f32>> to !out
  tile.program owns(I = %i : 16 of %I, J = %j : 32 of %J) {
    %zero = arith.constant dense<0.0> : !c
    %re, %im = tile.loop K = %k : 20 from %c0 to %K order any carry(%x = %zero : !c, %y = %zero : !c) {
      %ar, %ai = tile.read %A[I = %i, K = %k] : !view -> !a, !a
      %br, %bi = tile.read %B[J = %j, K = %k] : !right -> !b, !b
      %minus = arith.negf %ai : !a
      %0 = tile.product %ar, %br over ["K"] acc(%x) : (!a, !b, !c) -> !c
      %1 = tile.product %minus, %bi over ["K"] acc(%0) : (!a, !b, !c) -> !c
      %2 = tile.product %ar, %bi over ["K"] acc(%y) : (!a, !b, !c) -> !c
      %3 = tile.product %ai, %br over ["K"] acc(%2) : (!a, !b, !c) -> !c
      tile.yield %1, %3 : !c, !c
    }
    tile.write %re, %im to %C[I = %i, J = %j] : !c, !c to !out
  }
  return
}
"""


def run_one(name, code, a, b, c, want, tolerance, options=None, decode=lambda x: x):
    i, j = c.shape
    k = a.size // i
    out = tp.guarded(c)
    tp.build(code, options)([tp.guarded(a), tp.guarded(b), out], [i, j, k])
    tp.check(name, decode(out), want, tolerance)


def main():
    rng = np.random.default_rng(2)
    def random(*shape):
        return rng.standard_normal(shape).astype(np.float32)
    for i, j, k in [(64, 64, 64), (65, 63, 129), (1, 1, 1), (70, 130, 5)]:
        a, b = random(i, k), random(k, j)
        want = a.astype(np.float64) @ b
        c = np.full((i, j), np.nan, np.float32)
        scale = 1e-5
        run_one(f"f32 {i} {j} {k}", text("f32", "f32", 32, 48, 40), a, b, c, want, scale)
        turned_a, turned_b = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)
        run_one("f32 transposed", text("f32", "f32", 20, 32, 24, "KI", "JK"), turned_a.reshape(k, i), turned_b, c, want, scale)
        for m, n, depth in [(17, 33, 9), (5, 19, 37), (20, 3, 18), (16, 18, 16)]:  # blocks that are not whole are turned
            run_one(f"f32 transposed {m} {n} {depth}", text("f32", "f32", m, n, depth, "KI", "JK"), turned_a.reshape(k, i), turned_b,
                    c, want, scale)
        run_one("f64", text("f64", "f64", 16, 20, 8), a.astype(np.float64), b.astype(np.float64), c.astype(np.float64), want, 1e-12)
        whole_a, whole_b = (np.rint(8 * x).astype(np.int64) for x in (a, b))
        run_one("i64", text("i64", "i64", 8, 16, 8, zero="0"), whole_a, whole_b, np.zeros((i, j), np.int64), whole_a @ whole_b, 0)
        short_a, short_b = tp.to_bf16(a), tp.to_bf16(b)
        rounded = tp.from_bf16(short_a).astype(np.float64) @ tp.from_bf16(short_b)
        for options in (None, "vector-bits=512 registers=32", "vector-bits=256 registers=16"):
            run_one("bf16", text("bf16", "f32", 32, 48, 40), short_a, short_b, c, rounded, scale, options)
        run_one("bf16 transposed", text("bf16", "f32", 32, 32, 16, "KI", "JK"), tp.to_bf16(turned_a), tp.to_bf16(turned_b), c,
                rounded, scale)
        za, zb = a + 1j * random(i, k), b + 1j * random(k, j)
        za, zb = za.astype(np.complex64), zb.astype(np.complex64)
        run_one("c64", COMPLEX, za, zb, np.zeros((i, j), np.complex64), za.astype(np.complex128) @ zb, scale)
    print("products: 4 shapes")


main()
