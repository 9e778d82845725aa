# The text on each cover, and on the slides of photo posts.

from scripts.plan import chunks
from scripts.rawinfo.ids import ID_PATTERN

recognise = postponed.or_later("ocr", tools.recognise)

if not survey.chunks:

    rule ocr:
        """Text of one cover and its slides, as `ocr.engine` reads it, and what made it."""
        input:
            inputs.texts("ocr"),
        output:
            text=update("data/ocr/{id}.txt"),
            boxes=update("data/ocr/{id}.json"),
            receipt=update("data/receipts/ocr/{id}.json"),
        log:
            "logs/ocr/{id}.log",
        wildcard_constraints:
            id=ID_PATTERN,
        run:
            run_job(log[0], recognise, input, *output, config["ocr"])

else:
    # On a cluster, where a job is a process of its own, it makes many texts.
    for number, chunk in enumerate(survey.chunks["ocr"]):

        rule:
            """Texts of many covers."""
            name:
                f"ocr_{number}"
            input:
                inputs.chunk("ocr", chunk),
            output:
                update(chunks.outputs(chunk, "ocr", DATA)),
            log:
                f"logs/ocr/chunk_{number}.log",
            threads: chunks.THREADS
            params:
                number=number,
            run:
                run_job(
                    log[0],
                    chunks.make_texts,
                    survey.chunks["ocr"][params.number],
                    "ocr",
                    DATA,
                    threads,
                    recognise,
                    config["ocr"],
                )

    rule ocr:
        """All texts of covers."""
        input:
            inputs.wanted_texts("ocr"),
        localrule: True
