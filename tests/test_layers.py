"""Later stages import earlier ones, never the other way round, and never in a cycle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.support.workflow import PROJECT

# From the lowest to the highest. Each may import those before it. docs/architecture.md has the map.
LAYERS = (
    *("version", "errors", "engines", "characters", "counts", "files", "logs", "model_files"),
    *("rawinfo", "store", "plan", "media", "download", "scrape", "ocr", "speech", "screen"),
    *("merge", "search", "queries", "report", "experiments", "viewer"),
    *("curation", "export", "tables", "run"),
)


def imports(module: Path) -> Iterator[str]:
    """Every module of the project that a module imports, also lazily or only for types."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import"
            # `from scripts import x` also imports a module.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith("scripts."))


def layer(module: str) -> str:
    return module.split(".")[1]


def test_every_module_uses_only_earlier_layers():
    scripts = PROJECT / "scripts"
    found = {
        path.relative_to(scripts).parts[0].removesuffix(".py") for path in scripts.rglob("*.py")
    }
    assert found - {"__init__"} == set(LAYERS)
    upwards = [
        f"{module.relative_to(PROJECT)} imports {name}"
        for module in sorted(scripts.rglob("*.py"))
        for own in [module.relative_to(scripts).parts[0].removesuffix(".py")]
        for name in imports(module)
        if own != "__init__" and own != layer(name)
        if LAYERS.index(layer(name)) > LAYERS.index(own)
    ]
    assert upwards == []


def test_there_is_no_cycle_of_imports():
    modules = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (PROJECT / "scripts").rglob("*.py")
    }

    def imported(path: Path) -> set[str]:
        """`from scripts.a import b` may be the module `b`, or something in `a`."""
        return {
            name if name in modules else name.rpartition(".")[0] for name in imports(path)
        } & set(modules)

    graph = {name: imported(path) - {name} for name, path in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_only_run_knows_snakemake():
    users = {
        module.relative_to(PROJECT / "scripts").parts[0]
        for module in (PROJECT / "scripts").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        if any("snakemake" in name for name in names_of(node))
    }
    assert users <= {"run"}


def names_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    own = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    return [alias.name if isinstance(node, ast.Import) else own for alias in node.names]
