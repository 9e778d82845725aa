# The corpus as a test collection for other retrieval programs.


rule write_trec_collection:
    """Write topics, judgements, documents and a run of the search in TREC's formats."""
    input:
        "data/tiktoks.db",
        "data/queries.json",
    output:
        "data/trec/topics.tsv",
        "data/trec/qrels.txt",
        "data/trec/documents.jsonl",
        "data/trec/search.run",
    log:
        "logs/write_trec_collection.log",
    localrule: True
    run:
        # Imported here: numpy takes a while to load.
        from scripts.queries.trec_collection import write_trec_collection

        folder = Path(output[0]).parent
        run_job(log[0], write_trec_collection, Path(input[0]), Path(input[1]), folder)
