"""From libyaml's events to nodes, refusing what the language does not allow.

A strict subset of YAML 1.2: no anchors, aliases, tags, merge keys, duplicate keys or empty values, and ``no``, ``on``
and ``off`` are words (country code NO is not false). Built from events, so aliases are never expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import yaml

from bot.policy.diagnostics import Diagnostic
from bot.policy.nodes import Entry, Mapping, Node, Scalar, Sequence

DEEPEST: Final = 24
_QUOTES: Final = ("'", '"')
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str, file: str) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The root of one YAML document (None when there is none) and everything wrong with it. Never raises."""
    builder = _Builder(text, file)
    root = builder.build()
    return root, tuple(builder.problems)


class _Builder:
    """Turns libyaml's events into nodes and collects what the language does not allow."""

    def __init__(self, text: str, file: str) -> None:
        self._parser = _LOADER(text)
        self._last: yaml.Event | None = None
        self._file = file
        self.problems: list[Diagnostic] = []

    def build(self) -> Node | None:
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            self._broken(error)
        except _TooDeep as error:
            self._report(error.event, f"nested more than {DEEPEST} deep", "a policy needs no more than 8", "yaml-depth")
        except yaml.YAMLError as error:
            self.problems.append(Diagnostic(self._file, 1, 1, f"not readable as YAML: {error}", code="yaml-syntax"))
        return None

    def _following(self) -> Iterator[yaml.Event]:
        """The events that are left, remembering the latest."""
        following = self._parser.get_event
        while (event := following()) is not None:
            self._last = event
            yield event

    def _document(self) -> Node | None:
        root: Node | None = None
        for event in self._following():
            if isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                if root is not None:
                    self._report(event, "a second document starts here", "one file, one document", "yaml")
                    return root
            elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.AliasEvent):
                root = self._node(event, 0)
        if root is None:
            self.problems.append(Diagnostic(self._file, 1, 1, "the file is empty", "expected keys", code="yaml-empty"))
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > DEEPEST:
            raise _TooDeep(event)
        line, column = _place(event)
        if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._report(event, "an alias (*name) is not allowed", "write the value out", "yaml-alias")
            return Scalar("", False, line, column)
        if event.anchor is not None:
            self._report(event, f"anchor &{event.anchor} is not allowed", "remove it", "yaml-anchor")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report(event, f"tag {tag[:40]!r} is not allowed", "remove it; put text in quotes", "yaml-tag")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, not event.style, line, column)  # None or "", as the parser likes
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), line, column)
        return Mapping(tuple(self._entries(depth)), line, column)

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._following():
            if isinstance(event, yaml.SequenceEndEvent):
                return
            item = self._node(event, depth + 1)
            if _empty(item):
                self._empty(item, "this list item has no value")
            yield item

    def _entries(self, depth: int) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        events = self._following()
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._node(event, depth + 1)
            value = self._node(next(events), depth + 1)
            if not isinstance(key, Scalar):
                self._report(event, "a key must be a single word", "write 'key: value'", "yaml-key")
                continue
            if key.text in seen:
                message = f"duplicate key {key.text[:40]!r}, first written in line {seen[key.text]}"
                self._report(event, message, "keep one of the two", "duplicate-key")
                continue
            seen[key.text] = key.line
            if _empty(value):
                self._empty(key, f"key {key.text[:40]!r} has no value")
            yield Entry(key, value)

    def _empty(self, node: Node, message: str) -> None:
        hint = "write the value, or null where none is meant"
        self.problems.append(Diagnostic(self._file, node.line, node.column, message, hint, code="empty-value"))

    def _report(self, event: yaml.Event, message: str, hint: str, code: str) -> None:
        self.problems.append(Diagnostic(self._file, *_place(event), message, hint, code=code))

    def _broken(self, error: yaml.MarkedYAMLError) -> None:
        last = self._last
        if isinstance(last, yaml.ScalarEvent) and last.style in _QUOTES and _lines(last) > 1:
            # The quotation most likely ended by the next one's opening quote: the mistake is where it began.
            message = f"not valid YAML: this quotation goes on for {_lines(last)} lines"
            self._report(last, message, "is its closing quote missing?", "yaml-syntax")
            return
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        problem = error.problem or "not readable as YAML"
        message = f"not valid YAML: {problem}"
        opened = any(part in (error.context or "") for part in ("quoted scalar", "flow"))
        if opened and error.context_mark is not None:
            line, column = error.context_mark.line + 1, error.context_mark.column + 1
        elif error.context_mark is not None and error.context_mark.line + 1 != line:
            message += f" ({error.context}, which began in line {error.context_mark.line + 1})"
        hint = next((hint for part, hint in _HINTS if part in problem), "check indentation, quotes and colons")
        self.problems.append(Diagnostic(self._file, line, column, message, hint, code="yaml-syntax"))


class _TooDeep(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, event: yaml.Event) -> None:
        super().__init__("nested too deep")
        self.event = event


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _lines(event: yaml.Event) -> int:
    start, end = event.start_mark, event.end_mark
    return 1 if start is None or end is None else end.line - start.line + 1


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and not node.text


_HINTS: Final = (
    ("mapping values are not allowed", "put text that contains ': ' in quotes, or check the indentation"),
    ("could not find expected ':'", "a key needs a colon and a space after it"),
    ("cannot start any token", "put text that begins with @, `, % or a tab in quotes; indent with spaces"),
    ("did not find expected key", "check the indentation and that quotes are closed"),
    ("did not find expected '-'", "items of one list begin in the same column"),
    ("unexpected end of stream", "a quote or bracket is not closed"),
    ("expected ',' or", "a bracket or brace is not closed, or a comma is missing"),
)
