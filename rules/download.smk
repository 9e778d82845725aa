# Downloads. One can never be made again, so these rules have neither inputs nor params that could
# make them run again, and their outputs are `update`d. Files that are finished are out of the graph.

from scripts.store.media_kinds import MEDIA_KINDS
from scripts.store.placeholders import ADOPTED_SUFFIX

for kind in MEDIA_KINDS.values():

    rule:
        """One file of a kind, verified, and the receipt of its download."""
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
    """The receipt of a file that came without one; a damaged file is set aside.

    Its output is a mark that never exists beforehand (the run removes it): files that come from a
    backup have old times, and a receipt of a failure may be there.
    """
    input:
        inputs.unverified,
    output:
        touch(f"data/receipts/{{file}}{ADOPTED_SUFFIX}"),
    log:
        "logs/{file}.log",
    wildcard_constraints:
        file=f"({'|'.join(MEDIA_KINDS)})/[0-9/]+",
    localrule: True
    run:
        run_job(log[0], tools.downloader.adopt, survey.unverified[wildcards.file], DATA)
