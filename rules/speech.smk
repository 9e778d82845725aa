# What is said in each video.

from scripts.plan import chunks
from scripts.rawinfo.ids import ID_PATTERN

transcribe = postponed.or_later("speech", tools.transcribe)

if not survey.chunks:

    rule speech:
        """Transcript of one video, from its captions or as `speech.engine` hears it."""
        input:
            inputs.texts("speech"),
        output:
            text=update("data/speech/{id}.txt"),
            subtitles=update("data/speech/{id}.vtt"),
            receipt=update("data/receipts/speech/{id}.json"),
        log:
            "logs/speech/{id}.log",
        wildcard_constraints:
            id=ID_PATTERN,
        run:
            run_job(log[0], transcribe, input, *output, log[0])

else:
    # On a cluster, where a job is a process of its own, it makes many texts.
    for number, chunk in enumerate(survey.chunks["speech"]):

        rule:
            """Transcripts of many videos."""
            name:
                f"speech_{number}"
            input:
                inputs.chunk("speech", chunk),
            output:
                update(chunks.outputs(chunk, "speech", DATA)),
            log:
                f"logs/speech/chunk_{number}.log",
            threads: chunks.THREADS
            params:
                number=number,
            run:
                run_job(
                    log[0],
                    chunks.make_texts,
                    survey.chunks["speech"][params.number],
                    "speech",
                    DATA,
                    threads,
                    transcribe,
                    log[0],
                )

    rule speech:
        """All transcripts."""
        input:
            inputs.wanted_texts("speech"),
        localrule: True
