# The viewer for a folder or any static host.


rule build_viewer:
    """The page, and the corpus in files that it reads. Media stay where they are, beside it."""
    input:
        "data/tiktoks.db",
        rules.draw_figures.output,
    output:
        "data/viewer/index.html",
    log:
        "logs/build_viewer.log",
    localrule: True
    run:
        # Imported here: not every run has to do with it.
        from scripts.viewer.static import write_viewer

        run_job(log[0], write_viewer, Path(input[0]), DATA, Path(output[0]))
