"""Surround each run of Snakemake: configuration, lock, progress, summary."""
