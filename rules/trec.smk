# The corpus as a test collection for other retrieval programs.


rule write_trec_collection:
    """Write topics, judgements, documents and a run of each system of the grid in TREC's formats."""
    input:
        "data/tiktoks.db",
        # If it is missing, the job says how to get queries.
        [QUERIES] if Path(QUERIES).exists() else [],
    output:
        "data/trec/topics.tsv",
        "data/trec/qrels.txt",
        "data/trec/documents.jsonl",
        directory("data/trec/runs"),
    log:
        "logs/write_trec_collection.log",
    localrule: True
    threads: 4
    params:
        grid=EXPERIMENTS,
        search=config["search"],
    run:
        # Imported here: these libraries take two seconds to load.
        from scripts.experiments.trec_collection import write_trec_collection

        paths = map(Path, [input[0], QUERIES, "data/trec"])
        run_job(log[0], write_trec_collection, *paths, params.grid, params.search, threads)
