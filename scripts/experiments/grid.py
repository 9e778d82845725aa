"""Turn `experiments` in the configuration into a list of experiments.

Every combination of the listed components is one experiment. Fusions combine some of them, and
systems are whole programs that rank in their own way.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from scripts.errors import ConfigError
from scripts.experiments.corpus import SOURCES
from scripts.experiments.dense import DENSE, EMBEDDINGS
from scripts.experiments.expansion import EXPANSIONS
from scripts.experiments.fusion import FUSIONS
from scripts.experiments.registry import NONE, Registry
from scripts.experiments.systems import CLOSER, SYSTEMS
from scripts.experiments.tokenisation import TOKENISATIONS
from scripts.experiments.weighting import COLLECTION_WEIGHTINGS, NORMALISATIONS, TERM_WEIGHTINGS
from scripts.search.reranker import Reranker

# The registry of each setting. Some settings also allow `none`, which is not in the registry.
_COMPONENTS: dict[str, Registry[Any]] = {
    "tokenisation": TOKENISATIONS,
    "term_weighting": TERM_WEIGHTINGS,
    "collection_weighting": COLLECTION_WEIGHTINGS,
    "normalisation": NORMALISATIONS,
    "expansion": EXPANSIONS,
    "dense": DENSE,
}
_OPTIONAL = ("expansion", "dense")
# Replaces the tokenisation if a model reads the texts.
PASSAGES = "passages"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One way to rank: an index (sources, tokenisation, attribution), and how to score with it."""

    sources: tuple[str, ...]
    tokenisation: str
    attribution: bool
    term_weighting: str
    collection_weighting: str
    normalisation: str
    expansion: str = NONE
    dense: str = NONE

    @property
    def index(self) -> str:
        """The name of the index."""
        return f"{self.tokenisation} {'+'.join(self.sources)}" + " by field" * self.attribution

    @property
    def has_terms(self) -> bool:
        """True if it uses terms; False if a model reads the texts."""
        return self.tokenisation != PASSAGES

    @property
    def name(self) -> str:
        """Such as `4grams basic+comments binary.probabilistic.none`, plus optional components."""
        weighting = f"{self.term_weighting}.{self.collection_weighting}.{self.normalisation}"
        extras = [part for part in (self.expansion, self.dense) if part != NONE]
        return " ".join([self.index, *([weighting] if self.has_terms else []), *extras])

    def parts(self) -> list[str]:
        """The components with their versions. Results depend only on these and on the texts."""
        used = ((name, getattr(self, name)) for name in _COMPONENTS)
        versions = [
            component if component in (NONE, PASSAGES) else _COMPONENTS[name].versioned(component)
            for name, component in used
        ]
        return [*versions, str(self.attribution)]


@dataclass(frozen=True, slots=True)
class Fusion:
    """One ranking that combines those of several experiments."""

    name: str
    method: str
    experiments: tuple[Experiment, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A whole program that ranks in its own way."""

    name: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything to be run, in the order of the configuration."""

    experiments: tuple[Experiment, ...]
    fusions: tuple[Fusion, ...]
    systems: tuple[Program, ...]

    def parts(self) -> tuple[Experiment | Fusion | Program, ...]:
        return (*self.experiments, *self.fusions, *self.systems)

    @property
    def needs_encoder(self) -> bool:
        """True if a model has to read the texts."""
        return any(not experiment.has_terms for experiment in self.experiments)

    def sources(self) -> set[str]:
        """All sources that results depend on."""
        if self.systems:
            return set(SOURCES)
        return {source for experiment in self.experiments for source in experiment.sources}


def make_grid(settings: Mapping[str, Any], reranker: Reranker | None = None) -> Grid:
    """The grid of `experiments` in the configuration. Without `reranker`, it lacks `search closer`.

    Raises ConfigError, which names an unknown component and lists the known ones.
    """
    for setting, registry in _COMPONENTS.items():
        for name in settings[setting]:
            if not (name == NONE and setting in _OPTIONAL):
                registry.find(name)
    combined = product(
        [_read_sources(sources) for sources in settings["sources"]],
        settings["tokenisation"],
        settings["attribution"],
        *(settings[setting] for setting in _COMPONENTS if setting != "tokenisation"),
    )
    # Components that make no difference to dense vectors become `none`: the experiment is the same.
    experiments = tuple(dict.fromkeys(_simplest(Experiment(*choice)) for choice in combined))
    fusions = tuple(_read_fusion(fusion, experiments) for fusion in settings["fusion"])
    for name in settings["systems"]:
        SYSTEMS.find(name)
    systems = tuple(
        Program(name) for name in dict.fromkeys(settings["systems"]) if reranker or name != CLOSER
    )
    grid = Grid(experiments, fusions, systems)
    names = [part.name for part in grid.parts()]
    _refuse_same_names(names)
    baseline = settings.get("baseline", "")
    if baseline and baseline not in names:
        raise ConfigError(
            f"`experiments.baseline` is `{baseline}`, but the grid has no such experiment. One "
            f"that it has is `{names[0] if names else 'none'}`."
        )
    return grid


def _simplest(experiment: Experiment) -> Experiment:
    if experiment.dense == NONE:
        return experiment
    of_terms = replace(experiment, normalisation=NONE, expansion=NONE)
    if experiment.dense != EMBEDDINGS:
        return of_terms
    return replace(
        of_terms,
        tokenisation=PASSAGES,
        attribution=False,
        term_weighting=NONE,
        collection_weighting=NONE,
    )


def _read_sources(text: str) -> tuple[str, ...]:
    sources = text.split("+")
    unknown = [source for source in sources if source not in SOURCES]
    if unknown or len(set(sources)) < len(sources):
        problem = f"there is no source `{unknown[0]}`" if unknown else "a source occurs twice"
        raise ConfigError(
            f"`experiments.sources`: {problem} in `{text}`. Join some of these with a plus sign: "
            f"{', '.join(SOURCES)}."
        )
    return tuple(sorted(sources))


def _read_fusion(settings: Mapping[str, Any], experiments: Sequence[Experiment]) -> Fusion:
    FUSIONS.find(settings["method"])
    parts = list(dict.fromkeys(_matching(settings, experiments)))
    if len(parts) < 2:
        raise ConfigError(f"The fusion `{settings['name']}` needs two experiments or more.")
    return Fusion(settings["name"], settings["method"], tuple(parts))


def _matching(
    settings: Mapping[str, Any], experiments: Sequence[Experiment]
) -> Iterator[Experiment]:
    for pattern in settings["parts"]:
        found = [part for part in experiments if fnmatchcase(part.name, pattern)]
        if not found:
            raise ConfigError(
                f"The fusion `{settings['name']}` has a part `{pattern}`, but the grid has no such "
                f"experiment. One that it has is `{experiments[0].name}`."
            )
        yield from found


def _refuse_same_names(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ConfigError(f"Two experiments are called `{twice[0]}`: give the fusion another name.")
