# The corpus on another machine: the manifest for version control, the mirror for the media.

from functools import partial

from scripts.curation import preserve, removal
from scripts.store.manifest import read_manifest, write_manifest

MANIFEST = "data/manifest.tsv"
verify = partial(preserve.verify, survey.manifest, DATA, survey.mirror)
left_of_removed = partial(removal.report_rest, [DATA], survey.removed, survey.mirror)
push = partial(preserve.push_missing, survey.mirror)
restorer = Downloader(config["download"], survey.mirror, mirror_only=True)


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
        run_job(log[0], write_manifest, DATA, preserve.merged_files(config, DATA), Path(output[0]))


rule mirror:
    """Put to `mirror` what it lacks."""
    input:
        MANIFEST,
    log:
        "logs/mirror.log",
    localrule: True
    threads: 32
    run:
        run_job(
            log[0],
            push,
            read_manifest(Path(input[0])),
            DATA,
            threads,
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
        run_job(
            log[0],
            verify,
            preserve.merged_files(config, DATA),
            threads,
            left_of_removed(),
        )


rule fetch:
    """Restore what the mirror has, and ask the site for nothing."""
    input:
        inputs.raw_info,
    log:
        "logs/fetch.log",
    localrule: True
    threads: 32
    run:
        run_job(log[0], preserve.restore_missing, restorer, survey.plan, DATA, threads)
