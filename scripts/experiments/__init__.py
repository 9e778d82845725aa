"""Retrieval experiments: which texts, and which indexing, find one particular TikTok again.

`grid` says what to try, `collection` what there is to search, `tokenisation` and `indexing` make
matrices of it, `weighting`, `expansion`, `dense` and `fusion` hold the components (for some of
`dense`, `encoder` makes vectors of `passages`), `ranking` puts them together, `cells` keeps what
was computed, and `results` writes `data/results.db`.
"""
