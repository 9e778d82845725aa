"""Turn raw info about TikToks into a complete, verified, searchable corpus.

There is one package for each stage of the data: raw info → media → text → merged files → database.
Only `scripts.run` knows Snakemake.
"""
