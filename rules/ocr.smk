# The text on each cover.

OCR_TEXTS = expand("data/ocr/{id}.txt", id=plan.ids("coverphotos"))


rule ocr:
    """Text of one cover, as the engine in `ocr.engine` reads it, and what made it."""
    input:
        cover="data/coverphotos/{id}.jpg",
    output:
        text="data/ocr/{id}.txt",
        receipt="data/receipts/ocr/{id}.json",
    log:
        "logs/ocr/{id}.log",
    params:
        settings=config["ocr"],
    run:
        run_job(log[0], ocr.recognise, input.cover, output.text, output.receipt, params.settings)
