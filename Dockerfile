# The project in a container: docs/install.md says how to build and use it.
FROM debian:bookworm-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates git make python3-venv sqlite3 tesseract-ocr tesseract-ocr-eng \
    && rm -rf /var/lib/apt/lists/*

# Nothing runs as root. On Linux, the corpus belongs to the first user of the machine, who has the same number.
RUN useradd --create-home --uid 1000 researcher \
    && install -d -o researcher /project /project/data /home/researcher/.cache
USER researcher
WORKDIR /project
COPY --chown=researcher . .
# Engines that the default settings do not use: pocketsphinx, tesserocr.
ARG ENGINES=""
RUN make setup $ENGINES && rm -rf /home/researcher/.cache/pip

ENV PATH=/project/.venv/bin:$PATH
# The corpus and downloaded models stay outside the image.
VOLUME /project/data /home/researcher/.cache
CMD ["snakemake", "--cores", "8"]
