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
