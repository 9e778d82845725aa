"""Figures about the corpus."""
