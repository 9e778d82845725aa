"""Registries of the components that a grid can name."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from scripts.errors import ConfigError

Component = TypeVar("Component", bound=Callable[..., Any])
NONE = "none"


class Registry(dict[str, Component], Generic[Component]):
    """Components of one kind by name, each with a version that is part of the keys of results.

    kind: the name of their kind in errors, such as `term weighting`.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._versions: dict[str, int] = {}

    def add(self, name: str, version: int = 1) -> Callable[[Component], Component]:
        """Decorate a component. If its version changes, its results are computed again."""

        def register(component: Component) -> Component:
            self[name] = component
            self._versions[name] = version
            return component

        return register

    def find(self, name: str) -> Component:
        """Return the component. Raises ConfigError, which lists the known ones."""
        if name not in self:
            close = get_close_matches(str(name), self, n=1)
            meant = f" Did you mean `{close[0]}`?" if close else ""
            raise ConfigError(
                f"There is no {self.kind} `{name}`.{meant} Choose from: {', '.join(self)}."
            )
        return self[name]

    def versioned(self, name: str) -> str:
        """The name and version of a component, for keys."""
        return f"{name} {self._versions[name]}"
