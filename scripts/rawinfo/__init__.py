"""From any input to raw-info records: what was collected about each TikTok."""
