"""Generated videos to transcribe, and an untrained Whisper model."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

SAMPLES_PER_S = 16_000
FULL_SCALE = 32767


@cache
def speak(words: str, voice: str = "rms") -> np.ndarray:
    """Return the spoken words: float32, 16 kHz, shape (n,). Skip the test if flite is missing."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed (apt-get install flite)")
    done = subprocess.run(
        ["flite", "-voice", voice, "-t", words, "/dev/stdout"], capture_output=True, check=True
    )
    samples = np.frombuffer(done.stdout[44:], "<i2")  # after the header of the WAV file
    return samples.astype(np.float32) / FULL_SCALE


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLES_PER_S), np.float32)


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    size = round(seconds * SAMPLES_PER_S)
    return (level * np.random.default_rng(0).standard_normal(size)).astype(np.float32)


CHORDS = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6))


def music(seconds: float) -> np.ndarray:
    """Chords with overtones and vibrato, a bass and drums."""
    random = np.random.default_rng(1)
    time = np.arange(round(seconds * SAMPLES_PER_S)) / SAMPLES_PER_S
    chord = (time / 2).astype(int) % len(CHORDS)
    sound = np.zeros_like(time)
    for number, notes in enumerate(CHORDS):
        for note in (*notes, notes[0] / 2):
            phase = 2 * np.pi * note * time + 2 * np.sin(2 * np.pi * 5.5 * time)
            tone = sum(np.sin(k * phase) / k**1.5 for k in range(1, 6))
            sound += np.where(chord == number, tone, 0)
    beat = time % 0.5
    sound += 4 * np.exp(-beat * 30) * np.sin(2 * np.pi * 60 * beat)  # drum
    sound += 2 * np.exp(-(time % 0.25) * 80) * random.standard_normal(len(time))  # hi-hat
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def make_video(
    path: Path,
    sound: np.ndarray | None,
    *,
    rate: int = SAMPLES_PER_S,
    layout: str = "mono",
    codec: str | None = "libx264",
    audio_codec: str = "aac",
    container_format: str = "mp4",
    late_s: float = 0,
) -> Path:
    """Write a video: a grey picture with a sound (16 kHz), or without. late_s: when it starts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": "+faststart"} if container_format == "mp4" else {}
    with av.open(path, "w", format=container_format, options=options) as container:
        pictures = codec and _add_pictures(container, codec)
        if sound is not None:
            stream = container.add_stream(audio_codec, rate, layout=layout)
            for frame in _frames(sound, stream, rate, layout, late_s):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        if pictures:
            for number in range(3):
                frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8))
                frame.pts, frame.time_base = number, Fraction(1, 2)
                container.mux(pictures.encode(frame))
            container.mux(pictures.encode(None))
    return path


def _add_pictures(container: av.container.OutputContainer, codec: str) -> av.VideoStream:
    stream = container.add_stream(codec, 2)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    if codec == "libx265":
        stream.options = {"x265-params": "log-level=none"}
    return stream


def _frames(
    sound: np.ndarray, stream: av.AudioStream, rate: int, layout: str, late_s: float
) -> Iterator[av.AudioFrame]:
    resampler = av.AudioResampler(stream.format, layout, rate, frame_size=1024)
    late = round(late_s * rate)
    for start in range(0, len(sound), SAMPLES_PER_S * 60):
        block = np.ascontiguousarray(sound[None, start : start + SAMPLES_PER_S * 60])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLES_PER_S, start
        frame.time_base = Fraction(1, SAMPLES_PER_S)
        for part in resampler.resample(frame):
            part.pts = late
            late += part.samples
            part.time_base = Fraction(1, rate)
            yield part
    for part in resampler.resample(None):
        part.pts, part.time_base = late, Fraction(1, rate)
        late += part.samples
        yield part


TEXT_TOKENS = 50_257
LANGUAGES = 99
TIMESTAMPS = 1501
END_BIAS = 4
WIDTH, HEADS, MELS = 16, 2, 80


def make_whisper(folder: Path, seed: int = 0) -> Path:
    """Make a Whisper model with one layer and random weights in CTranslate2's format (4 MB)."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    tokens, languages = _tokens()
    random = np.random.default_rng(seed)
    shapes = _shapes(len(tokens))

    spec = WhisperSpec(1, HEADS, 1, HEADS)
    for name, shape in shapes.items():
        *scope, last = name.split("/")
        holder = spec
        for part in scope:
            layer, _, number = part.partition("_")
            is_list = number.isdigit() and isinstance(getattr(holder, layer, None), list)
            holder = getattr(holder, layer)[int(number)] if is_list else getattr(holder, part)
        scale = 0 if last in ("bias", "beta") else 0.3
        weights = random.standard_normal(shape) * scale + (last == "gamma")
        setattr(holder, last, weights.astype(np.float32))
    # Without a liking for the end of the text, each window would have hundreds of words.
    spec.decoder.projection.bias = np.zeros(len(tokens), np.float32)
    spec.decoder.projection.bias[TEXT_TOKENS] = END_BIAS
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(language) for language in languages]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    folder.mkdir(parents=True)
    spec.save(str(folder))
    _save_tokenizer(folder / "tokenizer.json", tokens)
    return folder


