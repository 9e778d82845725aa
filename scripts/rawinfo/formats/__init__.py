"""Every format that is read: one module each, and one line each in `table.py`."""
