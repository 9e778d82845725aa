# Videos and cover photos. A download can never be made again, so these rules have neither inputs
# nor params that could make them run again, their outputs are `update`d, and files that are there
# don't match the pattern of `id` at all.

VIDEOS = expand("data/videos/{id}.mp4", id=plan.ids("videos"))
COVERPHOTOS = expand("data/coverphotos/{id}.jpg", id=plan.ids("coverphotos"))
UNVERIFIED = plan.unverified()
ADOPTED = expand("data/receipts/{file}.json", file=UNVERIFIED)
downloader = Downloader(config["download"])


rule video:
    """One video, verified, and the receipt of its download."""
    output:
        media=update("data/videos/{id}.mp4"),
        receipt=update("data/receipts/videos/{id}.json"),
    log:
        "logs/videos/{id}.log",
    wildcard_constraints:
        id=plan.id_pattern("videos"),
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
        id=plan.id_pattern("coverphotos"),
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
    """The receipt of a file that came without one; a damaged file is set aside."""
    input:
        lambda wildcards: KINDS[UNVERIFIED[wildcards.file].kind].media(
            DATA, UNVERIFIED[wildcards.file].id
        ),
    output:
        update("data/receipts/{file}.json"),
    log:
        "logs/{file}.log",
    wildcard_constraints:
        file=plan.unverified_pattern(),
    run:
        run_job(log[0], downloader.fetch, UNVERIFIED[wildcards.file], input[0], output[0], log[0])
