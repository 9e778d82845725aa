"""Ask the site about posts, without a browser: from links to raw info."""
