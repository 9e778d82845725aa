"""Retrieval experiments: find out which texts and which indexes find a particular TikTok again.

`grid` lists the experiments, `corpus` reads the texts, and `tokenisation` and `indexing` turn them
into matrices. `weighting`, `expansion`, `dense` and `fusion` contain the components; for
embeddings, `encoder` turns `passages` into vectors. `ranking` combines the components, `cells`
stores the results, and `results` writes `data/results.db`.
"""
