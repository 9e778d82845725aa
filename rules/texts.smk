# The texts of each post: what is on its cover and slides (ocr), what is said in its video (speech),
# and what is written in its pictures (screen).

from scripts.plan import chunks
from scripts.rawinfo.ids import ID_PATTERN
from scripts.store import texts
from scripts.store.text_kinds import TEXT_KINDS

MAKE_TEXT = {kind: postponed.make_or_postpone(kind, tools.text_maker(kind)) for kind in TEXT_KINDS}

for kind in TEXT_KINDS:
    if not survey.chunks:

        rule:
            """One text of one post, as the engine in its settings reads it, and what made it."""
            name:
                kind
            input:
                inputs.texts(kind),
            output:
                update([str(file) for file in texts.files(DATA, kind, "{id}")]),
            log:
                f"logs/{kind}/{{id}}.log",
            wildcard_constraints:
                id=ID_PATTERN,
            params:
                kind=kind,
            run:
                run_job(log[0], MAKE_TEXT[params.kind], input, *output, log[0])

    else:
        # On a cluster, where a job is a process of its own, it makes many texts.
        for number, chunk in enumerate(survey.chunks[kind]):

            rule:
                """Texts of many posts."""
                name:
                    f"{kind}_{number}"
                input:
                    inputs.chunk(kind, chunk),
                output:
                    update(chunks.outputs(chunk, kind, DATA)),
                log:
                    f"logs/{kind}/chunk_{number}.log",
                threads: chunks.THREADS
                params:
                    kind=kind,
                    number=number,
                run:
                    run_job(
                        log[0],
                        chunks.make_texts,
                        survey.chunks[params.kind][params.number],
                        params.kind,
                        DATA,
                        threads,
                        MAKE_TEXT[params.kind],
                        log[0],
                    )

        rule:
            """All texts of one kind."""
            name:
                kind
            input:
                inputs.wanted_texts(kind),
            localrule: True
