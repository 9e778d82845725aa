# The corpus for others: a package that can be published, and how one is taken in.


rule export:
    """A BagIt bag with the corpus, fit to be handed on."""
    input:
        MANIFEST,
    log:
        "logs/export.log",
    localrule: True
    run:
        # Imported here, as below: few runs have to do with it.
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
