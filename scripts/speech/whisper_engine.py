"""The engine `faster-whisper`: OpenAI's Whisper models on CTranslate2, on a GPU if there is one.

One model serves all threads; calls from several threads run at the same time.
"""

import os
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from scripts.errors import ConfigError
from scripts.model_files import describe_model, find_model
from scripts.speech.audio import SAMPLES_PER_S
from scripts.speech.engine import Cue, Engine, SpeechSettings, tidy
from scripts.speech.vad import Window
from scripts.speech.whisper_model import MODEL_SETTING, whisper_model

# Whisper's own rule for words invented in silence: it reports silence, and is unsure of the words.
SILENCE_PROBABILITY = 0.6
UNSURE_LOG_PROBABILITY = -1.0

_loading = threading.Lock()
_models: dict[SpeechSettings, Any] = {}


class WhisperEngine(Engine):
    def __init__(self, settings: SpeechSettings) -> None:
        super().__init__(settings)
        self.windows_at_once = settings.batch_size

    @property
    def _model(self) -> Any:
        """The model, loaded once in a process. Raises ConfigError if that fails."""
        with _loading:
            if self.settings not in _models:
                _models[self.settings] = _load(self.settings)
            return _models[self.settings]

    def identity(self) -> str:
        described = describe_model(whisper_model(self.settings))
        languages = self._model.supported_languages
        if self.settings.language not in ("auto", *languages):
            raise ConfigError(
                f"The Whisper model {self.settings.model!r} does not know the language "
                f"{self.settings.language!r} (speech.language). It can be: auto, "
                f"{', '.join(languages)}."
            )
        library = f"ctranslate2 {version('ctranslate2')}"
        return f"faster-whisper {version('faster-whisper')} ({library}), {described}"

    def flags(self) -> dict[str, Any]:
        return {
            "language": self.settings.language,
            "device": self._model.model.device,
            "compute_type": self._model.model.compute_type,
            "beam_size": self.settings.beam_size,
            "batch_size": self.settings.batch_size,
        }

    def recognise(self, windows: Sequence[Window], language: str | None) -> tuple[list[Cue], str]:
        from faster_whisper import BatchedInferencePipeline

        if self.settings.language != "auto":
            language = self.settings.language
        ends = np.cumsum([len(window.samples) for window in windows]) / SAMPLES_PER_S
        starts = [0.0, *ends[:-1].tolist()]
        try:
            # A pipeline keeps state between calls, a model does not.
            segments, info = BatchedInferencePipeline(self._model).transcribe(
                np.concatenate([window.samples for window in windows]),
                language=language,
                clip_timestamps=[
                    {"start": start, "end": end} for start, end in zip(starts, ends, strict=True)
                ],
                without_timestamps=False,
                beam_size=self.settings.beam_size,
                batch_size=self.settings.batch_size,
            )
            heard = [segment for segment in segments if not _is_silence(segment)]
        except RuntimeError as error:  # the device's fault, not the sound's: out of memory
            raise ConfigError(
                f"faster-whisper failed on {self._model.model.device} ({_brief(error)}). "
                "Lower speech.batch_size, or choose a smaller speech.model."
            ) from None
        cues = []
        for segment in heard:
            # `seek` says which window the segment is from, in hundredths of a second.
            number = int(np.argmin([abs(start - segment.seek / 100) for start in starts]))
            window, start = windows[number], starts[number]
            times = (window.start_s + time - start for time in (segment.start, segment.end))
            first, last = (round(min(time, window.end_s), 3) for time in times)
            cues.append(Cue(tidy(segment.text), first, max(first, last)))
        return cues, info.language


def _is_silence(segment: Any) -> bool:
    return bool(
        segment.no_speech_prob > SILENCE_PROBABILITY
        and segment.avg_logprob < UNSURE_LOG_PROBABILITY
    )


def _load(settings: SpeechSettings) -> Any:
    """The model on its device, with one worker for each processor.

    Each job counts as one processor, so its calls use one thread. As many calls as there are
    processors then use all of them, and no more.
    """
    import ctranslate2
    from faster_whisper import WhisperModel

    folder = find_model(whisper_model(settings))
    on_gpu = settings.device == "cuda" or (
        settings.device == "auto" and ctranslate2.get_cuda_device_count() > 0
    )
    device = "cuda" if on_gpu else "cpu"
    try:
        model = WhisperModel(
            str(folder),
            device=device,
            compute_type=settings.compute_type,
            cpu_threads=1,
            # On a GPU, each worker would load another copy of the model.
            num_workers=1 if on_gpu else len(os.sched_getaffinity(0)),
            local_files_only=True,
        )
        if on_gpu:
            # CTranslate2 notices a missing library only when it first runs a model.
            model.encode(np.zeros((model.model.n_mels, 3000), np.float32))
    except Exception as error:  # RuntimeError, ValueError, and what the tokenizer raises
        raise ConfigError(_explain(error, settings, folder, device)) from None
    return model


def _explain(error: Exception, settings: SpeechSettings, folder: Path, device: str) -> str:
    """Why a model does not load, and what to do."""
    import ctranslate2

    if device == "cuda" and "CUDA" in str(error):
        return (
            f"speech.device is {settings.device}, but the graphics card can't be used "
            f"({_brief(error)}). Repair its driver and libraries, or set speech.device: cpu."
        )
    types = sorted(ctranslate2.get_supported_compute_types(device))
    if settings.compute_type not in ("auto", "default", *types):
        return (
            f"speech.compute_type is {settings.compute_type!r}, which {device} does not support. "
            f"It can be auto, {', '.join(types)}."
        )
    return (
        f"The Whisper model in {folder} ({MODEL_SETTING}) is damaged or incomplete "
        f"({_brief(error)}). Copy it there again, or delete the folder if it was downloaded: "
        "the next run downloads it again."
    )


def _brief(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")[:200]
