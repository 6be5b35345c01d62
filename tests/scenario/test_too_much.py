"""More than one person, or everybody, may ask for: a short line, nothing silently dropped, and a crisis goes first."""

from __future__ import annotations

from adapters.models.scripted import Scripted
from bot.settings import Settings
from tests.scenario.conversations import CRISIS, ERRAND, last
from tests.support.policies import rulebook
from tests.support.terminal_face import terminal_face
from tests.unit.test_conversation_limits import Dear


async def test_a_flood_gets_one_line_and_its_crisis_help_at_once() -> None:
    settings = Settings(person_per_minute=2)
    async with terminal_face(settings=settings, rules=rulebook(model_reads=False)) as face:
        for _ in range(5):
            await face.say("ann", ERRAND)
        kinds = [each["kind"] for each in await face.seen("ann")]
        assert kinds == ["answer", "answer", "notice"]
        assert "write again in a minute" in (await last(face, "ann", "notice"))["text"]
        await face.say("ann", CRISIS)
        assert (await face.seen("ann"))[-1]["kind"] == "crisis"
        await face.command("ann", "/forget-me")
        assert (await face.seen("ann"))[-1]["kind"] != "crisis"
        before = len(await face.seen("ann"))
        await face.say("ann", "Please forget me")
        assert len(await face.seen("ann")) == before + 1
        assert (await last(face, "ann"))["choices"]
        await face.say("ben", ERRAND)
        assert (await last(face, "ben"))["kind"] == "answer"
        await face.advance(60)
        await face.say("ann", ERRAND)
        assert (await last(face, "ann"))["kind"] == "answer"


async def test_a_workspace_without_money_left_gets_prepared_answers() -> None:
    settings = Settings(workspace_usd_per_day=0.3)
    provider = Dear(Scripted.of({"purpose": "answer", "text": "Ten minutes it is.", "repeat": True}))
    told: list[str] = []
    async with terminal_face(
        settings=settings,
        provider=provider,
        rules=rulebook(model_reads=False),
        told=[lambda event, fields: told.append(str(fields.get("problem")))],
    ) as face:
        await face.say("ann", ERRAND)
        assert (await last(face, "ann", "answer"))["text"] == "Ten minutes it is."
        await face.say("ann", ERRAND)
        assert (await last(face, "ann", "answer"))["text"] != "Ten minutes it is."
        assert any("budget of $0.3 for today is spent" in problem for problem in told)
        await face.advance(86_400)
        await face.say("ann", ERRAND)
        assert (await last(face, "ann", "answer"))["text"] == "Ten minutes it is."
