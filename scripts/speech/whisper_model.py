"""Where the models of the engine `faster-whisper` are, and how they get there.

A model is a folder with the files below: the one that `speech.model` names, or one of that name
in `speech.model_folder`, where it is downloaded to if it isn't there. So it can be put there by
hand, on a machine without network.
"""

import re
from importlib.util import find_spec
from pathlib import Path

from scripts.errors import ConfigError
from scripts.speech.engine import SpeechSettings, content_hash

FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
OPTIONAL_FILES = ("preprocessor_config.json",)
COMMIT = re.compile("[0-9a-f]{40}")
OFFLINE = (
    "or choose speech.engine: pocketsphinx, which needs no download but reads English only, or "
    "none, for media now and transcripts later"
)


def find_model(settings: SpeechSettings) -> Path:
    """The model's folder, downloaded if need be; ConfigError if it can't be."""
    if find_spec("faster_whisper") is None:
        raise ConfigError(
            "speech.engine is faster-whisper, which is not installed. Install it (pip install "
            f"faster-whisper), {OFFLINE}."
        )
    named = Path(settings.model).expanduser()
    if named.is_dir():
        if missing := _missing(named):
            raise ConfigError(
                f"speech.model is the folder {named}, which has no {', '.join(missing)}. "
                f"It has to be a Whisper model for CTranslate2; {OFFLINE[3:]}."
            )
        return named
    if settings.model.startswith(("/", ".", "~")):
        raise ConfigError(f"There is no folder {named} (speech.model); {OFFLINE[3:]}.")
    folder = Path(settings.model_folder).expanduser() / settings.model.replace("/", "--")
    if _missing(folder):
        _download(settings, folder)
    return folder


def describe_model(settings: SpeechSettings) -> str:
    """Name, revision (where it is known) and hash, e.g. "small 536b0662742c 3e305921506d8872"."""
    folder = find_model(settings)
    name = folder.name.rpartition("--")[2] if folder.name == settings.model else folder.name
    files = [path for pattern in (*FILES, *OPTIONAL_FILES) for path in folder.glob(pattern)]
    return " ".join(filter(None, (name, _commit(folder)[:12], content_hash(files))))


def _missing(folder: Path) -> list[str]:
    return [pattern for pattern in FILES if not any(folder.glob(pattern))]


def _commit(folder: Path) -> str:
    """The revision that was downloaded, as the downloader notes it beside the files; or ""."""
    note = folder / ".cache" / "huggingface" / "download" / "model.bin.metadata"
    try:
        first = note.read_text("utf-8").split("\n")[0].strip()
    except (OSError, ValueError):
        return ""
    return first if COMMIT.fullmatch(first) else ""


def _download(settings: SpeechSettings, folder: Path) -> None:
    """Fetch the model from the Hugging Face Hub."""
    from faster_whisper.utils import _MODELS
    from huggingface_hub import snapshot_download

    repository = settings.model if "/" in settings.model else _MODELS.get(settings.model)
    if repository is None:
        raise ConfigError(
            f"There is no Whisper model {settings.model!r} (speech.model). "
            f"It can be a folder, the name of a repository, or one of: {', '.join(_MODELS)}."
        )
    try:
        snapshot_download(
            repository,
            revision=settings.revision,
            local_dir=folder,
            allow_patterns=[*FILES, *OPTIONAL_FILES],
        )
        missing = _missing(folder)
    except Exception as error:  # of the network, of the hub, of the disk: dozens of types
        reason = type(error).__name__
    else:
        reason = f"without {', '.join(missing)}" if missing else ""
    if reason:
        raise ConfigError(
            f"The Whisper model {settings.model!r} (speech.model) is not in {folder} and can't be "
            f"downloaded from {repository} on the Hugging Face Hub ({reason}). "
            f"Put its files there by hand ({', '.join(FILES)}), {OFFLINE}."
        )
