# Retrieval experiments: which texts, and which indexing, find one particular TikTok again.

EXPERIMENTS = config["experiments"]
QUERIES = "data/queries.json"
CELLS = DATA / "experiments"


rule run_experiments:
    """Where each experiment of the grid ranks the target of each query."""
    input:
        "data/tiktoks.db",
        # One that isn't there is no error if another is, and files of queries may be made by rules.
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
        # Imported here: the libraries take two seconds to load.
        from scripts.experiments.results import write_results
        from scripts.search.settings import make_closer

        run_job(
            log[0],
            write_results,
            params.grid,
            Path(input[0]),
            CELLS,
            Path(output[0]),
            threads,
            make_closer(params.search, threads),
        )
