"""Show the corpus in the browser: a page that is served only to this machine.

`python -m scripts.viewer` starts it; docs/viewer.md says what the page can do.
"""
