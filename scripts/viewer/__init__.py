"""The corpus to look at: a page in the browser, served on this machine alone.

`python -m scripts.viewer` starts it; docs/viewer.md says what the page can do.
"""
