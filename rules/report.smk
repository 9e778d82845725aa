# Figures of the corpus, for `snakemake --report`.


rule figures:
    """What there is, what is missing and why, when it was posted, how it was liked."""
    input:
        "data/tiktoks.db",
    output:
        downloads=report(
            "data/report/downloads.svg", caption="../report/downloads.rst", category="Corpus"
        ),
        posts=report(
            "data/report/posts_over_time.svg",
            caption="../report/posts_over_time.rst",
            category="Corpus",
        ),
        likes=report("data/report/likes.svg", caption="../report/likes.rst", category="Corpus"),
        texts=report("data/report/texts.svg", caption="../report/texts.rst", category="Corpus"),
        summary=report(
            "data/report/summary.csv", caption="../report/summary.rst", category="Corpus"
        ),
    log:
        "logs/figures.log",
    run:
        # Imported here: the plotting libraries take a second to load.
        from scripts import figures

        run_job(log[0], figures.draw_figures, Path(input[0]), DATA / "report")
