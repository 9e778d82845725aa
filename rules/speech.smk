# What is said in each video.

transcripts = Transcripts(config["speech"], manifest, mirror, DATA)

if config["texts_per_job"] == 1:

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

else:
    for number, chunk in enumerate(CHUNKS["speech"]):

        rule:
            """Transcripts of many videos."""
            name:
                f"speech_{number}"
            input:
                chunks.inputs(chunk),
            output:
                chunks.outputs(chunk, "speech", DATA),
            log:
                f"logs/speech/chunk_{number}.log",
            threads: THREADS_PER_JOB
            params:
                settings=config["speech"],
                number=number,
            run:
                run_job(
                    log[0],
                    chunks.make_texts,
                    CHUNKS["speech"][params.number],
                    "speech",
                    DATA,
                    threads,
                    transcripts.make,
                    log[0],
                )
