"""Read each input format: one module for each, and one line in `registry.py`."""
