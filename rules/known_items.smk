# Generated queries, for a corpus without written ones.


rule make_known_items:
    """Generate known-item queries from hashtags and cover texts."""
    input:
        "data/tiktoks.db",
    output:
        "data/known_items.json",
    log:
        "logs/make_known_items.log",
    localrule: True
    params:
        settings=config["known_items"],
    run:
        # Imported here: numpy takes a while to load.
        from scripts.queries.known_items import write_known_items

        run_job(log[0], write_known_items, Path(input[0]), Path(output[0]), params.settings)
