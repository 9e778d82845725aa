"""The version of this project. `CITATION.cff` and `CHANGELOG.md` name the same one."""

VERSION = "0.2.0"
SOFTWARE = f"TikTok-Retrieval {VERSION}"  # in receipts and in the database
