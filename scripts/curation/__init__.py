"""Preserve, verify and remove."""
