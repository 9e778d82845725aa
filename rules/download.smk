# Downloads. A downloaded file may be gone from the site, so these rules have no inputs or params that
# could trigger them again, and their outputs are `update`d. Finished files are not in the graph.

from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.placeholders import MARK_SUFFIX

for kind in MEDIA_KINDS.values():

    rule:
        """Download one file, verify it, and write its receipt."""
        name:
            f"retrieve_{kind.name.removesuffix('s')}"
        input:
            inputs.downloads(kind),
        output:
            media=update(f"data/{kind.name}/{{name}}{kind.suffix}"),
            receipt=update(f"data/receipts/{kind.name}/{{name}}.json"),
        log:
            f"logs/{kind.name}/{{name}}.log",
        wildcard_constraints:
            name=kind.name_pattern,
        priority: inputs.priority(kind)
        localrule: True
        run:
            run_job(log[0], tools.downloader.fetch, survey.plan.at(output.media), *output, log[0])


rule adopt_file:
    """Verify a file that has no receipt, and write one; move a damaged file to `data/damaged`.

    The output is a mark that does not exist before the run. Snakemake could not see from the file
    that there is work to do: files from a backup have old times, and a receipt of a failure may
    exist.
    """
    input:
        inputs.unverified,
    output:
        touch(f"data/receipts/{{file}}{MARK_SUFFIX}"),
    log:
        "logs/{file}.log",
    wildcard_constraints:
        file=f"({'|'.join(MEDIA_KINDS)})/[0-9/]+",
    localrule: True
    run:
        run_job(log[0], tools.downloader.adopt, survey.unverified[wildcards.file], DATA)
