"""The marks that many scripts write vowels as, which `\\w` leaves out."""

import unicodedata

# Up to the variation selectors of emoji.
MARKS = "".join(
    char for char in map(chr, range(0xFE00)) if unicodedata.category(char) in ("Mn", "Mc")
)
