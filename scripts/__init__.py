"""Turn TikTok raw info into a complete, verified, searchable corpus.

One module a stage; none of them knows Snakemake. Data flows one way:
raw info → media → text → merged files → database.
"""
