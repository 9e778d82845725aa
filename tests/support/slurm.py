"""A real Slurm of one node on this machine: Debian's `slurm-wlm` and `munge`, started as root."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
LOCK = Path(tempfile.gettempdir(), "slurm_of_tests.lock")
PARTITION = "test"
CORES = 8
START_S = 300


@contextmanager
def running_slurm(folder: Path) -> Iterator[None]:
    """Run Slurm with its files in `folder`. Only one can run on a machine at a time.

    Raises RuntimeError if Slurm cannot be started.
    """
    if os.getuid() != 0 or shutil.which("slurmctld") is None:
        raise RuntimeError("Slurm needs root, and the Debian packages slurm-wlm and munge.")
    with LOCK.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _running_slurm(folder):
            yield


@contextmanager
def _running_slurm(folder: Path) -> Iterator[None]:
    if CONFIGURATION.is_symlink():
        _remove_what_a_killed_test_left(CONFIGURATION.readlink().parent)
    if CONFIGURATION.exists():
        raise RuntimeError(f"There is a Slurm here already: {CONFIGURATION}.")
    folder.chmod(0o755)
    configuration = folder / "slurm.conf"
    configuration.write_text(_configuration(folder))
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\nConstrainCores=no\n")
    # Snakemake's jobs drop Slurm's environment variables, so they find it nowhere else.
    CONFIGURATION.symlink_to(configuration)
    daemons = _start_daemons(folder)
    try:
        _wait_until_idle()
        yield
    finally:
        subprocess.run(["scancel", "--user", "root"], check=False)
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(START_S)
        CONFIGURATION.unlink()


def _remove_what_a_killed_test_left(folder: Path) -> None:
    for name in ("slurmd", "slurmctld", "munged"):
        for file in folder.glob(f"**/{name}.pid"):
            number = file.read_text().strip()
            command = Path("/proc", number, "comm")
            if number and command.exists() and command.read_text().strip() == name:
                os.kill(int(number), signal.SIGKILL)
    CONFIGURATION.unlink()


def _configuration(folder: Path) -> str:
    host = socket.gethostname()
    munge = f"socket={folder}/munge/munge.socket"
    ctld_port, d_port = _free_ports(2)
    return "\n".join(
        [
            "ClusterName=test",
            f"SlurmctldHost={host}(127.0.0.1)",
            f"SlurmctldPort={ctld_port}",
            f"SlurmdPort={d_port}",
            "AuthType=auth/munge",
            "CredType=cred/munge",
            f"AuthInfo={munge}",
            "SlurmUser=root",
            "SlurmdUser=root",
            f"StateSaveLocation={folder}/state",
            f"SlurmdSpoolDir={folder}/spool",
            f"SlurmctldPidFile={folder}/slurmctld.pid",
            f"SlurmdPidFile={folder}/slurmd.pid",
            f"SlurmctldLogFile={folder}/slurmctld.log",
            f"SlurmdLogFile={folder}/slurmd.log",
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "JobAcctGatherType=jobacct_gather/none",
            "AccountingStorageType=accounting_storage/none",
            "MpiDefault=none",
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_Core",
            "ReturnToService=2",
            "MinJobAge=300",
            "SlurmdParameters=config_overrides",  # more cores than there are
            f"NodeName={host} NodeAddr=127.0.0.1 CPUs={CORES} RealMemory=4000",
            f"PartitionName={PARTITION} Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
            "",
        ]
    )


def _start_daemons(folder: Path) -> list[subprocess.Popen[bytes]]:
    munge = folder / "munge"
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir()
    key = munge / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    munge.chmod(0o755)
    files = (
        f"--key-file={key}",
        f"--socket={munge}/munge.socket",
        f"--pid-file={munge}/munged.pid",
        f"--log-file={munge}/munged.log",
        f"--seed-file={munge}/munged.seed",
    )
    commands = (
        ["munged", "--foreground", "--force", *files],
        ["slurmctld", "-D"],
        ["slurmd", "-D"],
    )
    daemons = []
    with (folder / "daemons.log").open("wb") as log:
        for command in commands:
            daemons.append(subprocess.Popen(command, stdout=log, stderr=log))
            time.sleep(0.5)
    return daemons


def _wait_until_idle() -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        answer = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.stdout.strip() == "idle":
            return
        time.sleep(0.2)
    raise RuntimeError(f"Slurm has not come up: {answer.stdout} {answer.stderr}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [it.getsockname()[1] for it in sockets]
    for it in sockets:
        it.close()
    return ports
