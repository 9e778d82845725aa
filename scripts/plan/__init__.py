"""Decide what is missing, and what a run will make."""
