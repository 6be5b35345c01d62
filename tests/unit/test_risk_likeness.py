import runpy
import sys
from pathlib import Path

import pytest

from bot.risk import train
from bot.risk.likeness import WEIGHTS, Likeness, features, likeness, pieces
from bot.risk.normalise import tokens


def test_the_weights_are_small_and_what_training_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert WEIGHTS.stat().st_size < 2_000_000
    assert train.main(["--check"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_training_writes_its_file_and_sees_a_stale_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, lines in (("danger", "# note\n\ni want to be dead\n"), ("ordinary", "i want some coffee\n")):
        (tmp_path / f"{name}.txt").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(train, "EXEMPLARS", tmp_path)
    file = tmp_path / "weights.json"
    assert train.main(["--check", "--to", str(file)]) == 1
    assert train.main(["--to", str(file)]) == 0
    written = file.read_text(encoding="utf-8")
    assert train.main(["--to", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == written
    assert train.main(["--check", "--to", str(file)]) == 0


def test_training_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train", "--check"])
    monkeypatch.delitem(sys.modules, "bot.risk.train")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bot.risk.train", run_name="__main__")
    assert ended.value.code == 0


def test_a_model_prefers_what_it_was_taught() -> None:
    danger, ordinary = (features(tokens(text)) for text in ("i want to be dead", "i want some coffee"))
    model = train.trained([danger], [ordinary])
    assert model.score(tokens("i want to be dead")) > 0 > model.score(tokens("i want some coffee"))
    assert model.score(["zebra"]) == model.bias


def test_words_of_one_sense_are_one_feature() -> None:
    assert features(["my", "dying"]) == features(["my", "death"]) == {"ME", "DIE", "ME DIE", "DIE&ME"}


def test_long_sentences_are_read_in_overlapping_pieces() -> None:
    words = [f"w{number}" for number in range(70)]
    read = list(pieces(words))
    assert {word for piece in read for word in piece} == set(words)
    assert all(len(piece) <= 26 for piece in read)


def test_a_sentence_of_two_words_goes_with_the_next() -> None:
    assert list(pieces(["oh", "no", ".", "my", "cat", "?", "so"])) == [["oh", "no", "my", "cat"], ["so"]]
    assert list(pieces([])) == []


def test_sorrow_that_speaks_of_neither_life_nor_harm_is_not_scored() -> None:
    assert Likeness(5.0, {}).scores(tokens("I miss my friend so much")) == []
    assert likeness().scores(tokens("the sun is out")) == []
