"""The programs that benchmarks compare with."""

import shutil


def require(*programs: str) -> None:
    """Exit with one sentence if any of these programs is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        names = " and ".join(missing)
        raise SystemExit(f"This benchmark needs {names}: run `make benchmark-tools` to install it.")
