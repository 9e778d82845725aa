# What is said in each video.

SPOKEN_BY_ID = plan.by_id(SPOKEN if config["speech"]["engine"] != "none" else [CAPTIONS], DATA)
TRANSCRIPTS = expand("data/speech/{id}.txt", id=SPOKEN_BY_ID)
transcripts = Transcripts(config["speech"], manifest, mirror, DATA)


rule speech:
    """Transcript of one video, from its captions or as `speech.engine` hears it."""
    input:
        media=lambda wildcards: SPOKEN_BY_ID[wildcards.id],
    output:
        text="data/speech/{id}.txt",
        subtitles="data/speech/{id}.vtt",
        receipt="data/receipts/speech/{id}.json",
    log:
        "logs/speech/{id}.log",
    params:
        media=["data/videos/{id}.mp4", "data/captions/{id}.vtt"],
        settings=config["speech"],
    run:
        run_job(log[0], transcripts.make, *params.media, *output, log[0])
