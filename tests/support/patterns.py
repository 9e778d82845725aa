"""Every regular expression of the project: in modules, and in functions."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

from scripts.rawinfo.shown_values import _number_pattern
from scripts.store.media_kinds import MEDIA_KINDS
from tests.support.workflow import PROJECT

SCRIPTS = PROJECT / "scripts"

# Functions that build patterns, and the worst pattern that each builds.
BUILT = {
    "scripts.rawinfo.shown_values:_number_pattern": [
        _number_pattern(*signs).pattern for signs in ((",", "."), (".", ","), (",", " "))
    ],
    "scripts.search.snippets:_parts": ["aaaa|aaa|aa|a", "a a a|a a|a|1"],
    "scripts.store.media_kinds:has_name": [kind.name_pattern for kind in MEDIA_KINDS.values()],
}
AT_THE_START = {"match", "fullmatch"}  # methods that look for a pattern in one place only


@dataclass(frozen=True)
class Pattern:
    """A regular expression, and whether it can match only at the start of texts."""

    compiled: re.Pattern[str] | re.Pattern[bytes]
    is_anchored: bool

    def use(self, text: str) -> None:
        """Search for the pattern in the same way as the project."""
        own = text if isinstance(self.compiled.pattern, str) else text.encode()
        if self.is_anchored:
            self.compiled.match(own)  # type: ignore[arg-type]
            self.compiled.fullmatch(own)  # type: ignore[arg-type]
        else:
            for _ in self.compiled.finditer(own):  # type: ignore[arg-type]
                pass


@cache
def patterns() -> dict[str, Pattern]:
    """The patterns by `module:name`, or by `module:line` for literals in functions."""
    found: dict[str, Pattern] = {}
    sources = {path: path.read_text("utf-8") for path in sorted(SCRIPTS.rglob("*.py"))}
    used: dict[str, set[str]] = defaultdict(set)  # the attributes of each name, anywhere
    for source in sources.values():
        for owner, attribute in re.findall(r"\b(\w+)\.(?=(\w+))", source):
            used[owner].add(attribute)
    for path, source in sources.items():
        if "import re\n" not in source:
            continue
        name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for attribute, value in vars(importlib.import_module(name)).items():
            several = value if isinstance(value, list | tuple) else [value]
            compiled = [it for it in several if isinstance(it, re.Pattern)]
            methods = used[attribute]
            for number, pattern in enumerate(compiled):
                place = f"[{number}]" if several is value else ""
                anchored = bool(methods) and methods <= AT_THE_START
                found[f"{name}:{attribute}{place}"] = Pattern(pattern, anchored)
        for call, text in _literals(ast.parse(source)):
            method = ast.unparse(call.func).removeprefix("re.")
            found[f"{name}:{call.lineno}"] = Pattern(re.compile(text), method in AT_THE_START)
    for name, built in BUILT.items():
        for number, text in enumerate(built):
            found[f"{name}[{number}]"] = Pattern(re.compile(text), is_anchored=False)
    return found


def building_functions() -> set[str]:
    """The functions, by `module:name`, that build a pattern from anything but a literal."""
    found = set()
    for path in SCRIPTS.rglob("*.py"):
        module = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and any(
                map(_builds_a_pattern, ast.walk(function))
            ):
                found.add(f"{module}:{function.name}")
    return found


def _builds_a_pattern(node: ast.AST) -> bool:
    return _is_of_re(node) and not isinstance(node.args[0], ast.Constant)


def _is_of_re(node: ast.AST) -> TypeGuard[ast.Call]:
    """True if the node calls a function of `re` that takes a pattern."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr != "escape"
    )


def _literals(tree: ast.Module) -> Iterator[tuple[ast.Call, str | bytes]]:
    for node in ast.walk(tree):
        if (
            _is_of_re(node)
            and ast.unparse(node.func) != "re.compile"
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node, node.args[0].value
