"""A stand-in for the site's pages in the browser, to test scrapers on. See `options`."""
