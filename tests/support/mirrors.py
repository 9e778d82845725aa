"""Mirrors of every kind, each a real server on loopback (or a file), and their faults."""

import asyncio
import os
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncssh
import boto3
import trustme
from moto.server import ThreadedMotoServer

LOOPBACK = "127.0.0.1"


@dataclass
class MirrorKind:
    """One mirror: how to configure it, and how a test can look into it.

    settings: for the section `download`. environment: variables for the workflow's process.
    """

    address: str
    settings: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """The files on the mirror, by path."""
        raise NotImplementedError

    def write(self, path: str, content: bytes) -> None:
        raise NotImplementedError

    def remove(self, path: str) -> None:
        raise NotImplementedError


@dataclass
class FolderMirror(MirrorKind):
    """A folder, possibly behind a server."""

    folder: Path = Path()

    def files(self) -> dict[str, bytes]:
        files = (file for file in self.folder.rglob("*") if file.is_file())
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}

    def write(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()


@contextmanager
def folder(place: Path) -> Iterator[FolderMirror]:
    yield FolderMirror(str(place / "mirror"), folder=place / "mirror")


@dataclass
class BucketMirror(MirrorKind):
    bucket: Any = None

    def files(self) -> dict[str, bytes]:
        prefix = self.address.removeprefix(f"s3://{self.bucket.name}/") + "/"
        found = self.bucket.objects.filter(Prefix=prefix)
        return {one.key.removeprefix(prefix): one.get()["Body"].read() for one in found}

    def write(self, path: str, content: bytes) -> None:
        self._object(path).put(Body=content)

    def remove(self, path: str) -> None:
        self._object(path).delete()

    def _object(self, path: str) -> Any:
        return self.bucket.Object(f"corpora/first/{path}")


@contextmanager
def s3(place: Path) -> Iterator[BucketMirror]:
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "a key",
            "AWS_SECRET_ACCESS_KEY": "a secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        client = boto3.resource(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
        )
        # The whole process shares moto's state.
        bucket = client.create_bucket(Bucket=f"kept-{uuid.uuid4()}")
        address = f"s3://{bucket.name}/corpora/first"
        yield BucketMirror(address, environment=environment, bucket=bucket)
    finally:
        server.stop()


@dataclass
class SftpMirror(FolderMirror):
    """`written`: how often each path was opened for writing. No more than `most_files` get there:
    the server then never answers again. `is_shared`: someone else makes each folder first."""

    written: Counter[str] = field(default_factory=Counter)
    most_files: int | None = None
    stuck: threading.Event = field(default_factory=threading.Event)
    is_shared: bool = False


@contextmanager
def sftp(place: Path) -> Iterator[SftpMirror]:
    """An SFTP server. A separate home folder has the key pair and known hosts, as for `ssh`."""
    served, home = place / "served", place / "home" / ".ssh"
    (served / "kept").mkdir(parents=True)
    home.mkdir(parents=True)
    host_key, user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    user_key.write_private_key(home / "id_ed25519")
    (home / "id_ed25519").chmod(0o600)
    mirror = SftpMirror("", folder=served / "kept" / "first")
    mirror.environment["HOME"] = str(home.parent)

    class Server(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=os.fsencode(served))

        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            if pflags & asyncssh.FXF_WRITE:
                mirror.written[path.decode().removeprefix("/kept/first/")] += 1
            return super().open(path, pflags, attrs)

        def mkdir(self, path: bytes, attrs: Any) -> Any:
            if mirror.is_shared:
                super().mkdir(path, attrs)
            return super().mkdir(path, attrs)

        async def posix_rename(self, old: bytes, new: bytes) -> None:
            there = [path for path in mirror.folder.rglob("*.*") if path.suffix != ".part"]
            if mirror.most_files is not None and len(there) >= mirror.most_files:
                mirror.stuck.set()
                await asyncio.Event().wait()
            super().posix_rename(old, new)

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            LOOPBACK,
            0,
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(
                user_key.export_public_key().decode()
            ),
            sftp_factory=Server,
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
        port = server.get_port()
        mirror.address = f"sftp://someone@{LOOPBACK}:{port}/kept/first"
        public = host_key.export_public_key().decode()
        (home / "known_hosts").write_text(f"[{LOOPBACK}]:{port} {public}")
        yield mirror
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@dataclass
class WebMirror(FolderMirror):
    """`faults`, by path or "*": "cut" (half of the body), "hang", or a status."""

    faults: dict[str, str | int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, mirror: WebMirror, over: threading.Event, **kwargs: Any) -> None:
        self._mirror, self._over = mirror, over
        super().__init__(*args, directory=str(mirror.folder), **kwargs)

    def do_GET(self) -> None:
        path = self.path.removeprefix("/")
        self._mirror.requests.append(path)
        fault = self._mirror.faults.get(path) or self._mirror.faults.get("*")
        if isinstance(fault, int):
            self.send_error(fault)
        elif fault == "hang":
            self._over.wait()
            self.close_connection = True
        elif fault == "cut":
            content = (self._mirror.folder / path).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        else:
            super().do_GET()

    def list_directory(self, path: Any) -> None:
        self.send_error(403)

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: Any) -> None:
        """Ignore clients that went away."""


@contextmanager
def https(place: Path) -> Iterator[WebMirror]:
    """A web server without listings, which serves the folder `served`."""
    (place / "served").mkdir(parents=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    mirror = WebMirror("", {"ca_bundle": str(place / "ca.pem")}, folder=place / "served")
    over = threading.Event()
    with _Server((LOOPBACK, 0), partial(_Handler, mirror=mirror, over=over)) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        mirror.address = f"https://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mirror
        finally:
            over.set()
            server.shutdown()
            thread.join(10)


@dataclass
class ZipMirror(MirrorKind):
    file: Path = Path()

    def files(self) -> dict[str, bytes]:
        with ZipFile(self.file) as opened:
            return {name: opened.read(name) for name in opened.namelist()}

    def write(self, path: str, content: bytes) -> None:
        files = self.files() if self.file.exists() else {}
        with ZipFile(self.file, "w") as opened:
            for name, there in (files | {path: content}).items():
                opened.writestr(name, there)


@contextmanager
def zip_file(place: Path) -> Iterator[ZipMirror]:
    place.mkdir()
    file = place / "mirror.zip"
    yield ZipMirror(f"zip://::{file}", file=file)
