"""What a hashtag looks like in a text."""

import re
import unicodedata

# Many scripts write vowels as marks, which `\w` leaves out. Up to the variation selectors of emoji.
_MARKS = "".join(
    char for char in map(chr, range(0xFE00)) if unicodedata.category(char) in ("Mn", "Mc")
)
HASHTAG = re.compile(rf"#(\w[\w{_MARKS}]*)")
