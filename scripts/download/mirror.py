"""A mirror: a place that keeps the media of a corpus, at the same paths as in `data/`.

It has any address that fsspec understands: a folder, `s3://…`, `https://…`, `sftp://…` or
`zip://::file.zip`. A file from a mirror is used only if its checksum is the one in the manifest.
"""

import errno
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from scripts.download.client import make_tls_context
from scripts.download.hosts import Hosts
from scripts.errors import ConfigError, MirrorError
from scripts.files import (
    CHUNK_BYTES,
    hash_chunks,
    require_space,
    storage_errors,
    sync,
    write_and_hash,
)
from scripts.store.manifest import ManifestLine

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from fsspec import AbstractFileSystem

FULL_DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
TEMPORARY_ENDING = ".part"
_WEB = "a web server can only be read; copy the files to its folder, for example by sftp://"
READ_ONLY = {
    "http": _WEB,
    "https": _WEB,
    "zip": "a zip file can only be read; copy the files to a folder, and make the zip file from it",
}


class NotThereError(MirrorError):
    """The mirror has no such file."""


class Mirror:
    """The files at `address`. Every thread has its own connection.

    settings: the `download` section of the configuration, for time limits and certificates.
    """

    def __init__(self, address: str, settings: Mapping[str, Any]) -> None:
        self.address = address
        self._settings = settings
        self._local = threading.local()
        self._connecting = threading.Lock()  # SSH servers refuse many connections at once
        self._health = Hosts(settings["per_host"], settings["host_patience"])

    def check(self, wanted: ManifestLine | None, *, pushes: bool = False) -> None:
        """Raise ConfigError if the mirror can't be read, or can't be written if this run `pushes`.

        wanted: a file that this run will request; without one, the place may still be missing.
        """
        protocol = self.address.partition("://")[0]
        if pushes and protocol in READ_ONLY:
            raise ConfigError(
                f"`mirror` is {self.address}, which can't be written: {READ_ONLY[protocol]}."
            )
        try:
            filesystem, root = self._place()
            if "https" not in _protocols(filesystem):
                filesystem.ls(root, detail=False)
            elif wanted is not None:  # a web server lists no files
                next(self._read(wanted), None)
        except NotThereError:
            return
        except FileNotFoundError:
            if wanted is not None:
                raise self._unreadable("it does not exist") from None
        except Exception as error:  # every file system has its own exceptions
            raise self._unreadable(self._describe(error)) from None

    def _unreadable(self, reason: str) -> ConfigError:
        return ConfigError(
            f"`mirror` is {self.address}, which can't be read: {reason}. Correct the address or "
            "your access to it, or leave the setting empty."
        )

    def fetch(self, line: ManifestLine, file: IO[bytes], target: Path, keep_free_mb: float) -> None:
        """Copy the file of this line of the manifest to an open file, which will become `target`.

        Raises MirrorError if the mirror has no such file or a different one, and StorageError.
        """
        require_space(target, line.size_bytes or 0, keep_free_mb * 1_000_000)
        if write_and_hash(self._read(line), file, target) != line.sha256:
            raise MirrorError("the file on the mirror differs from the manifest")
        with storage_errors(target):
            file.flush()

    def hash(self, line: ManifestLine) -> str:
        """Return the SHA-256 of the mirror's file for this line. Raises MirrorError."""
        return hash_chunks(self._read(line))

    def sizes(self) -> dict[str, int]:
        """Return the size of every file in bytes, by its path. Raises MirrorError."""
        with self._errors():
            filesystem, root = self._place()
            # By default, a folder that can't be listed looks empty. S3 has no folders, and no such
            # option.
            strict = {} if "s3" in _protocols(filesystem) else {"on_error": "raise"}
            try:
                found = filesystem.find(root, detail=True, **strict)
            except FileNotFoundError:
                return {}
        prefix = f"{root.rstrip('/')}/"
        return {name.removeprefix(prefix): facts["size"] for name, facts in found.items()}

    def push(self, media: Path, path: str) -> None:
        """Copy a new file to the mirror, in one step. Raises MirrorError."""
        with self._errors():
            filesystem, root = self._place()
            target = f"{root}/{path}"
            if "s3" in _protocols(filesystem):
                filesystem.put_file(str(media), target)  # S3 shows only complete files
                return
            part = target + TEMPORARY_ENDING
            try:
                filesystem.makedirs(filesystem._parent(target), exist_ok=True)
                filesystem.put_file(str(media), part)
                if "file" in _protocols(filesystem):
                    sync(Path(part))
                filesystem.mv(part, target)
            except BaseException:
                with suppress(Exception):  # the first error names the cause
                    filesystem.rm_file(part)
                raise

    def _read(self, line: ManifestLine) -> Iterator[bytes]:
        """Yield at most one byte more than expected: enough to recognise a different file."""
        left = (line.size_bytes or 0) + 1
        end = time.monotonic() + self._settings["deadline_s"]
        with self._errors(), self._open(line) as file:
            while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk
                if time.monotonic() > end:
                    raise TimeoutError(f"not done after {self._settings['deadline_s']:g} s")

    def _open(self, line: ManifestLine) -> IO[bytes]:
        filesystem, root = self._place()
        place = f"{root}/{line.path}" if root else line.path
        options: dict[str, Any] = {}
        if _protocols(filesystem) & {"https", "s3"}:
            options["size"] = line.size_bytes  # otherwise, fsspec sends a request to ask for it
        if "https" in _protocols(filesystem):
            options["block_size"] = 0  # one request, not one for each part
        return cast(IO[bytes], filesystem.open(place, "rb", **options))

    def _place(self) -> tuple["AbstractFileSystem", str]:
        if not hasattr(self._local, "place"):
            # Imported here: they are slow to load, and few corpora have a mirror.
            from fsspec import register_implementation
            from fsspec.core import url_to_fs

            register_implementation(
                "sftp", "scripts.download.sftp.KnownHostsFileSystem", clobber=True
            )
            options = {
                protocol: make_options(self._settings)
                for protocol, make_options in OPTIONS.items()
                if f"{protocol}://" in self.address
            }
            with self._connecting:
                self._local.place = url_to_fs(self.address, skip_instance_cache=True, **options)
        return cast(tuple["AbstractFileSystem", str], self._local.place)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn whatever a file system raises into a MirrorError.

        After several failures in a row, the mirror gets no more requests: otherwise, each of
        thousands of files would wait for all time limits.
        """
        if self._health.in_trouble(self.address):
            raise MirrorError("the mirror failed too often in a row, so this run stopped asking it")
        try:
            yield
        except (MirrorError, GeneratorExit):
            raise
        except FileNotFoundError:
            raise NotThereError("the mirror has no such file") from None
        except Exception as error:
            if not _is_refusal(error):
                self._health.record_failure(self.address)
            raise MirrorError(f"the mirror failed: {self._describe(error)}") from None
        else:
            self._health.record_success(self.address)

    def _describe(self, error: Exception) -> str:
        if isinstance(error, OSError) and error.errno in FULL_DISK_ERRNOS:
            return f"the disk of the mirror, {self.address}, is full ({os.strerror(error.errno)})"
        if isinstance(error, OSError) and error.errno and error.strerror:
            return error.strerror  # the path would differ from file to file
        text = " ".join(str(error).split())[:200]
        if isinstance(error, TimeoutError):
            return text or f"no answer within {self._settings['read_timeout_s']:g} s"
        return text or type(error).__name__


def _protocols(filesystem: "AbstractFileSystem") -> set[str]:
    names = filesystem.protocol
    return {names} if isinstance(names, str) else set(names)


def _is_refusal(error: Exception) -> bool:
    """True if the mirror refused this one file, which says nothing about the next one."""
    return isinstance(error, PermissionError) or 400 <= getattr(error, "status", 0) < 500


def _web_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    from aiohttp import ClientSession, ClientTimeout, TCPConnector

    tls = make_tls_context(settings["ca_bundle"])
    tls.check_hostname = True  # aiohttp does not compare the names itself
    timeout = ClientTimeout(
        sock_connect=settings["connect_timeout_s"], sock_read=settings["read_timeout_s"]
    )

    async def get_client(**options: Any) -> "ClientSession":
        # The environment may name proxies, and the user's `.netrc` may contain passwords.
        connector = TCPConnector(ssl=tls)
        return ClientSession(connector=connector, timeout=timeout, trust_env=True, **options)

    return {"get_client": get_client}


def _bucket_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "config_kwargs": {
            "connect_timeout": settings["connect_timeout_s"],
            "read_timeout": settings["read_timeout_s"],
            "retries": {"total_max_attempts": 1},  # s3fs does its own retries
        }
    }


def _ssh_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"timeout": settings["read_timeout_s"]}


# Options of each file system, so that none waits forever.
OPTIONS = {
    "http": _web_options,
    "https": _web_options,
    "s3": _bucket_options,
    "sftp": _ssh_options,
}
