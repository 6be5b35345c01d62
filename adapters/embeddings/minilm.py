"""The paper's encoder, all-MiniLM-L6-v2, through sentence-transformers (the extra ``minilm``)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from bot.errors import SettingsError
from bot.llm.embedder import Vectors

HUB_NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS: Final = "model.safetensors"
EXPECTED: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the weights as published under HUB_NAME."""
DIMENSIONS: Final = 384
_BATCH: Final = 64
_INSTALL: Final = 'the minilm embedder needs an extra that is not installed: pip install "raise-bot[minilm]"'


class _Encoder(Protocol):
    """What is used of SentenceTransformer; the library itself need not be installed to check types."""

    def encode(
        self, sentences: list[str], *, batch_size: int, normalize_embeddings: bool, show_progress_bar: bool
    ) -> Vectors: ...


class MiniLMEmbedder:
    """Sentences by meaning, in 384 dimensions, on the CPU. Texts are read up to 256 word pieces (model card)."""

    def __init__(self, source: str | Path = HUB_NAME, expected: str = EXPECTED) -> None:
        """``source``: a local folder, or a name on the hub (downloaded once, then cached by the hub's own client).
        ``expected``: SHA-256 of its model.safetensors. Raises SettingsError when the extra is missing, the source
        cannot be had, or the weights are others than expected."""
        try:
            library: Any = import_module("sentence_transformers")  # heavy: only where this embedder is chosen
        except ImportError:
            raise SettingsError((_INSTALL,)) from None
        folder = Path(source) if Path(source).is_dir() else _downloaded(str(source))
        check_weights(folder, expected)
        self._model: _Encoder = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self._name = f"minilm-{expected[:12]}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        filled = [place for place, text in enumerate(texts) if text.strip()]
        if filled:
            rows[filled] = self._model.encode(
                [texts[place] for place in filled],
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return rows


def check_weights(folder: Path, expected: str) -> None:
    """Raises SettingsError unless ``folder`` holds weights of exactly this SHA-256: vectors of other weights would be
    compared with what was planned before, and silently mean something else."""
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise SettingsError((f"expected {WEIGHTS} in {str(folder)!r}, found none; name the folder of the model",))
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        problem = f"{weights} has SHA-256 {found}, expected {expected}; fetch the model again, or name the right hash"
        raise SettingsError((problem,))


def _downloaded(name: str) -> Path:
    hub: Any = import_module("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=["*.json", "*.txt", WEIGHTS, "1_Pooling/*"]))
    except Exception as error:  # noqa: BLE001 - the hub's client raises errors of several libraries; all mean the same
        kind = type(error).__name__
        problem = f"{name!r} is no local folder and could not be fetched from the hub ({kind}); name a folder instead"
        raise SettingsError((problem,)) from None
