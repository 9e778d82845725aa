"""A stand-in for the site's pages in the browser, to try scrapers on: see `options`."""
