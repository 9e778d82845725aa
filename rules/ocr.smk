# The text on each cover, and on the slides of photo posts.

if config["texts_per_job"] == 1:

    rule ocr:
        """Text of one cover and its slides, as `ocr.engine` reads it, and what made it."""
        input:
            images=lambda wildcards: ocr_texts.media(wildcards.id),
        output:
            text="data/ocr/{id}.txt",
            receipt="data/receipts/ocr/{id}.json",
        log:
            "logs/ocr/{id}.log",
        wildcard_constraints:
            id=ocr_texts.id_pattern(sys.argv),
        params:
            settings=config["ocr"],
        run:
            run_job(log[0], ocr.recognise, input.images, *output, params.settings)

else:
    for number, chunk in enumerate(CHUNKS["ocr"]):

        rule:
            """Texts of many covers."""
            name:
                f"ocr_{number}"
            input:
                chunks.inputs(chunk),
            output:
                chunks.outputs(chunk, "ocr", DATA),
            log:
                f"logs/ocr/chunk_{number}.log",
            threads: THREADS_PER_JOB
            params:
                settings=config["ocr"],
                number=number,
            run:
                run_job(
                    log[0],
                    chunks.make_texts,
                    CHUNKS["ocr"][params.number],
                    "ocr",
                    DATA,
                    threads,
                    ocr.recognise,
                    params.settings,
                )
