# Videos and cover photos. A download can never be made again, so these rules have neither inputs
# nor params that could make them run again, their outputs are `update`d, and files that are there
# don't match the pattern of `id` at all.

VIDEOS = expand("data/videos/{id}.mp4", id=plan.ids("videos"))
COVERPHOTOS = expand("data/coverphotos/{id}.jpg", id=plan.ids("coverphotos"))
ASKED_FOR = {Path(argument).stem for argument in sys.argv if argument.startswith("data/")}
UNVERIFIED = plan.unverified()
ADOPTED = expand("data/receipts/{file}{suffix}", file=UNVERIFIED, suffix=ADOPTED_SUFFIX)
downloader = Downloader(config["download"])


rule video:
    """One video, verified, and the receipt of its download."""
    output:
        media=update("data/videos/{id}.mp4"),
        receipt=update("data/receipts/videos/{id}.json"),
    log:
        "logs/videos/{id}.log",
    wildcard_constraints:
        id=plan.id_pattern("videos", ASKED_FOR),
    priority: lambda wildcards: plan.find("videos", wildcards.id).priority
    run:
        run_job(log[0], downloader.fetch, plan.find("videos", wildcards.id), *output, log[0])


rule coverphoto:
    """One cover photo, verified, and the receipt of its download."""
    output:
        media=update("data/coverphotos/{id}.jpg"),
        receipt=update("data/receipts/coverphotos/{id}.json"),
    log:
        "logs/coverphotos/{id}.log",
    wildcard_constraints:
        id=plan.id_pattern("coverphotos", ASKED_FOR),
    priority: lambda wildcards: plan.find("coverphotos", wildcards.id).priority
    run:
        run_job(
            log[0],
            downloader.fetch,
            plan.find("coverphotos", wildcards.id),
            *output,
            log[0],
        )


rule adopt:
    """The receipt of a file that came without one; a damaged file is set aside.

    Its output is a mark that never exists beforehand (the run removes it): files that come from a
    backup have old times, and a receipt of a failure may be there.
    """
    input:
        lambda wildcards: UNVERIFIED[wildcards.file].media(DATA),
    output:
        touch(f"data/receipts/{{file}}{ADOPTED_SUFFIX}"),
    log:
        "logs/{file}.log",
    wildcard_constraints:
        file=plan.unverified_pattern(),
    run:
        run_job(log[0], downloader.adopt, UNVERIFIED[wildcards.file], DATA)
