"""Tokens of an .ssm text for the reference evaluator.

A newline ends a statement unless a round or square bracket is open (since the last brace) or
the line ends in an operator, a comma or '='; only such newlines become tokens.
"""
import re
from dataclasses import dataclass


class OracleError(Exception):
    """What the program or the call got wrong, with the line where it is known."""

    def __init__(self, message, line=None):
        super().__init__(message if line is None else f"line {line}: {message}")


@dataclass(frozen=True)
class Token:
    kind: str  # name, number, string, symbol, newline, end
    text: str
    line: int


_PATTERN = re.compile(
    r"(?P<space>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)"
    r"|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r'|(?P<string>"[^"\n]*")'
    r"|(?P<symbol>->|\*\*|<=|>=|==|!=|[-+*/<>=,:(){}\[\]])", re.ASCII)

_CONTINUES = {"+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "->", "=", ",", "and", "or", "not"}


def tokenize(text):
    tokens, brackets, place, line = [], [], 0, 1
    while place < len(text):
        match = _PATTERN.match(text, place)
        if not match:
            raise OracleError(f"unknown character {text[place]!r}", line)
        kind, word, place = match.lastgroup, match.group(), match.end()
        if kind == "newline":
            open_bracket = brackets and brackets[-1] in "(["
            last = tokens[-1] if tokens else None
            ends = last and last.kind != "newline" and last.text not in _CONTINUES and last.text != "{"
            if ends and not open_bracket:
                tokens.append(Token("newline", "\n", line))
            line += 1
        elif kind != "space":
            if word in ("(", "[", "{"):
                brackets.append(word)
            elif word in (")", "]", "}") and brackets:
                brackets.pop()
            tokens.append(Token(kind, word, line))
    tokens.append(Token("end", "end of file", line))
    return tokens
