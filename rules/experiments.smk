# Retrieval experiments: which texts and which index find one particular TikTok again.

EXPERIMENTS = config["experiments"]
QUERIES = "data/queries.json"
CELLS = DATA / "experiments"


rule run_experiments:
    """Rank the target of each query with every system of the grid."""
    input:
        "data/tiktoks.db",
        # The default file may be missing, as long as another one exists; a rule may make the others.
        [file for file in EXPERIMENTS["queries"] if Path(file).exists() or file != QUERIES],
    output:
        "data/results.db",
    log:
        "logs/run_experiments.log",
    localrule: True
    threads: 4
    params:
        grid=EXPERIMENTS,
        search=config["search"],
    run:
        # Imported here: these libraries take two seconds to load.
        from scripts.experiments.results import write_results

        run_job(
            log[0],
            write_results,
            params.grid,
            input[0],
            CELLS,
            output[0],
            params.search,
            threads,
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
