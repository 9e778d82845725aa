"""What a hashtag looks like in a text."""

import re

from scripts.vowel_marks import MARKS

HASHTAG = re.compile(rf"#(\w[\w{MARKS}]*)")
