# What is said in each video.

speech_texts = plan_texts(
    "speech",
    plan,
    speech.media_kinds(config["speech"]),
    DATA,
    speech.asked_for(config["speech"]),
)
transcripts = Transcripts(config["speech"], manifest, mirror, DATA)


rule speech:
    """Transcript of one video, from its captions or as `speech.engine` hears it."""
    input:
        media=lambda wildcards: speech_texts.media(wildcards.id),
    output:
        text="data/speech/{id}.txt",
        subtitles="data/speech/{id}.vtt",
        receipt="data/receipts/speech/{id}.json",
    log:
        "logs/speech/{id}.log",
    wildcard_constraints:
        id=speech_texts.id_pattern(sys.argv),
    params:
        settings=config["speech"],
    run:
        run_job(log[0], transcripts.make, input.media, *output, log[0])
