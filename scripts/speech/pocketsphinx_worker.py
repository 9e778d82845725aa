"""The program that `pocketsphinx_engine` runs: recognises what it gets on standard input.

Pocketsphinx holds Python's lock while it works, so that in the workflow's own process nothing
else would run meanwhile, downloads included. Needs nothing but pocketsphinx.

Argument: the decoder's parameters, as JSON. In, again and again: the number of bytes (4 bytes,
little-endian) and as many of sound: 16 kHz, mono, 16-bit. Out, each time: a line of JSON, the
words with their start and end in seconds. Ends when its input does.
"""

import json
import signal
import sys

from pocketsphinx import Decoder

FRAMES_PER_S = 100


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started it, and ends it
    decoder = Decoder(loglevel="FATAL", **json.loads(sys.argv[1]))
    while header := sys.stdin.buffer.read(4):
        sound = sys.stdin.buffer.read(int.from_bytes(header, "little"))
        print(json.dumps(words(decoder, sound)), flush=True)


def words(decoder: Decoder, sound: bytes) -> list[tuple[str, float, float]]:
    """The words as the dictionary has them ("read(2)", "<sil>"), with start and end (s)."""
    decoder.start_stream()  # what was heard before has no influence
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
