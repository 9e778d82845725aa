# Ask the site about posts that are known only by their link, or whose media are unavailable.


rule scrape:
    """Request these posts from the site, and download their media while the links are fresh."""
    log:
        "logs/scrape.log",
    localrule: True
    run:
        # Imported here: yt-dlp takes a second to load.
        from scripts.scrape.posts import scrape_wanted

        run_job(
            log[0], scrape_wanted, survey.posts_to_scrape(), DATA, config, survey.plan_record
        )
