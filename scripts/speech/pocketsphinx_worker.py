"""The program that `pocketsphinx_engine` runs. It recognises the sound on its standard input.

Pocketsphinx holds Python's global lock while it works. In the workflow's own process, it would stop
everything else meanwhile, including downloads. This program needs nothing but pocketsphinx.

Argument: the decoder's parameters, as JSON. In, repeatedly: a number of bytes (4 bytes,
little-endian), then so many bytes of sound: 16 kHz, mono, 16-bit. Out, each time: a line of JSON,
the words with their start and end in seconds. The program ends when its input does.
"""

import json
import signal
import sys

from pocketsphinx import Decoder

FRAMES_PER_S = 100


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C, the parent process ends this one
    decoder = Decoder(loglevel="FATAL", **json.loads(sys.argv[1]))
    while header := sys.stdin.buffer.read(4):
        sound = sys.stdin.buffer.read(int.from_bytes(header, "little"))
        print(json.dumps(words(decoder, sound)), flush=True)


def words(decoder: Decoder, sound: bytes) -> list[tuple[str, float, float]]:
    """The words as the dictionary writes them ("read(2)", "<sil>"), with start and end (s)."""
    decoder.start_stream()  # forget earlier sound, which would influence the result
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        (segment.word, segment.start_frame / FRAMES_PER_S, (segment.end_frame + 1) / FRAMES_PER_S)
        for segment in decoder.seg()
    ]


if __name__ == "__main__":
    main()
