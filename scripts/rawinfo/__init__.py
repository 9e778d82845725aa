"""Read any input, and turn it into raw-info records about each TikTok."""
