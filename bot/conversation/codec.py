"""Conversation states, turns and their effects as bytes: JSON by cattrs and orjson, with a tag on every sum type.

Ledgers that write things down seal these bytes. The only place outside adapters and prompts that opens Private values,
to write them down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, get_args, get_origin

import orjson
from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.preconf.orjson import make_converter
from cattrs.strategies import configure_tagged_union

from bot.chat.inbound import Content, Inbound
from bot.chat.outbound import Body, Outbound
from bot.conversation.effects import Effect, Journal
from bot.conversation.ledger import Forms
from bot.conversation.states import State, Thread
from bot.errors import Unreadable
from bot.identity import Place, Space
from bot.private import Private
from bot.raise_core.agent.abstain import Sufficiency

T = TypeVar("T")
VERSION: Final = 1


def _converter() -> Converter:
    # What exactly was wrong with a stored text is never told (it would quote it), so cattrs need not keep book of it.
    # What has its default value is left out: a default may change only together with VERSION.
    converter = make_converter(forbid_extra_keys=True, detailed_validation=False, omit_if_default=True)
    converter.register_structure_hook_factory(_is_uniform_tuple, homogenous_tuple_structure_factory)
    converter.register_structure_hook_factory(_is_private, lambda kind: _private(converter, kind))
    converter.register_unstructure_hook_func(_is_private, lambda value: _plain(value.reveal()))
    converter.register_unstructure_hook(State, lambda state: _threads(converter, state))
    converter.register_structure_hook(State, lambda value, _: _state(converter, value))
    for union in (Content, Body, Effect, Sufficiency):
        configure_tagged_union(union, converter, tag_name="is")
    return converter


def _is_uniform_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis


def _is_private(kind: object) -> bool:
    return getattr(kind, "__origin__", kind) is Private


def _plain(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value


def _private(converter: Converter, kind: Any) -> Callable[[Any, Any], Private[Any]]:
    (inner,) = get_args(kind)
    if inner is bytes:
        return lambda value, _: Private(value.encode())
    structure = converter.get_structure_hook(inner)
    return lambda value, _: Private(structure(value, inner))


def _threads(converter: Converter, state: State) -> object:
    """A mapping keyed by spaces, as a list: JSON keys are text."""
    return {
        "threads": [
            [space.place, space.id, converter.unstructure(thread, Thread)] for space, thread in state.threads.items()
        ],
        "held": [[space.place, space.id] for space in state.held],
        "at": None if state.at is None else [state.at.place, state.at.id],
    }


def _state(converter: Converter, value: Mapping[str, Any]) -> State:
    threads = {
        Space(Place(place), name): converter.structure(thread, Thread) for place, name, thread in value["threads"]
    }
    held = frozenset(Space(Place(place), name) for place, name in value["held"])
    at = value.get("at")
    return State(threads, held, None if at is None else Space(Place(at[0]), at[1]))


_CONVERTER: Final = _converter()


def encode(value: Inbound | Outbound | State | Journal) -> bytes:
    """As JSON bytes with the version of the form."""
    body = _CONVERTER.unstructure(value, type(value))
    return orjson.dumps({"version": VERSION, "body": body})


def decode(content: bytes, kind: type[T]) -> T:
    """The opposite of :func:`encode`. Raises Unreadable for other versions and for anything that is not ``kind``."""
    try:
        document = orjson.loads(content)
        if document["version"] != VERSION:
            raise Unreadable(f"expected form {VERSION} of a stored {kind.__name__}, got {document['version']!r}")
        return _CONVERTER.structure(document["body"], kind)
    except Unreadable:
        raise
    except Exception as problem:  # noqa: BLE001 - cattrs raises groups of any kind; none of its text may leak
        raise Unreadable(f"a stored {kind.__name__} cannot be read: {type(problem).__name__}") from None


FORMS: Final[Forms[State, Journal]] = Forms(
    encode, partial(decode, kind=Inbound), partial(decode, kind=State), partial(decode, kind=Journal)
)
"""How ledgers write conversations down."""
