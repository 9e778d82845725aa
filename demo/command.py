"""The command line of the stand-in: `python -m demo.site`, alone or around another command."""

import argparse
import json
import os
import signal
import subprocess
from pathlib import Path
from threading import Event
from types import FrameType

from demo.faults import FAULTS
from demo.site import Site
from scripts.files import write_atomic

EPILOG = """\
With a command after `--`, it runs that command with DEMO_PROXY and DEMO_CA in its environment,
and ends with its status. A link fails on purpose with `demo-fault=<name>` in its query, or
`fault-<name>.` in front of its host:

"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, or until the command ends. Return the exit status."""
    options = _parse(arguments)
    stop = Stop()
    with Site(
        port=options.port,
        ca_file=options.ca_file,
        media=options.media,
        latency_s=options.latency,
        bytes_per_s=options.rate,
    ) as site:
        ready = {"proxy": site.proxy_url, "https": site.https_url, "ca": site.ca_file}
        if options.ready_file:
            write_atomic(options.ready_file, json.dumps(ready) + "\n")
        if options.command:
            return stop.run(options.command, site)
        print(*(f"{key}: {value}" for key, value in ready.items()), sep="\n", flush=True)
        stop.wait()
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    width = max(map(len, FAULTS))
    table = "\n".join(f"  {name:{width}}  {about}" for name, about in sorted(FAULTS.items()))
    parser = argparse.ArgumentParser(
        prog="python -m demo.site",
        description="A stand-in for the site and its CDN on loopback: HTTP proxy and HTTPS.",
        epilog=EPILOG + table.replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1 (default: a free one)")
    parser.add_argument("--ca-file", type=Path, help="where to write the CA certificate (PEM)")
    parser.add_argument("--ready-file", type=Path, help="JSON with the addresses, when it serves")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--rate", type=float, help="bytes a second, for each connection")
    parser.add_argument("--media", type=Path, help="folder of *.mp4 and *.jpg to serve instead")
    parser.add_argument("command", nargs="*", help="after `--`: what to run while serving")
    return parser.parse_args(arguments)


class Stop:
    """Reacts to SIGTERM and SIGINT: it stops serving, or passes them on to the command.

    It also works in the background of a script, where shells make programs ignore SIGINT.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.received = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received.set()
        # The terminal already sends SIGINT to the command; a second one would be a harder stop.
        if self.process and number == signal.SIGTERM:
            self.process.send_signal(number)

    def wait(self) -> None:
        """Return when a signal has come."""
        self.received.wait()

    def run(self, command: list[str], site: Site) -> int:
        environment = os.environ | {"DEMO_PROXY": site.proxy_url, "DEMO_CA": site.ca_file}
        self.process = subprocess.Popen(command, env=environment)
        status = self.process.wait()
        return status if status >= 0 else 128 - status
