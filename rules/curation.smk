# The corpus on another machine: the manifest goes under version control, media go to the mirror.

from scripts.store.manifest import read_manifest, write_manifest

MANIFEST = "data/manifest.tsv"


rule write_manifest:
    """List every file that cannot be rebuilt, and the outcome of each download."""
    input:
        MERGED_FILES,
    output:
        update(MANIFEST),
    log:
        "logs/write_manifest.log",
    localrule: True
    run:
        # Imported here, as below: most runs do not need it.
        from scripts.curation.merged import describe_merged_files

        run_job(
            log[0], write_manifest, DATA, describe_merged_files(config, DATA), Path(output[0])
        )


rule mirror:
    """Copy the files that are missing from the mirror to it."""
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
    """Check that every file has the checksum in the manifest, here or in the mirror."""
    input:
        inputs.raw_info,
    log:
        "logs/verify.log",
    localrule: True
    threads: 32
    run:
        run_job(log[0], tools.verify, threads)


rule fetch:
    """Restore missing files from the mirror, without a request to the site."""
    input:
        inputs.raw_info,
    log:
        "logs/fetch.log",
    localrule: True
    threads: 32
    run:
        from scripts.curation.mirroring import restore_missing

        run_job(log[0], restore_missing, tools.restorer, survey.plan, DATA, threads)
