"""Hand a corpus on: export it as a package that anybody can check, and import such a package."""