def _tokens() -> tuple[list[str], list[str]]:
    """Whisper's vocabulary, with made-up words in the place of the 50,257 real ones."""
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    # By the empty token, CTranslate2 recognises a model for all languages.
    words = [*(f"Ġword{number}" for number in range(TEXT_TOKENS - len(letters) - 1)), ""]
    codes = sorted(_LANGUAGE_CODES, key=lambda code: code != "en")  # English comes first
    languages = [f"<|{code}|>" for code in codes][:LANGUAGES]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nocaptions", "notimestamps"]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{t}|>" for t in tasks)]
    times = [f"<|{number * 0.02:.2f}|>" for number in range(TIMESTAMPS)]
    return [*letters, *words, *special, *times], languages


def _save_tokenizer(path: Path, tokens: list[str]) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    text = {token: number for number, token in enumerate(tokens[:TEXT_TOKENS])}
    tokenizer = Tokenizer(models.BPE(vocab=text, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    saved = json.loads(tokenizer.to_str())
    saved["added_tokens"] = [
        {"id": number, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": number < len(tokens) - TIMESTAMPS}
        for number, token in enumerate(tokens) if number >= TEXT_TOKENS
    ]  # fmt: skip
    path.write_text(json.dumps(saved), "utf-8")


def _shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "encoder/conv1/weight": (WIDTH, MELS, 3),
        "encoder/conv1/bias": (WIDTH,),
        "encoder/conv2/weight": (WIDTH, WIDTH, 3),
        "encoder/conv2/bias": (WIDTH,),
        "encoder/position_encodings/encodings": (1500, WIDTH),
        "decoder/position_encodings/encodings": (448, WIDTH),
        "decoder/embeddings/weight": (vocabulary, WIDTH),
        "decoder/projection/weight": (vocabulary, WIDTH),
    }
    attention = {"linear_0": (3 * WIDTH, WIDTH), "linear_1": (WIDTH, WIDTH)}
    cross = {"linear_0": (WIDTH, WIDTH), "linear_1": (2 * WIDTH, WIDTH), "linear_2": (WIDTH, WIDTH)}
    forward = {"linear_0": (4 * WIDTH, WIDTH), "linear_1": (WIDTH, 4 * WIDTH)}
    layers = {
        "encoder/layer_0/self_attention": attention,
        "encoder/layer_0/ffn": forward,
        "decoder/layer_0/self_attention": attention,
        "decoder/layer_0/attention": cross,
        "decoder/layer_0/ffn": forward,
    }
    for layer, linears in layers.items():
        for linear, shape in linears.items():
            shapes |= {f"{layer}/{linear}/weight": shape, f"{layer}/{linear}/bias": shape[:1]}
    for norm in ("encoder", "decoder", *layers):
        shapes |= {f"{norm}/layer_norm/gamma": (WIDTH,), f"{norm}/layer_norm/beta": (WIDTH,)}
    return shapes
