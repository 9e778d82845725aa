"""Draw figures about the corpus, and describe it in a datasheet."""
