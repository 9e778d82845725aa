# The corpus as tables: CSV, Parquet, and one Excel workbook.

from scripts.tables.names import outputs


rule tables:
    """Posts, comments, lines of transcripts, hashtags, sounds, downloads, and what each column means."""
    input:
        "data/tiktoks.db",
    output:
        outputs("data/tables"),
    log:
        "logs/tables.log",
    localrule: True
    params:
        settings=config["tables"],
    run:
        # Imported here: Arrow takes a while to load.
        from scripts.tables.writing import write_tables

        run_job(log[0], write_tables, survey.catalogue, DATA, config)
