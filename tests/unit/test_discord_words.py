"""Pure parts of the Discord adapter: ids, tags, text, cards, shards, splitting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import escape, ids, render, translate
from adapters.discord.cards import Button, Menu
from adapters.discord.ids import Press, Tag
from adapters.discord.render import Where
from adapters.discord.shards import Shards, parse_shards
from bot.chat import Answer, Choice, ChoiceKind, Chose, Crisis, Notice, Outbound, Question, Resource, Said
from bot.chat.splitting import cut, split
from bot.errors import SettingsError
from bot.identity import DIRECT, Person
from bot.private import Private
from tests.support.discord.bot import english
from tests.support.policies import shipped

ANN = Person("discord", "41943040", "7001")
TURN = "discord:41943040:99"


def outbound(body: Question | Answer | Crisis | Notice, *, direct: bool = True) -> Outbound:
    return Outbound("o1", ANN, DIRECT if direct else ids.channel_space(20), body, TURN)


# -- ids -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(Press), st.text(min_size=1, max_size=80), st.booleans(), st.integers(0, 2**64 - 1))
def test_a_tag_is_read_as_written(press: Press, rest: str, private: bool, who: int) -> None:
    tag = Tag(press, rest, private, who)
    assert Tag.read(tag.write()) == tag
    assert len(tag.write()) <= 100


@given(st.text(max_size=100))
def test_any_custom_id_is_read_or_refused(text: str) -> None:
    tag = Tag.read(text)
    assert tag is None or tag.write() == text or text[4:5] == "0"


def test_every_choice_of_the_shipped_policy_fits_into_a_button() -> None:
    for name, attribute in shipped().defaults.attributes.items():
        for choice in ("skip", "why", "stop", *(each.id for each in attribute.choices)):
            assert len(Tag(Press.CHOOSE, f"{name}:{choice}", True, 2**64 - 1).write()) <= 100
        assert len(Tag(Press.ANSWER, f"{name}.{ids.nonce('x', 0)}", True, 2**64 - 1).write()) <= 100


def test_nonces_are_short_stable_and_different() -> None:
    made = {ids.nonce(message, part) for message in ("a", "b") for part in range(50)}
    assert len(made) == 100
    assert all(len(each) <= 25 for each in made)
    assert ids.nonce("a", 1) == ids.nonce("a", 1)
    assert ids.nonce("a", 1) != ids.nonce("a", 1, again=1)


def test_a_turn_says_what_began_it() -> None:
    assert ids.anchor_of("discord:dm:123") == ids.Anchor(123, message=True)
    assert ids.anchor_of("discord:dm:i123") == ids.Anchor(123, message=False)
    assert ids.anchor_of("discord:dm:sweep") is None
    assert ids.moment(175_928_847_299_117_063) == pytest.approx(1_462_015_105.796)


# -- text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("ask <@1> or <@&2>", "<@"),
        ("see <#3>", "<#"),
        ("[here](https://evil.example)", "]("),
        ("@everyone and @here", "@everyone"),
        ("<:smile:1> <a:wave:2>", "<:"),
        ("</raise:1>", "</"),
        ("bell\x07", "\x07"),
    ],
)
def test_nothing_reads_like_a_mention_or_hides_a_link(text: str, gone: str) -> None:
    safe = escape.neutralise(text)
    assert gone not in safe
    assert safe.replace(escape.BREAK, "") == text.replace("\x07", "")
    assert escape.neutralise(safe) == safe


def test_plain_text_and_markdown_stay() -> None:
    text = "a < b, 3 > 2, me@example.org, **bold**, `code`, [ ] todo, https://example.org"
    assert escape.neutralise(text) == text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<@100> hello", "hello"),
        ("<@!100>, hello", "hello"),
        ("hello <@100>", "hello"),
        ("ask <@7> in <#8>", "ask @someone in #channel"),
        ("<:sad:1>", ":sad:"),
        ("<@&9> hi", "@someone hi"),
    ],
)
def test_what_was_said_is_words(written: str, said: str) -> None:
    assert escape.said(written, 100) == said


# -- splitting -----------------------------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet="ab .\n", min_size=0, max_size=80), max_size=30), st.integers(40, 120))
def test_pieces_fit_and_nothing_but_white_space_is_lost(parts: list[str], limit: int) -> None:
    text = "\n\n".join(parts)
    pieces = split(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_cuts_fall_between_paragraphs() -> None:
    assert split("One two three.\n\n" + "four " * 10, 50) == ["One two three.", "four " * 10]


def test_code_fences_are_closed_and_opened_again_at_a_cut() -> None:
    pieces = split("```\n" + "line\n" * 30 + "```\nafter", 80)
    assert len(pieces) > 1
    assert all(piece.count("```") % 2 == 0 for piece in pieces)


def test_an_empty_text_is_one_piece() -> None:
    assert split("", 10) == [""]
    assert cut("abcdef", 4) == "abc…"


# -- cards ---------------------------------------------------------------------------------------------------------


def question(values: int) -> Question:
    choices = tuple(Choice(f"age:{number}", f"Value {number}") for number in range(values))
    ways = (
        Choice("age:skip", "Skip", ChoiceKind.SKIP),
        Choice("age:why", "Why?", ChoiceKind.WHY),
        Choice("age:stop", "Stop", ChoiceKind.STOP),
    )
    return Question("age", "How old are you?", choices + ways, False, "It helps.")


def test_few_values_are_buttons_and_many_are_a_list() -> None:
    rows = render.cards(outbound(question(7)), Where.DIRECT, english)[0].rows
    assert [len(row) for row in rows] == [5, 2, 3]
    rows = render.cards(outbound(question(30)), Where.DIRECT, english)[0].rows
    assert [type(row[0]) for row in rows] == [Menu, Menu, Button]


def test_buttons_say_whose_they_are() -> None:
    def tag(where: Where, *, direct: bool) -> Tag:
        control = render.cards(outbound(question(1), direct=direct), where, english)[0].rows[0][0]
        return control.tag

    assert (tag(Where.DIRECT, direct=True).who, tag(Where.DIRECT, direct=True).private) == (41943040, True)
    assert (tag(Where.CHANNEL, direct=False).who, tag(Where.CHANNEL, direct=False).private) == (7001, False)
    assert (tag(Where.WHISPER, direct=True).who, tag(Where.WHISPER, direct=True).private) == (0, True)


def test_where_nobody_can_write_a_button_opens_a_field() -> None:
    def words(where: Where) -> list[Press]:
        return [each.tag.press for row in render.cards(outbound(question(2)), where, english)[0].rows for each in row]

    assert Press.WORDS in words(Where.WHISPER)
    assert Press.WORDS not in words(Where.DIRECT)


def test_what_was_used_is_shown_only_to_the_person() -> None:
    answer = Answer(Private("Do this."), ("age",), ("Your age",), "life", "x")
    assert "Used: Your age" in render.cards(outbound(answer), Where.DIRECT, english)[0].text
    assert "Your age" not in render.cards(outbound(answer, direct=False), Where.CHANNEL, english)[0].text


def test_long_answers_fit_with_their_footer() -> None:
    labels = tuple(f"A rather long label {number}" for number in range(20))
    answer = Answer(Private("word " * 3_000), tuple("abcdefghijklmnopqrst"), labels, None, "x")
    shown = render.cards(outbound(answer), Where.DIRECT, english)
    assert all(len(card.text) <= 2_000 for card in shown)
    assert "Written by an AI" in shown[-1].text


def test_a_pointer_says_nothing_of_what_it_leads_to() -> None:
    card = render.pointer(outbound(question(2), direct=False), ids.nonce("o1", 0), english)
    button = card.rows[0][0]
    assert isinstance(button, Button)
    assert button.label == "Answer privately"
    assert card.text == "<@7001>, I have something for you that is better said in private. Only you can open it."


def test_crisis_resources_are_lines_to_act_on() -> None:
    crisis = Crisis(
        "Call or text 988 now.", (Resource("Lifeline", "US", "988", "988", "https://x.org", "always"),), "c"
    )
    text = render.cards(outbound(crisis), Where.DIRECT, english)[0].text
    assert text == "Call or text 988 now.\n\n- **Lifeline**: call 988, text 988, https://x.org, always"


def test_notices_with_many_buttons_keep_to_discords_rows() -> None:
    choices = tuple(Choice(f"do:{number}", f"Button {number}", ChoiceKind.ACTION) for number in range(13))
    card = render.cards(outbound(Notice(Private("Text"), choices, title="Privacy")), Where.WHISPER, english)[-1]
    assert card.panel
    assert card.text == "### Privacy\nText"
    assert [len(row) for row in card.rows] == [5, 5, 3]


# -- translation ---------------------------------------------------------------------------------------------------


def test_forms_say_what_was_picked_or_typed() -> None:
    assert translate.answer_of("age:1", " ") == Chose("age:1")
    assert translate.answer_of("age:1", "about 30") == Chose("age:1", Private("about 30"))
    assert translate.answer_of("", "about 30") == Said(Private("about 30"))
    assert translate.answer_of("", " \n") is None
    assert translate.question_about(" ", "hello", english) is None
    assert translate.question_about("What now?", "", english) == Said(Private("What now?"))


# -- shards --------------------------------------------------------------------------------------------------------


def test_shards_of_a_process() -> None:
    assert parse_shards("") is None
    assert parse_shards("0-3/16") == Shards(0, 3, 16)
    assert parse_shards(" 5 / 16 ") == Shards(5, 5, 16)
    assert Shards(2, 4, 8).ids == [2, 3, 4]


@pytest.mark.parametrize("text", ["0-16/16", "3-1/4", "a", "1", "1-2", "-1/4", "0-1/0", "0-1/99999"])
def test_shards_that_make_no_sense_are_a_setting_to_mend(text: str) -> None:
    with pytest.raises(SettingsError, match="RAISE_DISCORD_SHARDS: expected"):
        parse_shards(text)
