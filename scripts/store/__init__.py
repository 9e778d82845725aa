"""Know the files in `data/`: how they are named, and what receipts and the manifest say."""
