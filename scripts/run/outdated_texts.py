"""Say which existing texts a run makes again after the configuration changed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from scripts.counts import counted, them
from scripts.errors import examples
from scripts.plan.texts import TextPlan
from scripts.store.text_kinds import NO_ENGINE, TEXT_KINDS
from scripts.store.texts import AUTO, OCR_ENGINES, settings_hash


def announce_outdated(texts: Mapping[str, TextPlan], config: Mapping[str, Any]) -> None:
    """Say which texts the next run makes again, and how to make the others again.

    config: a complete configuration.
    """
    for line in _describe(texts, config):
        Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)


def _describe(texts: Mapping[str, TextPlan], config: Mapping[str, Any]) -> Iterator[str]:
    for kind, plan in texts.items():
        plural = TEXT_KINDS[kind].plural
        if plan.outdated:
            yield (
                f"{counted(plan.outdated, plural, 'were')} made with other settings than `{kind}` "
                f"has now. A run makes {them(plan.outdated)} again."
            )
        if older := _made_in_another_way(plan, config[kind]):
            count = older.total()
            yield (
                f"{counted(count, plural, 'were')} made in another way than `{kind}` makes new "
                f"ones ({examples(sorted(older))}). A run keeps {them(count)}; "
                f"`snakemake --cores 8 --forcerun {kind}` makes {them(count)} again."
            )


def _made_in_another_way(plan: TextPlan, settings: Mapping[str, Any]) -> Counter[str]:
    """How many finished texts were made differently from new ones, by their engine."""
    engines = {engine for engine, _ in plan.made}
    if settings["engine"] == NO_ENGINE or not engines:
        return Counter()
    current = settings_hash(settings)
    if settings["engine"] == AUTO:
        if engines == {OCR_ENGINES[0]}:
            return Counter()  # the best engine made all of them
        from scripts import ocr  # not above: it loads libraries for images

        current = ocr.hash_settings(settings)
    older: Counter[str] = Counter()
    for (engine, asked), count in plan.made.items():
        if asked != current:
            older[engine] += count
    return older
