"""Files of known-item queries, in our format and in TREC's."""
