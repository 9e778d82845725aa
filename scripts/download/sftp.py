"""SFTP to servers in the user's `known_hosts`."""

import logging
from pathlib import PurePosixPath

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

# It also raises its errors; its log only adds tracebacks of its threads.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class KnownHostsFileSystem(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Connects only to servers in `~/.ssh/known_hosts`, and does not wait forever.

    fsspec's own class accepts any server, and has no time-out after it is connected. The option
    `timeout` applies to every answer (seconds).
    """

    def _connect(self) -> None:
        timeout = self.ssh_kwargs["timeout"]
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        self.client.connect(
            self.host, **self.ssh_kwargs, banner_timeout=timeout, auth_timeout=timeout
        )
        self.ftp = self.client.open_sftp()
        channel = self.ftp.get_channel()
        if channel is not None:
            channel.settimeout(timeout)

    def makedirs(self, path: str, exist_ok: bool = False, mode: int = 0o777) -> None:
        """Make a folder and its parents.

        fsspec's own method fails where another thread makes the same folder at the same moment.
        """
        if not exist_ok and self.exists(path):
            raise FileExistsError(path)
        for folder in reversed((PurePosixPath(path), *PurePosixPath(path).parents)):
            if not self.exists(str(folder)):
                try:
                    self.ftp.mkdir(str(folder), mode)
                except OSError:
                    if not self.isdir(str(folder)):
                        raise
