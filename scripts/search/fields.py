"""The texts of a TikTok that the search reads: columns of the view `search_texts`."""

# The order of the bits in the index. If all else is equal, earlier fields are shown first.
FIELDS = ("description", "cover", "speech", "screen", "comments", "creator", "music")
