"""Reading Prometheus' text format with the parser of its own client."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def figures(exposition: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition.decode())
        for sample in family.samples
    }


def total(exposition: bytes, name: str, **labels: str) -> float:
    """The sum of the samples of that name with at least these labels; 0 where there is none."""
    wanted = labels.items()
    return sum(value for (each, found), value in figures(exposition).items() if each == name and wanted <= found)
