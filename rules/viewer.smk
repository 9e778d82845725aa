# The viewer as plain files, for a folder or any static host.


rule build_viewer:
    """Write the page, and the corpus as files that it reads. Media stay where they are."""
    input:
        "data/tiktoks.db",
        rules.draw_figures.output,
    output:
        "data/viewer/index.html",
    log:
        "logs/build_viewer.log",
    localrule: True
    run:
        # Imported here: most runs do not need it.
        from scripts.viewer.static import write_viewer

        run_job(log[0], write_viewer, Path(input[0]), DATA, Path(output[0]))
