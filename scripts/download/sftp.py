"""SFTP to servers that the user knows."""

import logging

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

# What goes wrong is raised as well; its log is tracebacks of its threads.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class KnownHostsFileSystem(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Connects only to servers in `~/.ssh/known_hosts`, and doesn't wait for ever.

    fsspec's own takes any server for the right one, and has no time-out once it is connected.
    `timeout` (seconds): for every answer.
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
