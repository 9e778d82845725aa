"""Fetch media from the site or from a mirror."""
