"""Arithmetic of the shell: ``$((RAM * 1024 + 1))``, ``((n++))``; whole numbers of 64 bits, operators as in C."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

Get = Callable[[str], int]
Put = Callable[[str, int], None]

_TOKEN = re.compile(
    r"[ \t\r\n]*(0[xX][0-9A-Fa-f]+|[0-9]+(?:\#[0-9A-Za-z]+)?|[A-Za-z_][A-Za-z0-9_]*(?:\[[^\[\]]*\])?"
    r"|\*\*|(?:<<|>>|[-+*/%&|^])=|<<|>>|[<>=!]=|&&|\|\||\+\+|--|[-+*/%<>=!~&|^?:(),])"
)
_CHOICE, _ASSIGNMENT = 3, 2
_DEEPEST = 20
_BITS = 64


class NoNumberError(Exception):
    """The text is no expression, or one without a result (a division by zero)."""


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise NoNumberError("it divides by zero")
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _power(left: int, right: int) -> int:
    if right < 0:
        raise NoNumberError("its exponent is negative")
    return pow(left, right, 1 << _BITS)


_BINARY: dict[str, tuple[int, Callable[[int, int], int]]] = {
    ",": (1, lambda _, right: right),
    "||": (4, lambda left, right: int(bool(left or right))),
    "&&": (5, lambda left, right: int(bool(left and right))),
    "|": (6, operator.or_),
    "^": (7, operator.xor),
    "&": (8, operator.and_),
    "==": (9, operator.eq),
    "!=": (9, operator.ne),
    "<": (10, operator.lt),
    "<=": (10, operator.le),
    ">": (10, operator.gt),
    ">=": (10, operator.ge),
    "<<": (11, lambda left, right: left << (right & 63)),
    ">>": (11, lambda left, right: left >> (right & 63)),
    "+": (12, operator.add),
    "-": (12, operator.sub),
    "*": (13, operator.mul),
    "/": (13, _quotient),
    "%": (13, lambda left, right: left - right * _quotient(left, right)),
    "**": (14, _power),
}


def number(text: str) -> int:
    """A number as the shell writes it: 12, 0x1f, 017, 2#1010. Raises NoNumberError."""
    text = text.strip()
    if not text:
        return 0
    found = re.fullmatch(r"([-+]?)(?:(\d{1,2})#([0-9A-Za-z]{1,64})|0[xX]([0-9A-Fa-f]{1,40})|([0-9]{1,40}))", text)
    if not found:
        raise NoNumberError(f"'{text[:40]}' is no number")
    digits = found[3] or found[4] or found[5]
    base = int(found[2]) if found[2] else 16 if found[4] else 8 if digits.startswith("0") else 10
    try:
        return _wrapped(int(digits, base)) * (-1 if found[1] == "-" else 1)
    except ValueError:
        raise NoNumberError(f"'{text[:40]}' is no number") from None


def _wrapped(value: int) -> int:
    return (int(value) + (1 << _BITS - 1)) % (1 << _BITS) - (1 << _BITS - 1)


def calculate(text: str, get: Get, put: Put) -> int:
    """The value of an expression; ``get`` gives a variable's number, ``put`` changes one. Raises NoNumberError."""
    return _Calculation(text, get, put).value()


class _Calculation:
    """Reads and computes in one go; what a short cut skips is read, but neither computed nor assigned."""

    def __init__(self, text: str, get: Get, put: Put) -> None:
        self.tokens = self._tokens(text)
        self.get = get
        self.put = put
        self.skipping = 0
        self.depth = 0

    def _tokens(self, text: str) -> list[str]:
        tokens, position = [], 0
        text = text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if not found:
                raise NoNumberError(f"'{text[position : position + 20].strip()}' is no part of an expression")
            tokens.append(found[1])
            position = found.end()
        tokens.reverse()
        return tokens

    def value(self) -> int:
        if not self.tokens:
            return 0
        result = self._expression(1)
        if self.tokens:
            raise NoNumberError(f"'{self.tokens[-1]}' stands where it should end")
        return result

    def _next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def _expression(self, level: int) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NoNumberError("it is nested too deep")
        left = self._operand()
        while self.tokens:
            sign = self._next()
            if sign == "?" and level <= _CHOICE:
                left = self._choice(left)
            elif sign in _BINARY and _BINARY[sign][0] >= level:
                left = self._binary(left)
            else:
                break
        self.depth -= 1
        return left

    def _binary(self, left: int) -> int:
        sign = self.tokens.pop()
        level, compute = _BINARY[sign]
        skip = (sign == "&&" and not left) or (sign == "||" and bool(left))
        self.skipping += skip
        right = self._expression(level if sign == "**" else level + 1)
        self.skipping -= skip
        return 0 if self.skipping else _wrapped(compute(left, right))

    def _choice(self, condition: int) -> int:
        self.tokens.pop()
        self.skipping += not condition
        first = self._expression(1)
        self.skipping -= not condition
        self._expect(":")
        self.skipping += bool(condition)
        second = self._expression(_CHOICE)
        self.skipping -= bool(condition)
        return first if condition else second

    def _operand(self) -> int:
        if not self.tokens:
            raise NoNumberError("it ends too early")
        first = self.tokens.pop()
        if first == "(":
            value = self._expression(1)
            self._expect(")")
            return value
        if first in ("++", "--"):
            name = self.tokens.pop() if self.tokens else ""
            return self._changed(name, 1 if first == "++" else -1)
        if first in ("-", "+", "!", "~"):
            value = self._expression(15)
            return {"-": -value, "+": value, "!": int(not value), "~": ~value}[first]
        if first[0].isdigit():
            return number(first)
        if not re.match("[A-Za-z_]", first):
            raise NoNumberError(f"'{first}' stands where a number should")
        return self._name(first)

    def _name(self, name: str) -> int:
        sign = self._next()
        if sign in ("++", "--"):
            self.tokens.pop()
            return self._changed(name, 1 if sign == "++" else -1) - (1 if sign == "++" else -1)
        if sign == "=" or (sign.endswith("=") and sign[:-1] in _BINARY and sign not in _BINARY):
            self.tokens.pop()
            value = self._expression(_ASSIGNMENT)
            if sign != "=" and not self.skipping:
                value = _wrapped(_BINARY[sign[:-1]][1](self.get(name), value))
            return self._assign(name, value)
        return 0 if self.skipping else self.get(name)

    def _changed(self, name: str, change: int) -> int:
        old = self.get(name) if re.match("[A-Za-z_]", name) and not self.skipping else 0
        return self._assign(name, old + change)

    def _assign(self, name: str, value: int) -> int:
        if not re.match("[A-Za-z_]", name):
            raise NoNumberError(f"'{name}' is nothing that could be assigned to")
        if not self.skipping:
            self.put(name, value)
        return value

    def _expect(self, token: str) -> None:
        if not self.tokens or self.tokens.pop() != token:
            raise NoNumberError(f"a '{token}' is missing")
