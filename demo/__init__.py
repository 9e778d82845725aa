"""A tiny invented corpus with its media, and a stand-in for the site and its CDN."""

import scripts  # noqa: F401 (it says what to do without the environment)
