# The text on each cover, and on the slides of photo posts.

ocr_texts = plan_texts("ocr", plan, IMAGES, DATA, ocr.asked_for(config["ocr"]))


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
        run_job(log[0], ocr.recognise, input.images, output.text, output.receipt, params.settings)
