"""What Discord refuses in a message, so that a test fails where the real thing would."""

from __future__ import annotations

from tests.support.discord.model import Json, Refusal, controls, texts

_PLAIN = 2_000
_PANEL = 4_000
_NAMES = 100


def check_message(body: Json, *, fresh: bool) -> None:
    """``fresh`` for a new message, which must show something. Raises Refusal."""
    panel = bool(body.get("flags", 0) & 32_768)
    components = body.get("components") or []
    content = body.get("content") or ""
    if len(content) > _PLAIN:
        _bad(f"content: must be {_PLAIN} or fewer in length, is {len(content)}")
    if len(str(body.get("nonce") or "")) > 25:
        _bad("nonce: must be 25 or fewer in length")
    if panel and content:
        _bad("content cannot be used with MessageFlags.IS_COMPONENTS_V2")
    if panel and len("".join(texts(components))) > _PANEL:
        _bad("components: at most 4000 characters")
    if fresh and not panel and not content and not body.get("attachments"):
        raise Refusal(400, 50_006, "Cannot send an empty message")
    if not panel and len(components) > 5:
        _bad("components: at most 5 rows")
    _check_controls(components)


def check_modal(data: Json) -> None:
    if len(data["title"]) > 45 or len(data["custom_id"]) > _NAMES or not 1 <= len(data["components"]) <= 5:
        _bad("modal: title, custom_id or components")
    for each in data["components"]:
        if each["type"] == 18 and len(each["label"]) > 45:
            _bad("label: must be 45 or fewer in length")
    _check_controls(data["components"])
    for each in controls(data["components"]):
        if each["type"] == 21 and not 2 <= len(each["options"]) <= 10:
            _bad("radio group: 2 to 10 options")
        if each["type"] == 22:
            _check_boxes(each)
        if each["type"] == 4 and len(each.get("value") or "") > 4_000:
            _bad("text input: at most 4000 characters")


def _check_boxes(group: Json) -> None:
    options = group["options"]
    if not 1 <= len(options) <= 10 or not group["min_values"] <= group["max_values"] <= len(options):
        _bad("checkbox group: 1 to 10 options, no more to tick than there are")
    if any(not 1 <= len(each["label"]) <= 100 or len(each.get("description") or "") > 100 for each in options):
        _bad("checkbox group: label or description")


def _check_controls(components: list[Json]) -> None:
    names = [each["custom_id"] for each in controls(components)]
    if len(names) != len(set(names)):
        _bad(f"components: custom id cannot be duplicated: {names}")
    if any(not 1 <= len(name) <= _NAMES for name in names):
        _bad("custom_id: must be between 1 and 100 in length")
    for row in _rows(components):
        if len(row) > 5 or (len(row) > 1 and any(each["type"] != 2 for each in row)):
            _bad("action row: at most 5 buttons or one list")
        for each in row:
            if each["type"] == 2 and not 1 <= len(each["label"]) <= 80:
                _bad("label: must be between 1 and 80 in length")
            if each["type"] == 3 and not 1 <= len(each["options"]) <= 25:
                _bad("options: must be between 1 and 25")


def _rows(components: list[Json]) -> list[list[Json]]:
    found = []
    for each in components:
        if each["type"] == 1:
            found.append(each["components"])
        elif each["type"] == 17:
            found += _rows(each["components"])
    return found


def _bad(why: str) -> None:
    raise Refusal(400, 50_035, f"Invalid Form Body: {why}")
