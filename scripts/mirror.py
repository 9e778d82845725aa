"""A mirror: a place that keeps the media of a corpus, at the same paths as in `data/`.

Any address that fsspec understands: a folder, `s3://…`, `https://…`, `sftp://…`, `zip://::file.zip`.
What comes from it is taken only if it has the checksum that the manifest names.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.errors import ConfigError, MirrorError
from scripts.files import publish, temporary_file
from scripts.manifest import Line
from scripts.storage import require_space, storage_errors

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

CHUNK_BYTES = 1 << 20
TEMPORARY_ENDING = ".part"
ANSWER_S = 60


class Mirror:
    """The files at `address`. Every thread has a connection of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._local = threading.local()

    def check(self) -> None:
        """Raise ConfigError where there is no such place, or nothing can be read there."""
        try:
            filesystem, root = self._place()
            if filesystem.protocol not in ("http", ("http", "https")):
                filesystem.ls(root, detail=False)
        except FileNotFoundError:
            return  # an empty one: the first push makes it
        except Exception as error:
            raise ConfigError(
                f"`mirror` is {self.address}, and that can't be read: {_brief(error)}. Correct the "
                "address, or your access to it, or leave it empty."
            ) from None

    def fetch(self, line: Line, data: Path, keep_free_mb: int) -> None:
        """Have the file of this line of the manifest in `data`, verified.

        Raises MirrorError where the mirror has no such file, or another one.
        """
        target = data / line.path
        with temporary_file(target) as file:
            require_space(target, line.size_bytes, keep_free_mb * 1_000_000)
            digest = hashlib.sha256()
            for chunk in self._read(line.path):
                digest.update(chunk)
                with storage_errors(target):
                    file.write(chunk)
            if digest.hexdigest() != line.sha256:
                raise MirrorError(f"the mirror has another {line.path} than the manifest names")
            with storage_errors(target):
                publish(file, target)

    def hash(self, path: str) -> str:
        """The SHA-256 of a file. Raises MirrorError where there is none."""
        digest = hashlib.sha256()
        for chunk in self._read(path):
            digest.update(chunk)
        return digest.hexdigest()

    def sizes(self) -> dict[str, int]:
        """Size in bytes of every file, by its path."""
        filesystem, root = self._place()
        with _mirror_errors(self.address):
            found = filesystem.find(root, detail=True)
        prefix = f"{root.rstrip('/')}/" if root else ""
        return {name.removeprefix(prefix): facts["size"] for name, facts in found.items()}

    def push(self, media: Path, path: str) -> None:
        """Put a file there, in one step. Call it only where there is none yet."""
        filesystem, root = self._place()
        target = f"{root}/{path}"
        with _mirror_errors(path):
            filesystem.makedirs(filesystem._parent(target), exist_ok=True)
            if "s3" in filesystem.protocol:
                filesystem.put_file(str(media), target)  # appears when all of it is there
            else:
                filesystem.put_file(str(media), target + TEMPORARY_ENDING)
                filesystem.mv(target + TEMPORARY_ENDING, target)

    def _read(self, path: str) -> Iterator[bytes]:
        filesystem, root = self._place()
        place = f"{root}/{path}" if root else path
        with _mirror_errors(path), filesystem.open(place, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _place(self) -> tuple["AbstractFileSystem", str]:
        if not hasattr(self._local, "place"):
            from fsspec.core import url_to_fs  # slow to load, and few corpora have a mirror

            options = _timeouts(self.address)
            self._local.place = url_to_fs(self.address, skip_instance_cache=True, **options)
        return self._local.place


def _timeouts(address: str) -> dict[str, Any]:
    """A file system without an answer must not hang a run."""
    match address.partition("://")[0]:
        case "http" | "https":
            from aiohttp import ClientTimeout

            timeout = ClientTimeout(sock_connect=ANSWER_S, sock_read=ANSWER_S)
            return {"client_kwargs": {"timeout": timeout}}
        case "s3":
            return {"config_kwargs": {"connect_timeout": ANSWER_S, "read_timeout": ANSWER_S}}
        case "sftp":
            names = ("timeout", "banner_timeout", "auth_timeout")
            return dict.fromkeys(names, ANSWER_S)
    return {}


@contextmanager
def _mirror_errors(path: str) -> Iterator[None]:
    """Turn whatever a file system raises into a MirrorError."""
    try:
        yield
    except (MirrorError, GeneratorExit):
        raise
    except FileNotFoundError:
        raise MirrorError(f"the mirror has no {path}") from None
    except Exception as error:  # every file system has exceptions of its own
        raise MirrorError(f"the mirror failed at {path}: {_brief(error)}") from None


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
