"""A report as one HTML file: no scripts, nothing from elsewhere, readable without colours and by a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final, assert_never

from bot.evaluation.penguin.blocks import Block, Heading, Lines, Picture, Table, Text, Tree

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2b28; --soft: #4f5e5b; --line: #c9d2cf; --ground: #fbfbf9; --band: #f0f3f1 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eeec; --soft: #b4c0bd; --line: #46534f; --ground: #161c1b; --band: #1f2725 }
}
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif }
h1 { font-size: 1.8rem }
h2 { font-size: 1.4rem; margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem }
h3 { font-size: 1.1rem; margin-top: 2rem } p, li { max-width: 46rem; overflow-wrap: anywhere }
.scroll { overflow-x: auto } .scroll:focus-visible { outline: 3px solid #0072b2; outline-offset: 2px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem }
caption { text-align: left; color: var(--soft); padding: .25rem 0 .5rem }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child { text-align: left } thead th { background: var(--band) } tbody th { font-weight: 500 }
figure { margin: 1rem 0 } svg { max-width: 45rem; width: 100%; height: auto }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink) } svg .small { font-size: 11px; fill: var(--soft) }
svg .grid { stroke: var(--line) } svg .interval { stroke: var(--ink); stroke-width: 2 }
ul.tree, ul.tree ul { list-style: none; padding-left: 1.1rem; border-left: 2px solid var(--line) }
ul.tree { border: 0; padding: 0 }
@media print { body { max-width: none } .scroll { overflow: visible } }
"""


def html(title: str, blocks: Iterable[Block]) -> str:
    """The whole page."""
    body = "\n".join(part for block in blocks for part in _parts(block))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, strong):
            yield f"<p><strong>{escape(text)}</strong></p>" if strong else f"<p>{escape(text)}</p>"
        case Lines(lines):
            yield f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
        case Table():
            yield _table(block)
        case Picture(svg, told):
            yield f'<figure role="img" aria-label="{escape(told)}">{svg}</figure>'
        case Tree():
            yield _tree(block, ' class="tree"')
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(each)}</td>" for each in row[1:])}</tr>'
        for row in table.rows
    )
    caption = escape(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{caption}">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _tree(tree: Tree, kind: str = "") -> str:
    items = "".join(f"<li>{escape(text)}{'' if inner is None else _tree(inner)}</li>" for text, inner in tree.items)
    return f"<ul{kind}>{items}</ul>"
