"""Copy media to a mirror, verify them, and remove posts."""
