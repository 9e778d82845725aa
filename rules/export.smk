# The corpus for others: a package that can be published, and how one is taken in.


from scripts.export import exporting, importing


rule export:
    """A BagIt bag with the corpus, fit to be handed on."""
    input:
        MANIFEST,
    log:
        "logs/export.log",
    localrule: True
    run:
        run_job(log[0], exporting.export_corpus, survey.catalogue, DATA, config)


rule:
    """Copy the corpus of the package `package` into data/."""
    name:
        "import"
    log:
        "logs/import.log",
    localrule: True
    run:
        run_job(log[0], importing.import_package, config["package"], DATA, config)
