"""Helpers that several tests share: corpora, servers, browsers and processes."""
