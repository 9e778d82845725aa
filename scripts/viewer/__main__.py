"""Serve a corpus on loopback and open the page: `python -m scripts.viewer [--data data]`."""

import argparse
import socket
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path

import uvicorn

from scripts.errors import CorpusError
from scripts.search.settings import CONFIG, read_reranker
from scripts.viewer.app import create_app
from scripts.viewer.connections import ImpatientProtocol

PORT = 8123


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C, and return the exit status."""
    options = _parse(arguments)
    try:
        app = create_app(options.data, read_reranker(options.config))
        listener = listen(options.port)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    print(f"{options.data} is at {address} (Ctrl-C ends it)", flush=True)
    if not options.no_browser:
        webbrowser.open(address)
    config = uvicorn.Config(
        app, http=ImpatientProtocol, log_level="warning", timeout_graceful_shutdown=1
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.viewer", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="folder of the corpus (default: data)"
    )
    parser.add_argument(
        "--port",
        type=int,
        help=f"on 127.0.0.1; 0 means any free port (default: {PORT}, or any if it is taken)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIG,
        help="its `search.model` names the model of the second pass (default: config.yaml)",
    )
    parser.add_argument("--no-browser", action="store_true", help="only serve")
    return parser.parse_args(arguments)


def listen(port: int | None) -> socket.socket:
    """A socket that only this machine can reach."""
    try:
        listener = socket.create_server(("127.0.0.1", PORT if port is None else port))
    except OSError as error:
        if port is not None:
            raise CorpusError(f"Port {port}: {error.strerror}. Choose another --port.") from error
        listener = socket.create_server(("127.0.0.1", 0))
    # Without TCP_NODELAY, the end of each answer waits 40 ms. asyncio sets it only on its sockets.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


if __name__ == "__main__":
    sys.exit(main())
