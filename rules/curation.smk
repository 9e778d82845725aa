# The corpus on another machine: the manifest for version control, the mirror for the media.

from scripts.store.manifest import read_manifest, write_manifest

MANIFEST = "data/manifest.tsv"


rule write_manifest:
    """Every file that can't be made again, and what became of each download."""
    input:
        MERGED_FILES,
    output:
        update(MANIFEST),
    log:
        "logs/write_manifest.log",
    localrule: True
    run:
        # Imported here, as below: not every run has to do with it.
        from scripts.curation.merged import describe_merged_files

        run_job(
            log[0], write_manifest, DATA, describe_merged_files(config, DATA), Path(output[0])
        )


rule mirror:
    """Put to `mirror` what it lacks."""
    input:
        MANIFEST,
    log:
        "logs/mirror.log",
    localrule: True
    threads: 32
    run:
        from scripts.curation.mirroring import push_missing

        run_job(
            log[0], push_missing, survey.mirror, read_manifest(Path(input[0])), DATA, threads
        )


rule verify:
    """Check that every file of the manifest is here, or in the mirror, as it should be."""
    input:
        inputs.raw_info,
    log:
        "logs/verify.log",
    localrule: True
    threads: 32
    run:
        run_job(log[0], tools.verify, threads)


rule fetch:
    """Restore what the mirror has, and ask the site for nothing."""
    input:
        inputs.raw_info,
    log:
        "logs/fetch.log",
    localrule: True
    threads: 32
    run:
        from scripts.curation.mirroring import restore_missing

        run_job(log[0], restore_missing, tools.restorer, survey.plan, DATA, threads)
