# The corpus for others: write a package, and import one.


rule export:
    """Write a package of the corpus that can be given to others: a BagIt bag."""
    input:
        MANIFEST,
    log:
        "logs/export.log",
    localrule: True
    run:
        # Imported here, as below: most runs do not need it.
        from scripts.export.exporting import export_corpus

        run_job(log[0], export_corpus, survey.catalogue, DATA, config)


rule:
    """Copy the corpus of the package `package` into data/."""
    name:
        "import"
    log:
        "logs/import.log",
    localrule: True
    run:
        from scripts.export import importing

        run_job(log[0], importing.import_package, config["package"], DATA, config)
