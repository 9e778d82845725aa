# The corpus in figures, and its datasheet.


rule draw_figures:
    """Draw what was downloaded, what is missing and why, when posts appeared, and their likes."""
    input:
        "data/tiktoks.db",
    output:
        downloads=report(
            "data/report/downloads.svg",
            caption="../report/downloads.rst",
            category="Corpus",
            labels={"figure": "downloads, and what is missing"},
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
        "logs/draw_figures.log",
    localrule: True
    run:
        # Imported here: the plotting libraries take a second to load.
        from scripts.report import figures

        run_job(log[0], figures.draw_figures, Path(input[0]), DATA / "report")


rule write_datasheet:
    """Describe how to cite the corpus, how it was collected, and what it lacks."""
    input:
        "data/tiktoks.db",
        MANIFEST,
    output:
        report(
            "data/report/datasheet.md",
            caption="../report/datasheet.rst",
            category="Corpus",
            labels={"figure": "datasheet, and how to cite this corpus"},
        ),
    log:
        "logs/write_datasheet.log",
    localrule: True
    run:
        # Imported here: most runs do not need it.
        from scripts.report.datasheet import write_datasheet

        run_job(
            log[0], write_datasheet, *input, survey.catalogue, len(survey.removed), output[0]
        )
