# Downloads. One can never be made again, so these rules have neither inputs nor params that could
# make them run again, their outputs are `update`d, and files that are there don't match the pattern
# of the wildcard at all.

MEDIA = plan.pending(DATA)
UNVERIFIED = plan.unverified()
ADOPTED = expand("data/receipts/{file}{suffix}", file=UNVERIFIED, suffix=ADOPTED_SUFFIX)
downloader = Downloader(
    config["download"],
    mirror,
    restore_only="fetch" in sys.argv,
    asked_for=sys.argv,
)


rule video:
    """One video, verified, and the receipt of its download."""
    output:
        media=update("data/videos/{id}.mp4"),
        receipt=update("data/receipts/videos/{id}.json"),
    log:
        "logs/videos/{id}.log",
    wildcard_constraints:
        id=plan.name_pattern(VIDEOS, DATA, sys.argv),
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
        id=plan.name_pattern(COVERPHOTOS, DATA, sys.argv),
    priority: lambda wildcards: plan.find("coverphotos", wildcards.id).priority
    run:
        run_job(log[0], downloader.fetch, plan.find("coverphotos", wildcards.id), *output, log[0])


rule photo:
    """One slide of a photo post: `<id>/<number from 1>`."""
    output:
        media=update("data/photos/{slide}.jpg"),
        receipt=update("data/receipts/photos/{slide}.json"),
    log:
        "logs/photos/{slide}.log",
    wildcard_constraints:
        slide=plan.name_pattern(PHOTOS, DATA, sys.argv),
    priority: lambda wildcards: plan.find("photos", wildcards.slide).priority
    run:
        run_job(log[0], downloader.fetch, plan.find("photos", wildcards.slide), *output, log[0])


rule caption:
    """The caption track of one video, as it came."""
    output:
        media=update("data/captions/{id}.vtt"),
        receipt=update("data/receipts/captions/{id}.json"),
    log:
        "logs/captions/{id}.log",
    wildcard_constraints:
        id=plan.name_pattern(CAPTIONS, DATA, sys.argv),
    priority: lambda wildcards: plan.find("captions", wildcards.id).priority
    run:
        run_job(log[0], downloader.fetch, plan.find("captions", wildcards.id), *output, log[0])


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
