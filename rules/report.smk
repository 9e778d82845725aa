# Figures of the corpus and of the experiments, for `snakemake --report`.


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


rule report_experiments:
    """Report which systems find the targets, why, and where they fail: a page and its figures."""
    input:
        results="data/results.db",
        corpus="data/tiktoks.db",
    output:
        page=report(
            "data/report/experiments.html",
            caption="../report/experiments.rst",
            category="Experiments",
            labels={"figure": "the whole report, as one page"},
        ),
        leader_board=report(
            "data/report/experiments/leader_board.svg",
            caption="../report/leader_board.rst",
            category="Experiments",
            labels={"figure": "the best systems"},
        ),
        sources=report(
            "data/report/experiments/sources.svg",
            caption="../report/sources.rst",
            category="Experiments",
            labels={"figure": "what each source is worth"},
        ),
        factors=report(
            "data/report/experiments/factors.svg",
            caption="../report/factors.rst",
            category="Experiments",
            labels={"figure": "what else matters"},
        ),
        interactions=report(
            "data/report/experiments/interactions.svg",
            caption="../report/interactions.rst",
            category="Experiments",
            labels={"figure": "where factors depend on each other"},
        ),
        comparison=report(
            "data/report/experiments/comparison.svg",
            caption="../report/comparison.rst",
            category="Experiments",
            labels={"figure": "queries that a source wins and loses"},
        ),
    log:
        "logs/report_experiments.log",
    localrule: True
    run:
        # Imported here: the plotting libraries take a second to load.
        from scripts.experiments.report import write_report

        run_job(
            log[0],
            write_report,
            Path(input.results),
            Path(input.corpus),
            DATA / "experiments" / "timings.json",
            DATA / "report",
        )
