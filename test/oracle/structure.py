"""The structures of a parameter, each written out as a dense matrix by the language's table.

`parts` gives names and shapes of what is stored; `dense` the matrix [O, I]. Everything is
entry by entry from the table: no fast product is known here.
"""
import math

import numpy as np

from .lexer import OracleError

ARGUMENTS = {"diagonal": [], "lowrank": ["R"], "block_diagonal": ["n"], "flat_butterfly": ["block", "factors"],
             "block_sparse": ["block", "count"], "monarch": ["k"], "butterfly": [], "toeplitz": [], "circulant": []}
SQUARE = {"diagonal", "butterfly", "circulant"}
INDEX_PARTS = {"rows", "columns"}
PARTS = {"diagonal": ["diagonal"], "lowrank": ["left", "right"], "block_diagonal": ["blocks"],
         "flat_butterfly": ["blocks"], "block_sparse": ["blocks", "rows", "columns"], "monarch": ["first", "second"],
         "butterfly": ["twiddles"], "toeplitz": ["diagonals"], "circulant": ["column"]}


def _exact(a, b, what):
    if b == 0 or a % b:
        raise OracleError(f"{what}: {a} is no multiple of {b}")
    return a // b


def shapes(structure, arguments, rows, columns):
    """The shapes of the parts, for the sizes of O and I."""
    O, I = rows, columns
    if structure in SQUARE and O != I:
        raise OracleError(f"{structure} is square, not {O} by {I}")
    if structure in ("diagonal", "circulant"):
        return [(I,)]
    if structure == "lowrank":
        return [(O, arguments[0]), (arguments[0], I)]
    if structure == "block_diagonal":
        n = arguments[0]
        return [(n, _exact(O, n, structure), _exact(I, n, structure))]
    if structure == "flat_butterfly":
        block, factors = arguments
        common = math.gcd(_exact(O, block, structure), _exact(I, block, structure))
        n = common & -common
        if 2**factors > n:
            raise OracleError(f"flat_butterfly: 2^{factors} block rows are more than {n}")
        return [(n, factors + 1, O // n, I // n)]
    if structure == "block_sparse":
        block, count = arguments
        _exact(O, block, structure), _exact(I, block, structure)
        return [(count, block, block), (count,), (count,)]
    if structure == "monarch":
        k, p = arguments[0], _exact(I, arguments[0], structure)
        return [(k, p, p), (p, _exact(O * k, I, structure), k)]
    if structure == "butterfly":
        if I & (I - 1) or I == 0:
            raise OracleError(f"butterfly: {I} is no power of two")
        return [(I.bit_length() - 1, I // 2, 2, 2)]
    return [(O + I - 1,)]  # toeplitz


def infer(structure, arguments, given, rows, columns):
    """O and I from the shapes of the parts given ({part: shape}), as far as they tell."""
    O, I = rows, columns
    if structure in ("diagonal", "circulant"):
        shape = next(iter(given.values()), None)
        O = I = shape[0] if shape else O if I is None else I
    elif structure == "lowrank":
        O = given["left"][0] if "left" in given else O
        I = given["right"][1] if "right" in given else I
    elif structure == "block_diagonal" and "blocks" in given:
        n, o, i = given["blocks"]
        O, I = n * o, n * i
    elif structure == "flat_butterfly" and "blocks" in given:
        n, _, o, i = given["blocks"]
        O, I = n * o, n * i
    elif structure == "monarch":
        I = given["first"][0] * given["first"][1] if "first" in given else I
        O = given["second"][0] * given["second"][1] if "second" in given else O
    elif structure == "butterfly":
        O = I = 2 ** given["twiddles"][0] if "twiddles" in given else O if I is None else I
    elif structure == "toeplitz" and "diagonals" in given:
        total = given["diagonals"][0] + 1
        O = total - I if O is None and I is not None else O
        I = total - O if I is None and O is not None else I
    return O, I


def dense(structure, arguments, parts, rows, columns):
    """The matrix [O, I] of the parts, in their element type."""
    O, I = rows, columns
    for part, shape, name in zip(parts, shapes(structure, arguments, O, I), PARTS[structure]):
        if tuple(part.shape) != tuple(shape):
            raise OracleError(f"{structure}: {name} is {part.shape}, not {shape}")
    matrix = np.zeros((O, I), parts[0].dtype)
    if structure == "diagonal":
        for i in range(I):
            matrix[i, i] = parts[0][i]
    elif structure == "lowrank":
        matrix = np.einsum("or,ri->oi", parts[0], parts[1]).astype(parts[0].dtype)
    elif structure == "block_diagonal":
        n, o, i = parts[0].shape
        for b in range(n):
            matrix[b * o:(b + 1) * o, b * i:(b + 1) * i] = parts[0][b]
    elif structure == "flat_butterfly":
        n, slots, o, i = parts[0].shape
        for row in range(n):
            for slot in range(slots):
                column = row if slot == 0 else row ^ (1 << (slot - 1))
                matrix[row * o:(row + 1) * o, column * i:(column + 1) * i] += parts[0][row, slot]
    elif structure == "block_sparse":
        blocks, block_rows, block_columns = parts
        b = blocks.shape[1]
        for block, r, c in zip(blocks, block_rows, block_columns):
            if not (0 <= r < O // b and 0 <= c < I // b):
                raise OracleError(f"block_sparse: a block at ({r}, {c}) lies outside")
            matrix[r * b:(r + 1) * b, c * b:(c + 1) * b] += block
    elif structure == "monarch":
        matrix = _monarch(*parts, O, I)
    elif structure == "butterfly":
        matrix = _butterfly(parts[0], I)
    elif structure == "toeplitz":
        for o in range(O):
            for i in range(I):
                matrix[o, i] = parts[0][o - i + I - 1]
    elif structure == "circulant":
        for o in range(O):
            for i in range(I):
                matrix[o, i] = parts[0][(o - i) % I]
    return matrix


def _monarch(first, second, O, I):
    k, p, _ = first.shape
    s = second.shape[1]
    inner = np.zeros((I, I), first.dtype)  # h, read flat, of x, read flat
    for a in range(k):
        for q in range(p):
            inner[a * p + q, a * p:(a + 1) * p] = first[a, q]
    outer = np.zeros((O, I), first.dtype)  # y, read flat, of h, read flat
    for l in range(p):
        for t in range(s):
            for r in range(k):
                outer[t * p + l, r * p + l] = second[l, t, r]
    return outer @ inner


def _butterfly(twiddles, n):
    matrix = np.eye(n, dtype=twiddles.dtype)
    for j in range(twiddles.shape[0]):
        factor = np.zeros((n, n), twiddles.dtype)
        for p in range(n // 2):
            i = (p // 2**j) * 2**(j + 1) + p % 2**j
            pair = [i, i + 2**j]
            for a in range(2):
                for b in range(2):
                    factor[pair[a], pair[b]] = twiddles[j, p, a, b]
        matrix = factor @ matrix
    return matrix
