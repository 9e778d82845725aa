# The corpus on another machine: the manifest for version control, the mirror for the media.

MANIFEST = "data/manifest.tsv"
verify = partial(preserve.verify, manifest, DATA, mirror)
left_of_removed = partial(removal.report_rest, [DATA], removed, mirror)


rule manifest:
    """Every file that can't be made again, and what became of each download."""
    input:
        MERGED_FILES,
    output:
        update(MANIFEST),
    log:
        "logs/manifest.log",
    run:
        run_job(log[0], write_manifest, DATA, preserve.merged_files(config, DATA), Path(output[0]))


rule mirror:
    """Put to `mirror` what it lacks."""
    input:
        MANIFEST,
    log:
        "logs/mirror.log",
    threads: 32
    run:
        run_job(log[0], preserve.push_missing, mirror, read_manifest(Path(input[0])), DATA, threads)


rule verify:
    """Check that every file of the manifest is here, or in the mirror, as it should be."""
    log:
        "logs/verify.log",
    threads: 32
    run:
        run_job(log[0], verify, preserve.merged_files(config, DATA), threads, left_of_removed())


rule fetch:
    """Restore what the mirror has, and ask the site for nothing."""
    log:
        "logs/fetch.log",
    threads: 32
    run:
        run_job(log[0], preserve.restore_missing, downloader, plan, DATA, threads)
