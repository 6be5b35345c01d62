"""The conversations every face must hold, written once: each takes a Face and looks only at what people see."""

from __future__ import annotations

from bot.profile.attributes import ATTRIBUTES
from tests.support.face import Face, Seen

HEARTBREAK = "My girlfriend left me after four years and I don't know how to get through the evenings"
JOB = "My boss shouts at me in front of the whole team every single day and I dread going to work"
CRISIS = "I am going to kill myself tonight"
ERRAND = "set a timer for ten minutes please"


async def last(face: Face, user: str, kind: str | None = None) -> Seen:
    """The newest thing a person sees, of one kind if given."""
    seen = [each for each in await face.seen(user) if kind is None or each["kind"] == kind]
    assert seen, f"{user} sees nothing of kind {kind}"
    return seen[-1]


def values(question: Seen) -> list[str]:
    """The ids of a question's choices that are values, not skip, why or stop."""
    return [
        choice["id"] for choice in question["choices"] if choice["id"].partition(":")[2] not in ("skip", "why", "stop")
    ]


async def until_answered(face: Face, user: str) -> list[str]:
    """Press the first value of every question, or skip where there is none; returns the attributes asked."""
    asked: list[str] = []
    while (newest := await last(face, user))["kind"] == "question":
        asked.append(newest["attribute"])
        assert len(asked) <= 5, f"more questions than any budget allows: {asked}"
        offered = values(newest)
        await face.choose(user, offered[0] if offered else f"{newest['attribute']}:skip")
    assert newest["kind"] == "answer"
    return asked


