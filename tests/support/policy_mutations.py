"""Mistakes an operator could make, made on purpose: every mutant knows the line where `policy check` must see it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bot.policy.nodes import Mapping, Scalar
from bot.policy.validation import known_keys, type_at
from tests.support.policy_mutations_beside import BESIDE
from tests.support.policy_sources import Mutant, Source, Texts, sources, typo

NUMBERS = ("gain", "price", "answer_chance", "factor", "score", "threshold", "price_growth", "floor", "questions")
ENUMS = ("sensitivity", "scope", "severity", "category", "on_failure", "subject", "mode")


def mutants(contents: Texts, seed: int = 20_260_101) -> tuple[Mutant, ...]:
    """The same mistakes for the same files: at least 200, of every family, spread over all files."""
    chance = random.Random(seed)
    found: list[Mutant] = []
    for source in sources(contents):
        for family, most in FAMILIES:
            made = list(family(source, chance))
            found += chance.sample(made, min(most, len(made)))
    return tuple(found)


def misspelt_keys(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for site in source.sites:
        known = known_keys(source.model, site.path[:-1])
        if site.key is not None and known and source.plain(site.key):
            wrong = typo(site.key.text, chance)
            if wrong not in known:
                yield source.swap("key", site.key, wrong, f"unknown key {wrong!r} (did you mean {site.key.text!r}?)")


def wrong_types(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for _, key, value in source.values():
        numeric = value.text.replace(".", "", 1).isdigit()
        kinds = ["7", "[one, two]", "{one: two}"] if value.text in ("true", "false") else ["7", "true", "[one, two]"]
        wrong = "a lot" if numeric else chance.choice(kinds)
        told = "number" if numeric and key.text != "schema_version" else "expected"  # of a version, the one there is
        yield source.swap(f"type-{key.text}", value, wrong, told)


def out_of_range(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for _, key, value in source.values():
        if key.text in NUMBERS:
            yield source.swap(f"range-{key.text}", value, chance.choice(["-1", "99"]), "expected a number of")


def misspelt_values(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for _, key, value in source.values():
        if key.text in ENUMS and value.text != "null":
            yield source.swap(f"value-{key.text}", value, typo(value.text, chance), f"did you mean {value.text!r}?")


def missing_keys(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for site, key, value in source.values():
        owner = type_at(source.model, site.path[:-1])
        if owner is None or not owner.model_fields[key.text].is_required() or not source.alone(key, value):
            continue
        if sum(other.path[:-1] == site.path[:-1] for other in source.sites) == 1:
            continue  # without its only key, the one above has no value, and that is what is said
        line = source.document.key_at(*site.path[:-1])[0] if len(site.path) > 1 else 0
        if line:
            yield Mutant(f"missing-{key.line}", source.file, key.line, (), line, f"key {key.text!r} is missing")


def dangling_files(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for site in source.sites:
        if source.file == "index.yaml" and isinstance(site.node, Scalar) and site.node.text.endswith(".yaml"):
            wrong = typo(site.node.text.removesuffix(".yaml"), chance) + ".yaml"
            yield source.swap("file", site.node, wrong, "there is no file")


def dangling_attributes(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for site in source.sites:
        above = site.path[-2] if len(site.path) > 1 else ""
        if source.file.startswith("domains/") and above in ("attributes", "when") and site.key is not None:
            wrong = typo(site.key.text, chance)
            yield source.swap("attribute", site.key, wrong, f"no attribute {wrong!r}")


def dangling_values(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """Values of conditions and modulations, and the attributes that modulations name."""
    for site in source.sites:
        if not isinstance(site.node, Scalar) or not source.plain(site.node) or "defaults" in source.file:
            continue
        named = site.path[0] == "modulations" and site.path[-1] in ("attribute", "target")
        listed = site.key is None and (site.path[-2] == "values" or "when" in site.path)
        if named or listed:
            hint = f"did you mean {site.node.text!r}?"
            yield source.swap("reference", site.node, typo(site.node.text, chance), hint)


def duplicate_keys(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for _, key, value in source.values():
        if source.alone(key, value):
            line = source.lines[key.line - 1]
            place = key.line + 1
            yield Mutant(f"twice-{key.line}", source.file, key.line, (line, line), place, "duplicate key")


def duplicate_ids(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """The id of a rule or of a choice given to another one."""
    del chance
    first: dict[tuple[object, ...], Scalar] = {}
    for site, key, value in source.values():
        if key.text == "id" and len(site.path) > 2:
            other = first.setdefault(site.path[:-2], value)
            if other.text != value.text:
                yield source.swap("same-id", value, other.text, "already")


def broken_yaml(source: Source, chance: random.Random) -> Iterator[Mutant]:
    kinds: tuple[tuple[str, Callable[[str], str], str], ...] = (
        ("anchor", lambda text: f"&here {text}", "anchor"),
        ("alias", lambda text: "*here", "alias"),
        ("tag", lambda text: f"!!python/name:os.system {text}", "tag"),
        ("quote", lambda text: f'"{text}', "not valid YAML"),
        ("bracket", lambda text: f"[{text}", "not valid YAML"),
        ("percent", lambda text: f"%{text}", "not valid YAML"),
        ("colon", lambda text: f"{text}: {text}", "not valid YAML"),
        ("control", lambda text: f"{text}\x07", "control character"),
        ("nothing", lambda text: "", "has no value"),
    )
    for _, key, value in source.values():
        if source.alone(key, value):
            name, change, told = chance.choice(kinds)
            yield source.swap(f"yaml-{name}", value, change(value.text), told)


def tabs(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for _, key, _ in source.values():
        line = source.lines[key.line - 1]
        if line.startswith("  "):
            yield Mutant(f"tab-{key.line}", source.file, key.line, (f"\t{line.lstrip()}",), key.line, "tab")


def phrase_mistakes(source: Source, chance: random.Random) -> Iterator[Mutant]:
    for site in source.sites:
        if site.path[0] != "phrases" or site.key is None or not isinstance(site.node, Scalar):
            continue
        yield source.swap("phrase", site.key, typo(site.key.text, chance), "no phrase is called")
        line, place = source.lines[site.node.line - 1], site.node.line
        if "{" in line:
            new = (line.replace("{", "{x_", 1),)
            yield Mutant(f"placeholder-{place}", source.file, place, new, place, "is nothing that")


def resource_mistakes(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    wrong = {"web": ("call us", "address"), "verified_on": ("2026-02-31", "calendar"), "emergency": ("ask", "number")}
    for site, key, value in source.values():
        if source.file.startswith("resources/") and key.text in wrong:
            new, told = wrong[key.text]
            yield source.swap(f"resource-{key.text}", value, new, told)
        if site.path[0] == "locale_countries":
            yield source.swap("country", value, "ZZ", "no country")


def countries(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for site in source.sites:
        if len(site.path) == 2 and site.path[0] == "countries" and site.key is not None:
            yield source.swap("country", site.key, "XX", "no country of ISO 3166")


def unknown_versions(source: Source, chance: random.Random) -> Iterator[Mutant]:
    del chance
    for _, key, value in source.values():
        if key.text == "schema_version":
            for wrong in ("2", "0", '"1"', "v1", "null", "1.5"):
                yield source.swap(f"version-{wrong}", value, wrong, "schema version")


def wrong_names(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """A file whose id is not its name."""
    del chance
    for site, key, value in source.values():
        if site.path in (("id",), ("locale",)):
            yield source.swap(f"name-{key.text}", value, "xx", "in a file called")


def cycles(source: Source, chance: random.Random) -> Iterator[Mutant]:
    """A modulation added at the end that goes back from the target of another to its attribute."""
    del chance
    rules = [site.node for site in source.sites if len(site.path) == 2 and site.path[0] == "modulations"]
    for rule in rules:
        assert isinstance(rule, Mapping)
        said = {key.text: value.text for key, value in rule.entries if isinstance(value, Scalar)}
        if said.get("target") == "past_self_harm_history":
            target, last = said["attribute"], rules[-1].line
            back = f"  - {{attribute: past_self_harm_history, values: [none], target: {target}, factor: 0.5}}"
            new = (source.lines[last - 1], back)
            yield Mutant(f"cycle-{rule.line}", source.file, last, new, last + 1, "circle")


Family = Callable[[Source, random.Random], Iterator[Mutant]]
FAMILIES: tuple[tuple[Family, int], ...] = (
    (misspelt_keys, 4),
    (wrong_types, 3),
    (out_of_range, 1),
    (misspelt_values, 1),
    (missing_keys, 1),
    (dangling_files, 3),
    (dangling_attributes, 1),
    (dangling_values, 1),
    (duplicate_keys, 1),
    (duplicate_ids, 2),
    (broken_yaml, 3),
    (tabs, 1),
    (phrase_mistakes, 6),
    (resource_mistakes, 6),
    (countries, 3),
    (unknown_versions, 6),
    (wrong_names, 1),
    (cycles, 1),
    *BESIDE,
)
"""Family of mistakes -> at most how many of it in one file."""
