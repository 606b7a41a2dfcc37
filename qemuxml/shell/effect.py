"""What a command does to the shell that reads it: ``cd``, ``shift``, ``read`` and their like are functions of this type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import Text, Unknown

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator

Field = Text | Unknown
Words = Sequence[Field]
Effect = Callable[["Evaluator", Simple, Words], None]
"""What a command does to the shell: it gets the words behind its name."""
