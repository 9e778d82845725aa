"""One file each from everything in `data/`: JSON files and the database."""
