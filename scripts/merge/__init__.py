"""Merge everything in `data/` into JSON files and the database."""
