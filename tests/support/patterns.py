"""Every regular expression of the project: those of its modules, and those written where used."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.workflow import PROJECT

SCRIPTS = PROJECT / "scripts"

AT_THE_START = {"match", "fullmatch"}  # methods that look for a pattern in one place only


@dataclass(frozen=True)
class Pattern:
    """A regular expression, and whether it is only looked for at the start of texts."""

    compiled: re.Pattern[str] | re.Pattern[bytes]
    is_anchored: bool

    def use(self, text: str) -> None:
        """Look for it as the project does."""
        own = text if isinstance(self.compiled.pattern, str) else text.encode()
        if self.is_anchored:
            self.compiled.match(own)  # type: ignore[arg-type]
            self.compiled.fullmatch(own)  # type: ignore[arg-type]
        else:
            for _ in self.compiled.finditer(own):  # type: ignore[arg-type]
                pass


def patterns() -> dict[str, Pattern]:
    """The patterns by `module:name`, or by `module:line` for literals in functions."""
    found: dict[str, Pattern] = {}
    sources = {path: path.read_text("utf-8") for path in sorted(SCRIPTS.rglob("*.py"))}
    everything = "\n".join(sources.values())
    for path, source in sources.items():
        if "import re\n" not in source:
            continue
        name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for attribute, value in vars(importlib.import_module(name)).items():
            several = value if isinstance(value, list | tuple) else [value]
            methods = set(re.findall(rf"\b{attribute}\.(\w+)", everything))
            for number, pattern in enumerate(several):
                if isinstance(pattern, re.Pattern):
                    place = f"[{number}]" if several is value else ""
                    anchored = bool(methods) and methods <= AT_THE_START
                    found[f"{name}:{attribute}{place}"] = Pattern(pattern, anchored)
        for call, text in _literals(ast.parse(source)):
            method = ast.unparse(call.func).removeprefix("re.")
            found[f"{name}:{call.lineno}"] = Pattern(re.compile(text), method in AT_THE_START)
    return found


def _literals(tree: ast.Module) -> Iterator[tuple[ast.Call, str | bytes]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr not in ("compile", "escape")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node, node.args[0].value
