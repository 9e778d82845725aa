"""Find models, and download those that are missing.

A model is a folder with certain files: the folder that a setting names, or one with that name in
the folder of models. If it is missing, `huggingface_hub` downloads it from the Hugging Face Hub.

The models are not in that library's own cache, because people can copy a plain folder to a machine
without a network, but not the cache's links between checksums. It is also faster: finding a folder
takes 0.3 ms, but to ask the cache, every run would import the library, which takes 0.6 s.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.errors import ConfigError

DEFAULT_REVISION = "main"
COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a setting names.

    setting: the key of the setting, for messages. kind: what it has to be: "Whisper model". name: a
    folder, or the name of a model. repository: returns the repository of that name. folder: the
    folder of all models. files: patterns that must each match a file. optional_files: patterns of
    files that are also downloaded. remedy: what to do without the model: "choose …".
    """

    setting: str
    kind: str
    name: str
    repository: Callable[[], str]
    revision: str
    folder: str
    files: tuple[str, ...]
    optional_files: tuple[str, ...]
    remedy: str


def find_model(model: Model) -> Path:
    """Return the model's folder, and download it if needed. Raises ConfigError."""
    named = Path(model.name).expanduser()
    if named.is_dir():
        if missing := _missing(model, named):
            raise ConfigError(
                f"{model.setting} is the folder {named}, which lacks {', '.join(missing)}. "
                f"It has to contain a {model.kind}. Put the files there, or {model.remedy}."
            )
        return named
    if model.name.startswith(("/", ".", "~")):
        raise ConfigError(
            f"The folder {named} ({model.setting}) does not exist. Correct the path, or "
            f"{model.remedy}."
        )
    name = model.name.replace("/", "--")
    if model.revision != DEFAULT_REVISION:
        name = f"{name}@{model.revision.replace('/', '--')}"
    folder = Path(model.folder).expanduser() / name
    if _missing(model, folder):
        _download(model, folder)
    return folder


def describe_model(model: Model) -> str:
    """Return name, revision (if known) and hash: "small 536b0662742c 3e305921506d8872"."""
    folder = find_model(model)
    name = folder.name.rpartition("--")[2] if folder.name == model.name else folder.name
    patterns = (*model.files, *model.optional_files)
    files = [path for pattern in patterns for path in folder.glob(pattern)]
    return " ".join(filter(None, (name, _commit(model, folder)[:12], hash_models(files))))


@contextmanager
def loading(model: Model, folder: Path) -> Iterator[None]:
    """Turn whatever a library raises while it loads the model in `folder` into ConfigError."""
    try:
        yield
    except Exception as error:  # parsers in C++ and Rust raise anything
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"The {model.kind} in {folder} ({model.setting}) does not load ({reason}). "
            f"Put other files there, or {model.remedy}."
        ) from None


def hash_models(paths: Iterable[Path]) -> str:
    """Return 16 hex digits of the SHA-256 of the files' contents: enough to tell models apart."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            while chunk := file.read(2**20):
                digest.update(chunk)
    return digest.hexdigest()[:16]


def _missing(model: Model, folder: Path) -> list[str]:
    return [pattern for pattern in model.files if not any(folder.glob(pattern))]


def _commit(model: Model, folder: Path) -> str:
    """Return the downloaded revision, which the downloader notes next to the files; or ""."""
    notes = folder / ".cache" / "huggingface" / "download"
    for pattern in model.files:
        for note in notes.glob(f"{pattern}.metadata"):
            try:
                first = note.read_text("utf-8").split("\n")[0].strip()
            except (OSError, ValueError):
                continue
            if COMMIT.fullmatch(first):
                return first
    return ""


def _download(model: Model, folder: Path) -> None:
    """Fetch the model from the Hugging Face Hub."""
    from huggingface_hub import snapshot_download

    repository = model.repository()
    try:
        snapshot_download(
            repository,
            revision=model.revision,
            local_dir=folder,
            allow_patterns=[*model.files, *model.optional_files],
        )
        missing = _missing(model, folder)
    except Exception as error:  # the network, the hub and the disk raise dozens of types
        reason = type(error).__name__
    else:
        reason = f"without {', '.join(missing)}" if missing else ""
    if reason:
        raise ConfigError(
            f"The {model.kind} {model.name!r} ({model.setting}) is not in {folder} and can't be "
            f"downloaded from {repository} on the Hugging Face Hub ({reason}). "
            f"Put its files there by hand ({', '.join(model.files)}), or {model.remedy}."
        )
