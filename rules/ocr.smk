# The text on each cover, and on the slides of photo posts.

IMAGES_BY_ID = plan.by_id(IMAGES, DATA)
OCR_TEXTS = expand("data/ocr/{id}.txt", id=IMAGES_BY_ID)


rule ocr:
    """Text of one cover and its slides, as `ocr.engine` reads it, and what made it."""
    input:
        images=lambda wildcards: IMAGES_BY_ID[wildcards.id],
    output:
        text="data/ocr/{id}.txt",
        receipt="data/receipts/ocr/{id}.json",
    log:
        "logs/ocr/{id}.log",
    params:
        settings=config["ocr"],
    run:
        run_job(log[0], ocr.recognise, input.images, output.text, output.receipt, params.settings)
