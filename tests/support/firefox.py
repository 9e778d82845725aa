"""Firefox, driven by its own WebDriver BiDi: Playwright drives only a patched Firefox."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

PROGRAM = which("firefox-esr") or which("firefox")
LISTENS = "WebDriver BiDi listening on "


class Firefox:
    """A headless Firefox with one tab, which reaches nothing but the stand-in."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        self._tab = ""

    @classmethod
    @contextmanager
    def started(cls, profile: Path, proxy: str) -> Iterator[Self]:
        """Start it with an empty folder as its profile. proxy: `host:port`."""
        options = [
            "--headless",
            "--no-remote",
            "--profile",
            str(profile),
            "--remote-debugging-port",
            "0",
        ]
        with subprocess.Popen(
            [PROGRAM or "", *options], stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                lines = process.stderr or ()
                address = next(it.strip() for it in lines if it.startswith(LISTENS))
                link = f"{address.removeprefix(LISTENS)}/session"
                with connect(link, max_size=None, proxy=None, ping_interval=None) as socket:
                    firefox = cls(socket)
                    firefox._begin(proxy)
                    yield firefox
            finally:
                process.kill()

    def _begin(self, proxy: str) -> None:
        settings = {"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy}
        wanted = {"acceptInsecureCerts": True, "proxy": settings}
        self.send("session.new", capabilities={"alwaysMatch": wanted})
        self._tab = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._sent:
            pass
        if answer["type"] == "error":
            raise RuntimeError(answer["message"])
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, link: str, script: str = "") -> None:
        """Open a page. `script` runs in it before any of its own."""
        added = script and self.send(
            "script.addPreloadScript", functionDeclaration=f"() => {{{script}\n}}"
        )
        self.send("browsingContext.navigate", context=self._tab, url=link, wait="complete")
        if added:
            self.send("script.removePreloadScript", script=added["script"])

    def evaluate(self, code: str) -> Any:
        """The value of an expression in the page, or of its promise."""
        answer = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({code})) ?? 'null')()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])
