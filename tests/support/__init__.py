"""What several tests share: corpora, servers, browsers and processes."""
