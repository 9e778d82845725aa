"""A tiny corpus of our own with its media, and a stand-in for the site and its CDN."""
