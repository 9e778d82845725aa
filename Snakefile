"""From raw info to a corpus: see README.md for use, docs/ for the rest."""

import sys
from functools import partial
from pathlib import Path

from snakemake.logging import logger
from snakemake.utils import min_version

sys.path.insert(0, workflow.basedir)

from scripts import export, ocr, speech

from scripts.curation import preserve, removal

from scripts.export import importing

from scripts.merge import database, json_files
from scripts.store.database import SCHEMA_VERSION

from scripts.plan import chunks
from scripts.run.configuration import check_configuration
from scripts.download.downloader import Downloader
from scripts.run.snakemake_patches import keep_linear, lift_rate_limit
from scripts.errors import ConfigError, CorpusError
from scripts.errors import examples
from scripts.logs import append_to_log
from scripts.run.job import handle_stop_in_thread, run_job, told
from scripts.store.foreign import (
    announce_foreign,
    files_set_aside,
    find_foreign,
    note_path,
    set_aside,
)
from scripts.store.manifest import read_manifest, write_failures, write_manifest
from scripts.store.media_kinds import CAPTIONS, COVERPHOTOS, IMAGES, PHOTOS, VIDEOS
from scripts.download.mirror import Mirror
from scripts.store.placeholders import ADOPTED_SUFFIX, remove_placeholders
from scripts.plan.downloads import make_plan
from scripts.run.progress import RunProgress
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.run.run_lock import RunLock
from scripts.rawinfo.slices import EVERYTHING, parse_slice
from scripts.run.summary import print_summary
from scripts.plan.texts import plan_texts
from scripts.speech.transcripts import Transcripts

min_version("9.27")
keep_linear()


report: "report/workflow.rst"


# ---- Configuration ----


configfile: str(Path(workflow.basedir, "config.yaml"))


check_configuration(config)

# ---- What there is, and what is to be done ----

DATA = Path("data")
run_lock = RunLock(DATA)
if workflow.is_main_process:
    run_lock.when_free(lambda: remove_placeholders(DATA))
REMOVED_LIST = DATA / "removed.txt"
removed = removal.read_removed(REMOVED_LIST)
part = parse_slice(config["slice"])
catalogue = catalogue_folder(DATA / "info", removed, part)
remains = removal.find_remains(DATA, removed, catalogue.left_out)
RAW_INFO = catalogue.files()


manifest = removal.without(read_manifest(DATA / "manifest.tsv"), removed)
foreign = find_foreign(DATA, {path: line.sha256 for path, line in manifest.lines.items()})
mirror = Mirror(config["mirror"], config["download"]) if config["mirror"] else None
survey = partial(
    make_plan,
    catalogue,
    DATA,
    manifest,
    max_attempts=config["download"]["max_attempts"],
    retry_all=config["retry"] == "all",
    has_mirror=mirror is not None,
)
plan = survey()
ocr_texts = plan_texts("ocr", plan, IMAGES, DATA, ocr.asked_for(config["ocr"]))
speech_texts = plan_texts(
    "speech",
    plan,
    speech.media_kinds(config["speech"]),
    DATA,
    speech.asked_for(config["speech"]),
)

# On a cluster, where a job is a process of its own, it makes many texts.
CHUNKS_FILE = Path(".snakemake/text_chunks.json")
THREADS_PER_JOB = 4
if config["texts_per_job"] > 1:
    if workflow.is_main_process:
        texts_per_job = config["texts_per_job"]
        CHUNKS = {t.kind: chunks.make_chunks(t, texts_per_job) for t in (ocr_texts, speech_texts)}
    else:
        CHUNKS = chunks.read_chunks(CHUNKS_FILE)

if workflow.is_main_process:
    progress = RunProgress(logger)
    print_summary(plan, DATA)
    removal.announce(remains)
    announce_foreign(foreign)

# ---- Rules ----


include: "rules/download.smk"
include: "rules/ocr.smk"
include: "rules/speech.smk"
include: "rules/merge.smk"
include: "rules/keep.smk"
include: "rules/report.smk"
include: "rules/viewer.smk"
include: "rules/known_items.smk"
include: "rules/experiments.smk"
include: "rules/export.smk"


# What is left for the executor, if there is one, is to make texts: the network and the disk are the
# limit of the rest.
localrules:
    all,
    video,
    coverphoto,
    photo,
    caption,
    adopt,
    master,
    ocr_json,
    speech_json,
    database,
    manifest,
    mirror,
    verify,
    fetch,
    figures,
    viewer,
    known_items,
    results,
    experiments_report,
    forget,
    set_aside,
    export,


rule all:
    """The whole corpus."""
    default_target: True
    input:
        MEDIA,
        ocr_texts.files(),
        speech_texts.files(),
        ADOPTED,
        [FORGOTTEN] if remains else [],
        # Without raw info there is nothing to merge yet, and a slice is no corpus.
        (
            [*MERGED_FILES, MANIFEST, rules.figures.output]
            if RAW_INFO and part == EVERYTHING
            else RAW_INFO
        ),


# ---- Start and end of a run ----


onstart:
    global catalogue
    lift_rate_limit(workflow)
    handle_stop_in_thread()
    try:
        run_lock.acquire()
        # Who verifies wants to be told, and not to have changed anything.
        if remains and "verify" not in sys.argv:
            removal.delete(DATA, removed, remains)
        if remains.raw_info and "verify" not in sys.argv:
            # Records behind a removed one have moved.
            catalogue = catalogue_folder(DATA / "info", removed, part)
        downloader.check_settings()
        jobs = list(workflow.dag.needrun_jobs())
        if part != EVERYTHING and any(
            file in MERGED_FILES for job in jobs for file in job.output
        ):
            raise ConfigError(
                "A slice can't be merged: run without `slice` when all are built."
            )
        preserve.check_mirror(mirror, {job.rule.name for job in jobs}, plan)
        texts = {file for job in jobs for file in job.output if file.endswith(".txt")}
        if any(file.startswith("data/ocr/") for file in texts):
            ocr.check_engine(config["ocr"])
        transcripts.check(file for file in texts if file.startswith("data/speech/"))
        if any(job.rule.name == "export" for job in jobs):
            export.check_export(config, DATA)
        if any(job.rule.name == "results" for job in jobs):
            from scripts.experiments.results import check_experiments

            check_experiments(config["experiments"])
        if config["texts_per_job"] > 1:
            chunks.write_chunks(CHUNKS, CHUNKS_FILE)
        write_failures(manifest, DATA)
    except CorpusError as error:
        sys.exit(f"Nothing was started. {error}")
    progress.start()


onsuccess:
    progress.stop()
    remove_placeholders(DATA)
    # An import has no use for what there was before it.
    if RAW_INFO:
        print_summary(survey(), DATA, at_end=True)


onerror:
    progress.stop()
    remove_placeholders(DATA)
    print_summary(survey(), DATA, at_end=True)
    if told:
        sys.exit(examples(told, "\n"))
