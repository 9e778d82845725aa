"""The texts of a TikTok that the search reads: columns of the view `search_texts`."""

# In the order of the bits in the index, and of what is shown first where all else is equal.
FIELDS = ("description", "cover", "speech", "screen", "comments", "creator", "music")