async def asks_and_uses_what_was_said(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    question = await last(face, "ann", "question")
    assert question["attribute"] in ATTRIBUTES
    assert any("skip" in choice["id"] for choice in question["choices"])
    await face.choose("ann", values(question)[0])
    asked = await until_answered(face, "ann")
    answer = await last(face, "ann", "answer")
    assert question["attribute"] in answer["used"]
    assert len({question["attribute"], *asked}) == 1 + len(asked)


async def answers_errands_straight_away(face: Face) -> None:
    await face.say("ann", ERRAND)
    seen = await face.seen("ann")
    assert [each["kind"] for each in seen] == ["answer"]
    assert seen[0]["used"] == []


async def a_reply_in_ones_own_words_counts(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    question = await last(face, "ann", "question")
    assert question["attribute"] == "emotional_state"
    await face.say("ann", "honestly pretty anxious")
    await until_answered(face, "ann")
    assert "emotional_state" in (await last(face, "ann", "answer"))["used"]


async def several_things_at_once_are_all_taken_in(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    await face.say("ann", "anxious, and I'm 34 and divorced")
    asked = await until_answered(face, "ann")
    assert not {"emotional_state", "age", "marital_status"} & set(asked)
    assert {"emotional_state", "marital_status"} <= set((await last(face, "ann", "answer"))["used"])


async def a_skipped_attribute_is_not_asked_again(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    skipped = (await last(face, "ann", "question"))["attribute"]
    await face.choose("ann", f"{skipped}:skip")
    assert skipped not in await until_answered(face, "ann")
    await face.say("ann", "She took the dog too and I miss our mornings together, how do I stop thinking about my ex")
    assert skipped not in await until_answered(face, "ann")
    assert skipped not in (await last(face, "ann", "answer"))["used"]


async def why_is_explained_and_the_question_stays_open(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    question = await last(face, "ann", "question")
    await face.choose("ann", f"{question['attribute']}:why")
    assert (await last(face, "ann"))["kind"] == "notice"
    await face.say("ann", "why do you ask?")
    assert (await last(face, "ann"))["kind"] == "notice"
    await face.choose("ann", values(question)[0])
    await until_answered(face, "ann")
    assert question["attribute"] in (await last(face, "ann", "answer"))["used"]


async def stop_asking_is_obeyed(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    await face.choose("ann", f"{(await last(face, 'ann', 'question'))['attribute']}:stop")
    assert (await last(face, "ann"))["kind"] == "answer"
    await face.say("ann", JOB)
    assert (await last(face, "ann"))["kind"] == "answer"


async def a_change_of_subject_is_followed(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    assert (await last(face, "ann"))["kind"] == "question"
    await face.say("ann", "what is the capital of Portugal?")
    answer = await last(face, "ann")
    assert (answer["kind"], answer["used"]) == ("answer", [])


async def an_errand_is_no_reply_to_a_question(face: Face) -> None:
    await face.say("ann", JOB)
    assert (await last(face, "ann"))["attribute"] == "profession", "this needs a question that any words may answer"
    await face.say("ann", ERRAND)
    answer = await last(face, "ann")
    assert (answer["kind"], answer["used"]) == ("answer", [])


async def distress_instead_of_a_reply_is_answered(face: Face) -> None:
    await face.say("ann", JOB)
    assert (await last(face, "ann"))["attribute"] == "profession", "this needs a question that any words may answer"
    await face.say("ann", "I can't stop crying")
    answer = await last(face, "ann")
    assert (answer["kind"], "profession" in answer.get("used", ())) == ("answer", False)
    await face.say("ann", "what should I do now?")
    assert (await last(face, "ann"))["kind"] == "answer"


async def whoever_cannot_say_is_answered(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    for _ in range(2):
        assert (await last(face, "ann"))["kind"] == "question"
        await face.say("ann", "I don't know")
    assert (await last(face, "ann"))["kind"] == "answer"
    asked = [seen["attribute"] for seen in await face.seen("ann") if seen["kind"] == "question"]
    await face.say("ann", "She took the dog too and I miss our mornings together, how do I stop thinking about my ex")
    assert not set(asked) & set(await until_answered(face, "ann"))


async def what_names_nothing_goes_on_with_what_was_said(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    asked = (await last(face, "ann", "question"))["attribute"]
    await face.choose("ann", values(await last(face, "ann", "question"))[0])
    await until_answered(face, "ann")
    await face.say("ann", "and what should I do now?")
    answer = await last(face, "ann")
    assert (answer["kind"], asked in answer.get("used", ())) == ("answer", True)


async def three_messages_in_a_row_get_one_open_question_at_a_time(face: Face) -> None:
    for text in (HEARTBREAK, "I can't sleep", "I keep reading our old messages"):
        await face.say("ann", text)
    await until_answered(face, "ann")
    asked = [each["attribute"] for each in await face.seen("ann") if each["kind"] == "question"]
    assert len(asked) == len(set(asked))


async def a_correction_is_taken_in(face: Face) -> None:
    await face.say("ann", f"I'm 24. {HEARTBREAK}")
    await until_answered(face, "ann")
    await face.say("ann", "Sorry, I meant I'm 42")
    await face.command("ann", "/privacy")
    shown = (await last(face, "ann", "notice"))["text"]
    assert "42" in shown
    assert "24" not in shown.replace("2024", "").replace("24:", "")


async def after_a_long_silence_the_conversation_starts_afresh(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    assert (await last(face, "ann"))["kind"] == "question"
    await face.advance(30 * 86_400)
    await face.say("ann", "anxious")
    assert (await last(face, "ann"))["kind"] in ("question", "answer")
    await face.say("ann", JOB)
    await until_answered(face, "ann")
    assert (await last(face, "ann", "answer"))["kind"] == "answer"


async def a_crisis_is_answered_at_once_and_asks_nothing(face: Face) -> None:
    await face.say("ann", HEARTBREAK)
    await face.say("ann", CRISIS)
    crisis = await last(face, "ann", "crisis")
    assert crisis["resources"]
    assert "988" in crisis["text"]
    before = len([each for each in await face.seen("ann") if each["kind"] == "question"])
    await face.say("ann", JOB)
    assert (await last(face, "ann"))["kind"] == "answer"
    assert len([each for each in await face.seen("ann") if each["kind"] == "question"]) == before


async def a_private_question_in_a_channel_stays_private(face: Face) -> None:
    await face.say("ann", HEARTBREAK, "channel")
    question = await last(face, "ann", "question")
    assert question["private"]
    assert question["place"] == "dm"
    await face.choose("ann", values(question)[0])
    await until_answered(face, "ann")
    answer = await last(face, "ann", "answer")
    assert question["attribute"] in answer["used"]
    assert answer["place"] == "dm"
    assert await face.seen("ben") == []


async def privacy_shows_forgets_and_forgets_all(face: Face) -> None:
    await face.command("ann", "/privacy")
    assert "don't know anything" in (await last(face, "ann", "notice"))["text"]
    await face.say("ann", f"I'm 34. {HEARTBREAK}")
    await face.say("ann", "anxious")
    await until_answered(face, "ann")
    await face.command("ann", "/privacy")
    assert "34" in (await last(face, "ann", "notice"))["text"]
    await face.command("ann", "/forget age")
    await face.command("ann", "/privacy")
    assert "34" not in (await last(face, "ann", "notice"))["text"]
    await face.command("ann", "/forget me")
    await face.choose("ann", "do:forget_me_yes")
    await face.command("ann", "/privacy")
    assert "don't know anything" in (await last(face, "ann", "notice"))["text"]


async def paused_means_no_questions_and_nothing_kept(face: Face) -> None:
    await face.command("ann", "/pause")
    await face.say("ann", f"I'm 34. {HEARTBREAK}")
    assert (await last(face, "ann"))["kind"] == "answer"
    assert (await last(face, "ann", "answer"))["used"] == []
    await face.command("ann", "/resume")
    await face.say("ann", JOB)
    assert (await last(face, "ann"))["kind"] == "question"


async def plain_words_ask_as_commands_do(face: Face) -> None:
    await face.say("ann", f"I'm 34. {HEARTBREAK}")
    await face.say("ann", "What do you know about me?")
    assert "34" in (await last(face, "ann", "notice"))["text"]
    assert (await last(face, "ann"))["kind"] != "answer"
    await face.say("ann", "Please delete all my data.")
    await face.choose("ann", "do:forget_me_yes")
    await face.say("ann", "what do you know about me")
    assert "don't know anything" in (await last(face, "ann", "notice"))["text"]
    await face.say("ann", "I need help with a recipe for bread")
    assert (await last(face, "ann"))["kind"] == "answer"


async def hard_messages_are_answered_kindly(face: Face) -> None:
    for text in ("🙂🙂🙂", "שלום, מה שלומך היום?", "\u202eabc\u202c", "<script>alert(1)</script> & *bold* @channel"):
        before = len(await face.seen("ann"))
        await face.say("ann", text)
        assert len(await face.seen("ann")) > before
    assert (await last(face, "ann"))["kind"] == "answer"


ALL = (
    asks_and_uses_what_was_said,
    answers_errands_straight_away,
    a_reply_in_ones_own_words_counts,
    several_things_at_once_are_all_taken_in,
    a_skipped_attribute_is_not_asked_again,
    why_is_explained_and_the_question_stays_open,
    stop_asking_is_obeyed,
    a_change_of_subject_is_followed,
    an_errand_is_no_reply_to_a_question,
    distress_instead_of_a_reply_is_answered,
    whoever_cannot_say_is_answered,
    what_names_nothing_goes_on_with_what_was_said,
    three_messages_in_a_row_get_one_open_question_at_a_time,
    a_correction_is_taken_in,
    after_a_long_silence_the_conversation_starts_afresh,
    a_crisis_is_answered_at_once_and_asks_nothing,
    a_private_question_in_a_channel_stays_private,
    privacy_shows_forgets_and_forgets_all,
    paused_means_no_questions_and_nothing_kept,
    plain_words_ask_as_commands_do,
    hard_messages_are_answered_kindly,
)
