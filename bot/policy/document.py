"""A parsed file that can say where each of its values stands.

Places are only needed where something is wrong, so a file that is right gives up its tree (``forget``) and parses its
text again when a place is asked for: a policy in service costs little more than its text.
"""

from __future__ import annotations

from bot.policy.compose import compose
from bot.policy.diagnostics import Diagnostic
from bot.policy.nodes import Data, Mapping, Node, Step, below, data_of


class Document:
    """``problems`` are what is wrong with the YAML itself. Immutable to its users."""

    __slots__ = ("_forgotten", "_root", "_text", "file", "problems")

    def __init__(self, file: str, text: str = "", problems: tuple[Diagnostic, ...] | None = None) -> None:
        """Parse ``text``; with ``problems`` given there is nothing to parse."""
        self.file = file
        self._text = text
        self._forgotten = False
        self._root: Node | None = None
        self.problems: tuple[Diagnostic, ...] = ()
        if problems is None:
            self._root, self.problems = compose(text, file)
        else:
            self.problems = problems

    @property
    def root(self) -> Node | None:
        """None when the file could not be parsed or is empty."""
        return compose(self._text, self.file)[0] if self._forgotten else self._root

    def forget(self) -> None:
        """Drop the tree until a place is asked for."""
        self._root, self._forgotten = None, True

    def at(self, *path: Step) -> tuple[int, int]:
        """Line and column of the value at ``path``, or of the nearest part above it that exists."""
        node = self._remembered()
        for step in path:
            inner = below(node, step)
            if inner is None:
                break
            node = inner
        return (1, 1) if node is None else (node.line, node.column)

    def key_at(self, *path: Step) -> tuple[int, int]:
        """Line and column of the key that names ``path`` (of the item itself in a list, of all of it at no path)."""
        if not path:
            return self.at()
        *above, last = path
        node = self._remembered()
        for step in above:
            node = below(node, step)
        if isinstance(node, Mapping):
            for key, _ in node.entries:
                if key.text == last:
                    return key.line, key.column
        return self.at(*path)

    def data(self) -> Data:
        """The values alone, for validation."""
        root = self.root
        return None if root is None else data_of(root)

    def _remembered(self) -> Node | None:
        """The tree, kept from here on: who asks for one place asks for more."""
        if self._forgotten:
            self._root, self._forgotten = self.root, False
        return self._root


def parse(text: str, file: str) -> Document:
    """Parse one YAML document. Never raises: what is wrong with it is in ``problems``."""
    return Document(file, text)
