"""What is in `data/`: how its files are named, and what the receipts and the manifest say."""
