"""Microsoft's Presidio as a second pair of eyes (the extra ``presidio``): its recognisers of numbers with forms and
checksums, and names as well where a spaCy model is installed. Nothing is ever downloaded, and nobody is asked.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from bot.errors import SettingsError
from bot.telemetry.spans import Kind, Span, united

INSTALL: Final = (
    'RAISE_REDACTOR: presidio is not installed: pip install "raise-bot[presidio]", or leave it at patterns, which '
    "needs nothing"
)
LIKELY: Final = 0.4
"""Presidio's score from which a find counts: a phone number without a word such as "call" before it has just that."""
_LANGUAGE: Final = "en"
"""Its recognisers are grouped by language; the forms and checksums among the English ones hold everywhere."""
_KINDS: Final = {
    "PERSON": Kind.PERSON,
    "EMAIL_ADDRESS": Kind.EMAIL,
    "PHONE_NUMBER": Kind.PHONE,
    "CREDIT_CARD": Kind.CARD,
    "IBAN_CODE": Kind.IBAN,
    "IP_ADDRESS": Kind.IP,
    "URL": Kind.URL,
    "US_SSN": Kind.SSN,
    **dict.fromkeys(("US_PASSPORT", "US_DRIVER_LICENSE", "US_BANK_NUMBER", "US_ITIN", "UK_NHS"), Kind.ID),
    **dict.fromkeys(("MEDICAL_LICENSE", "CRYPTO", "MAC_ADDRESS", "UUID"), Kind.ID),
}
"""What of Presidio's entities is claimed. Its others (dates, places, nationalities) tell moderators what a message is
about, and alone they name nobody."""


class _Found(Protocol):
    entity_type: str
    start: int
    end: int


class _Analyzer(Protocol):
    """What is used of AnalyzerEngine; the library itself need not be installed to check types."""

    def analyze(self, text: str, language: str, entities: list[str], score_threshold: float) -> list[_Found]: ...


class Presidio:
    """Redactor over presidio-analyzer."""

    def __init__(self, model: str = "") -> None:
        """``model``: an installed spaCy pipeline (``en_core_web_lg``) or its folder; without one no names are found.
        Raises SettingsError when the extra or the model is missing."""
        try:
            library: Any = import_module("presidio_analyzer")  # heavy: only where it is chosen
            engines: Any = import_module("presidio_analyzer.nlp_engine")
        except ImportError:
            raise SettingsError((INSTALL,)) from None
        if model:
            engine = engines.SpacyNlpEngine([{"lang_code": _LANGUAGE, "model_name": _installed(model)}])
        else:
            engine = engines.NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": "none"}])
        engine.load()
        self._analyzer: _Analyzer = _analyzer(library, engine, names=bool(model))
        self._entities = [name for name in _KINDS if model or name != "PERSON"]

    def find(self, text: str) -> tuple[Span, ...]:
        found = self._analyzer.analyze(text, _LANGUAGE, self._entities, LIKELY)
        return united(Span(each.start, each.end, _KINDS[each.entity_type]) for each in found if each.start < each.end)


def _analyzer(library: Any, engine: Any, *, names: bool) -> _Analyzer:
    registry = library.RecognizerRegistry(supported_languages=[_LANGUAGE])
    registry.load_predefined_recognizers(languages=[_LANGUAGE], nlp_engine=engine)
    # Its recogniser of mail addresses fetches the list of top-level domains from the network; its pattern does not.
    mail = next(each for each in registry.recognizers if each.name == "EmailRecognizer")
    registry.remove_recognizer("EmailRecognizer")
    registry.add_recognizer(
        library.PatternRecognizer("EMAIL_ADDRESS", patterns=mail.PATTERNS, supported_language=_LANGUAGE)
    )
    if names:
        registry.add_nlp_recognizer(nlp_engine=engine)
    made: _Analyzer = library.AnalyzerEngine(
        registry=registry, nlp_engine=engine, supported_languages=[_LANGUAGE], default_score_threshold=LIKELY
    )
    return made


def _installed(model: str) -> str:
    """The model's name. Presidio would download one that is missing."""
    spacy: Any = import_module("spacy")
    if not spacy.util.is_package(model) and not Path(model).is_dir():
        problem = (
            f"RAISE_PRESIDIO_MODEL: expected an installed spaCy model or its folder, and {model!r} is neither: "
            f"python -m spacy download {model}, or leave it empty to do without names"
        )
        raise SettingsError((problem,))
    return model
