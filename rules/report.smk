# Figures of the corpus, for `snakemake --report`.


rule figures:
    """What there is, what is missing and why, when it was posted, how it was liked."""
    input:
        "data/tiktoks.db",
    output:
        downloads=report(
            "data/report/downloads.svg",
            caption="../report/downloads.rst",
            category="Corpus",
            labels={"figure": "what there is, and what isn't"},
        ),
        posts=report(
            "data/report/posts_over_time.svg",
            caption="../report/posts_over_time.rst",
            category="Corpus",
            labels={"figure": "posts over time"},
        ),
        likes=report(
            "data/report/likes.svg",
            caption="../report/likes.rst",
            category="Corpus",
            labels={"figure": "likes"},
        ),
        texts=report(
            "data/report/texts.svg",
            caption="../report/texts.rst",
            category="Corpus",
            labels={"figure": "texts"},
        ),
        summary=report(
            "data/report/summary.csv",
            caption="../report/summary.rst",
            category="Corpus",
            labels={"figure": "all counts"},
        ),
    log:
        "logs/figures.log",
    run:
        # Imported here: the plotting libraries take a second to load.
        from scripts import figures

        run_job(log[0], figures.draw_figures, Path(input[0]), DATA / "report")
