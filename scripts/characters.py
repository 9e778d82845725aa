"""What counts as a letter in which script."""

import re
import unicodedata

# Many scripts write vowels as marks, which `\w` does not match. The range ends before the variation
# selectors of emoji.
MARKS = "".join(
    char for char in map(chr, range(0xFE00)) if unicodedata.category(char) in ("Mn", "Mc")
)
HASHTAG = re.compile(rf"#(\w[\w{MARKS}]*)")
# Scripts that are written without spaces between words (the inside of a character class): Thai,
# Lao, Burmese, Khmer, kana, Chinese characters.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
