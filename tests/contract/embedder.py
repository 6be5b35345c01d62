"""What every Embedder does. Subclass and give an ``embedder`` fixture."""

from __future__ import annotations

import numpy as np
import pytest

from bot.llm.embedder import Embedder

JOB = "I lost my job and I don't know what to do"
JOB_AGAIN = "what to do now that I lost my job"
SONG = "play some quiet piano music"
TEXTS = (JOB, SONG, JOB_AGAIN)
ODD = ("x" * 200_000, "word " * 50_000, "🙂🙃", "שלום עולם", "half \ud800 a letter", "ｆｕｌｌ")


class EmbedderContract:
    def test_gives_one_row_of_length_one_a_text(self, embedder: Embedder) -> None:
        rows = embedder.embed(TEXTS)
        assert rows.shape == (3, embedder.dimensions)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)

    def test_gives_the_same_again(self, embedder: Embedder) -> None:
        np.testing.assert_allclose(embedder.embed(TEXTS), embedder.embed(TEXTS), atol=1e-6)

    def test_does_not_depend_on_what_else_is_asked(self, embedder: Embedder) -> None:
        together = embedder.embed(TEXTS)
        np.testing.assert_allclose(together[1], embedder.embed([SONG])[0], atol=1e-5)

    def test_keeps_the_order_over_many_texts(self, embedder: Embedder) -> None:
        texts = [f"message number {number} about {'work' if number % 2 else 'music'}" for number in range(600)]
        rows = embedder.embed(texts)
        np.testing.assert_allclose(rows[[0, 301, 599]], embedder.embed([texts[0], texts[301], texts[599]]), atol=1e-5)

    def test_puts_what_is_alike_nearer(self, embedder: Embedder) -> None:
        job, song, again = embedder.embed(TEXTS)
        assert job @ again > job @ song + 0.1

    def test_gives_zeros_for_a_text_without_words(self, embedder: Embedder) -> None:
        rows = embedder.embed(["", " \n", SONG])
        assert not rows[:2].any()
        assert rows[2].any()

    def test_takes_no_texts(self, embedder: Embedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.dimensions)

    @pytest.mark.parametrize("text", ODD)
    def test_takes_any_text(self, embedder: Embedder, text: str) -> None:
        assert np.isfinite(embedder.embed([text])).all()

    def test_has_a_name_that_tells_its_version(self, embedder: Embedder) -> None:
        assert any(letter.isdigit() for letter in embedder.name)
