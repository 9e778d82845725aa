"""Every fault of a server: the run goes on, says what happened, and the next one repairs it."""

import json
import time
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

import pytest
from tiktoks import tiktok


class Case(NamedTuple):
    """A fault, and what must become of the download."""

    fault: str
    outcome: str
    kind: str = "videos"
    reason: str = ""


CASES = [
    # The connection.
    Case("connect-refused", "transient"),
    Case("connect-closed", "transient"),
    Case("connect-hang", "transient"),
    Case("tls-hang", "transient"),
    Case("tls-closed", "transient"),
    Case("wrong-host-certificate", "transient", reason="hypstarcdn.com"),
    Case("expired-certificate", "transient", reason="check this machine's clock"),
    Case("future-certificate", "transient", reason="check this machine's clock"),
    Case("self-signed-certificate", "transient", reason="self-signed"),
    # The answer.
    Case("status-400", "rejected"),
    Case("status-401", "expired"),
    Case("status-403", "expired"),
    Case("status-404", "gone"),
    Case("status-410", "gone"),
    Case("status-408", "transient"),
    Case("status-425", "transient"),
    Case("status-429", "transient"),
    Case("status-500", "transient"),
    Case("status-502", "transient"),
    Case("status-503", "transient"),
    Case("status-504", "transient"),
    Case("garbage", "transient"),
    Case("closed", "transient"),
    Case("two-lengths", "transient"),
    Case("header-hang", "transient", reason="2 s"),
    Case("header-drip", "transient", reason="2 s"),
]
