"""Recursive descent over the grammar of the language, for the reference evaluator."""
from . import syntax
from .lexer import OracleError, tokenize

REDUCTIONS = {"sum", "prod", "max", "min", "mean", "logsumexp", "argmax", "softmax",
              "cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"}
TRANSFORMS = {"rfft", "irfft", "fft", "ifft"}
ELEMENTS = {"f64", "f32", "bf16", "f16", "c64", "c128", "i32", "i64", "bool"}
COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}


def parse(text):
    """The imports (paths) and layers of a text."""
    return _Parser(text).file()


class _Parser:
    def __init__(self, text):
        self.tokens, self.place = tokenize(text), 0

    # Tokens.
    @property
    def token(self):
        return self.tokens[self.place]

    def ahead(self, n=1):
        return self.tokens[min(self.place + n, len(self.tokens) - 1)].text

    def fail(self, expected):
        raise OracleError(f"expected {expected}, found {self.token.text!r}", self.token.line)

    def next(self):
        token = self.token
        self.place += 1
        return token

    def accept(self, text):
        if self.token.text == text and self.token.kind != "string":
            return self.next()
        return None

    def expect(self, text):
        return self.accept(text) or self.fail(repr(text))

    def name(self):
        if self.token.kind != "name":
            self.fail("a name")
        return self.next().text

    def newlines(self):
        while self.token.kind == "newline":
            self.next()

    def listed(self, one, close):
        """`one {',' one} close`; newlines inside were dropped by the lexer."""
        items = [one()]
        while self.accept(","):
            items.append(one())
        self.expect(close)
        return items

    # Files, layers, statements.
    def file(self):
        imports, layers = [], []
        self.newlines()
        while self.token.kind != "end":
            if self.accept("import"):
                imports.append(self.next().text.strip('"'))
            elif self.token.text == "layer":
                layers.append(self.layer())
            else:
                self.fail("'layer' or 'import'")
            self.newlines()
        return imports, layers

    def layer(self):
        line = self.expect("layer").line
        name = self.name()
        self.expect("(")
        arguments = [] if self.accept(")") else self.listed(self.argument, ")")
        self.expect("->")
        results = self.listed(self.type, ")") if self.accept("(") else [self.type()]
        self.expect("{")
        statements, schedule = [], []
        self.newlines()
        while not self.accept("return"):
            if self.accept("schedule"):
                schedule += self.schedule()
            else:
                statements.append(self.statement())
            self.newlines()
        result = self.expression()
        self.newlines()
        self.expect("}")
        return syntax.Layer(line, name, arguments, results, statements, result, schedule)

    def argument(self):
        name = self.name()
        self.expect(":")
        return name, self.type()

    def schedule(self):
        entries = []
        self.expect("{")
        self.newlines()
        while not self.accept("}"):
            key = self.name()
            self.expect("=")
            entries.append((key, self.next().text))
            self.accept(",")
            self.newlines()
        return entries

    def statement(self):
        line = self.token.line
        if self.token.text == "let":
            return self.let()
        if self.accept("const"):
            names, type = [self.name()], None
            self.expect("=")
            return syntax.Statement(line, "const", names, type, self.expression())
        kind = "param" if self.accept("param") else "state" if self.accept("state") else self.fail("a statement")
        name = self.name()
        self.expect(":")
        type = self.type()
        self.expect("=")
        return syntax.Statement(line, kind, [name], type, self.expression())

    def let(self):
        line = self.expect("let").line
        names = self.names()
        self.expect("=")
        return syntax.Statement(line, "let", names, None, self.expression())

    def names(self):
        return self.listed(self.name, ")") if self.accept("(") else [self.name()]

    def type(self):
        line = self.token.line
        structure, arguments = None, []
        if self.token.text not in ELEMENTS:
            structure = self.name()
            if self.accept("<"):
                arguments = self.listed(self.structure_argument, ">")
        element = self.name()
        if element not in ELEMENTS:
            raise OracleError(f"{element!r} is no element type", line)
        self.expect("[")
        dims = [] if self.accept("]") else self.listed(self.dim, "]")
        return syntax.Type(line, element, dims, structure, arguments)

    def structure_argument(self):
        key = None
        if self.token.kind == "name" and self.ahead() == "=":
            key = self.name()
            self.expect("=")
        return key, self.sum()

    def dim(self):
        if self.token.kind not in ("name", "number"):
            self.fail("a dimension")
        text = self.next().text
        if self.token.text == "[":
            raise OracleError("ragged dimensions are not evaluated", self.token.line)
        return text

    def dims(self):
        self.expect("[")
        return self.listed(self.dim, "]")

    # Expressions, loosest first.
    def expression(self):
        return self.chain(lambda: self.chain(self.negation, {"and"}), {"or"})

    def chain(self, operand, operators):
        left = operand()
        while self.token.text in operators and self.token.kind != "string":
            operator = self.next()
            left = syntax.Binary(operator.line, operator.text, left, operand())
        return left

    def negation(self):
        if self.token.text == "not":
            return syntax.Unary(self.next().line, "not", self.negation())
        left = self.sum()
        if self.token.text in COMPARISONS:
            operator = self.next()
            left = syntax.Binary(operator.line, operator.text, left, self.sum())
            if self.token.text in COMPARISONS:
                self.fail("one comparison")
        return left

    def sum(self):
        return self.chain(self.product, {"+", "-"})

    def product(self):
        return self.chain(self.unary, {"*", "/"})

    def unary(self):
        line = self.token.line
        if self.accept("-"):
            return syntax.Unary(line, "-", self.unary())
        if self.token.text in REDUCTIONS and self.ahead() == "[":
            name = self.name()
            return syntax.Reduction(line, name, self.dims(), self.product())
        base = self.postfix()
        if self.accept("**"):
            return syntax.Binary(line, "**", base, self.unary())
        return base

    def postfix(self):
        base = self.atom()
        while self.token.text == "[":
            line = self.next().line
            renames, picks = [], []
            self.listed(lambda: self.index_entry(renames, picks), "]")
            base = syntax.Index(line, base, renames, picks)
        return base

    def index_entry(self, renames, picks):
        dim = self.dim()
        if self.accept("->"):
            renames.append((dim, self.dim()))
        else:
            self.expect("=")
            picks.append((dim, self.expression()))

    def atom(self):
        token = self.token
        if token.kind == "number":
            self.next()
            whole = token.text.isdigit()
            return syntax.Number(token.line, int(token.text) if whole else float(token.text))
        if self.accept("("):
            elements = self.listed(self.expression, ")")
            return elements[0] if len(elements) == 1 else syntax.TupleOf(token.line, elements)
        if token.kind != "name":
            self.fail("a value")
        if token.text in ("shift", "conv") and self.ahead() == "[":
            return self.window()
        if token.text in TRANSFORMS and self.ahead() == "[":
            return self.fourier()
        if token.text == "scan" or token.text == "reverse" and self.ahead() == "scan":
            return self.scan()
        if token.text == "repeat":
            return self.repeat()
        if self.ahead() == "(" or self.ahead() == "<" and self.ahead(3) == "=" and self.ahead(4) != "=":
            return self.call()
        return syntax.Name(token.line, self.name())

    def call(self):
        line, callee, sizes = self.token.line, self.name(), []
        if self.accept("<"):
            sizes = self.listed(self.size_argument, ">")
        self.expect("(")
        arguments = [] if self.accept(")") else self.listed(self.call_argument, ")")
        return syntax.Call(line, callee, sizes, arguments)

    def size_argument(self):
        name = self.name()
        self.expect("=")
        return name, self.sum()

    def call_argument(self):
        return self.expression()

    def window(self):
        line, name, mode = self.token.line, self.name(), None
        dims = self.dims()
        self.expect("(")
        first = self.expression()
        self.expect(",")
        second = self.expression()
        if self.accept(","):
            mode = self.name()
        self.expect(")")
        return syntax.Window(line, name, dims, first, second, mode)

    def fourier(self):
        line, name = self.token.line, self.name()
        self.expect("[")
        dims = self.listed(self.renaming, "]")
        return syntax.Fourier(line, name, dims, self.unary())

    def renaming(self):
        source = self.dim()
        self.expect("->")
        return source, self.dim()

    def scan(self):
        line = self.token.line
        reverse = bool(self.accept("reverse"))
        self.expect("scan")
        dims = self.dims()
        if len(dims) != 1:
            raise OracleError("a scan runs along one dimension", line)
        names = self.names()
        self.expect("=")
        return syntax.Scan(line, reverse, dims[0], names, self.expression(), self.block())

    def repeat(self):
        line = self.expect("repeat").line
        count = self.count()
        names = self.names()
        self.expect("=")
        return syntax.Repeat(line, count, names, self.expression(), self.block())

    def count(self):
        """An atom; a name before '(...) =' is no call: the brackets hold what is carried."""
        if self.token.kind == "name" and self.ahead() == "(":
            depth, place = 0, self.place + 1
            while True:
                text = self.tokens[place].text
                depth += (text == "(") - (text == ")")
                place += 1
                if depth == 0 or place == len(self.tokens):
                    break
            if place < len(self.tokens) and self.tokens[place].text == "=":
                return syntax.Name(self.token.line, self.name())
        return self.atom()

    def block(self):
        line = self.expect("{").line
        lets = []
        self.newlines()
        while self.token.text == "let":
            lets.append(self.let())
            self.newlines()
        result = self.expression()
        self.newlines()
        self.expect("}")
        return syntax.Block(line, lets, result)
