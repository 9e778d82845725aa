"""The Whisper model that the speech settings name, for `scripts.model_files` to find."""

from importlib.util import find_spec

from scripts.errors import ConfigError
from scripts.model_files import Model
from scripts.speech.engine import SpeechSettings

MODEL_SETTING = "speech.model"
REMEDY = (
    "choose speech.engine: pocketsphinx, which downloads no model but reads English only, or "
    "none, for media now and transcripts later"
)


def whisper_model(settings: SpeechSettings) -> Model:
    """The model that these settings name. Raises ConfigError if the engine isn't installed."""
    if find_spec("faster_whisper") is None:
        raise ConfigError(
            "speech.engine is faster-whisper, which is not installed. Install it (pip install "
            f"faster-whisper), or {REMEDY}."
        )
    return Model(
        setting=MODEL_SETTING,
        kind="Whisper model for CTranslate2",
        name=settings.model,
        repository=lambda: _repository(settings.model),
        revision=settings.revision,
        folder=settings.model_folder,
        files=("model.bin", "config.json", "tokenizer.json", "vocabulary.*"),
        optional_files=("preprocessor_config.json",),
        remedy=REMEDY,
    )


def _repository(name: str) -> str:
    """The repository of one of Whisper's models. The name of a repository stays as it is."""
    if "/" in name:
        return name
    from faster_whisper.utils import _MODELS

    if name not in _MODELS:
        raise ConfigError(
            f"There is no Whisper model {name!r} (speech.model). "
            f"It can be a folder, the name of a repository, or one of: {', '.join(_MODELS)}."
        )
    return str(_MODELS[name])
