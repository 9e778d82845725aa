"""Export a corpus as a package that anybody can check, and import such a package."""
