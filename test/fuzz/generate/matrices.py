"""Parameters with a structure, and the sums and products in which it is used."""
from .scope import Name
from .tree import REAL, Expr, Line

# Structures that fit [O, I], for sizes that divide well.
_SQUARE = ["diagonal", "circulant", "butterfly"]
_ANY = ["lowrank<2>", "lowrank<R = 1>", "toeplitz", "monarch<2>", "block_diagonal<2>", "flat_butterfly<block = 2, factors = 1>",
        "flat_butterfly<1, 2>", "block_sparse<block = 2, count = 3>", "block_diagonal<n = 4>", "monarch<4>"]
_FORMS = ["{A}", "-{A}", "({A} + {B})", "({A} - {B})", "(2 * {A})", "({A} + 0.5 * {B})", "(-{A} + {B} * 0.3)", "{A} * {B}"]


def structured(maker):
    """let v = sum[I] FORM * x for parameters of random structures."""
    rng, scope, x = maker.rng, maker.scope, maker.exprs()
    square = rng.random() < 0.5
    rows = rng.choice([4, 8])
    columns = rows if square else rng.choice([4, 8, 16])
    O, I = scope.new_name("O"), scope.new_name("I")
    # Constants give the sizes.
    for dim, size in ((O, rows), (I, columns)):
        maker.lines.append(Line(f"const {dim} =", Expr(str(size), (), "int")))
        scope.dims.append(dim)
    names = []
    for _ in range(2):
        name = scope.new_name("W")
        pool = [w for w in _ANY if rows * 2 >= columns or "monarch<2" not in w] + (_SQUARE * 3 if square else [])
        element = rng.choice(["f32", "f32", "bf16", "f64"])
        initial = rng.choice([f"kaiming({I})", "normal(0.3)", "uniform(-1, 1)"])
        maker.lines.append(Line(f"param {name}: {rng.choice(pool)} {element}[{O}, {I}] =", Expr(initial)))
        names.append(name)
    form = rng.choice(_FORMS[:-1]).format(A=names[0], B=names[1])
    over, left = (I, O) if rng.random() < 0.7 else (O, I)  # of the transpose, too
    # O and I stand for nothing else in what is multiplied.
    allowed = frozenset(scope.usable(whole=False)) - {left}
    operand = x.having(x.real(allowed, 1), {over})
    name = scope.new_name("v")
    e = Expr(f"(sum[{over}] {form} * {{0}}) / 8", (operand,), REAL, (operand.dims - {over}) | {left}, 3.0)
    maker.line(f"let {name} =", e, Name(name, REAL, e.dims, 3.0))
