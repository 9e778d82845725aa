"""From raw info to a corpus: see README.md for use, docs/ for the rest."""

import gc
import sys

from snakemake.utils import min_version

gc.freeze()  # Snakemake's modules are no garbage: looking through them takes half a second

min_version("9.27")


include: "rules/source.smk"


SOURCE = find_source(workflow.current_basedir, workflow.sourcecache.cache_path)
sys.path.insert(0, str(SOURCE))

from scripts.run.command import Command
from scripts.run.configuration import check_configuration, check_files
from scripts.run.handlers import Handlers
from scripts.run.inputs import Inputs
from scripts.run.job import run_job
from scripts.run.postponed import Postponed
from scripts.run.snakemake_patches import keep_handlers, refuse_deletion, skip_search_for_pipes
from scripts.run.survey import DATA, Survey
from scripts.run.tools import Tools


report: "report/workflow.rst"


# ---- Configuration ----


configfile: str(SOURCE / "config.yaml")


check_files(workflow.configfiles)
check_configuration(config, workflow.config_settings.config)

# ---- Plan ----

command = Command(workflow)
survey = Survey(config, is_job=command.is_job)
inputs = Inputs(survey, command)
tools = Tools(survey, command)
postponed = Postponed()

# ---- Rules ----


include: "rules/download.smk"
include: "rules/scrape.smk"
include: "rules/texts.smk"
include: "rules/merge.smk"
include: "rules/curation.smk"
include: "rules/report.smk"
include: "rules/viewer.smk"
include: "rules/tables.smk"
include: "rules/known_items.smk"
include: "rules/experiments.smk"
include: "rules/trec.smk"
include: "rules/export.smk"


# ---- Targets ----


rule all:
    """The whole corpus."""
    default_target: True
    input:
        inputs.everything(
            MERGED_FILES, [MANIFEST], rules.draw_figures.output, rules.write_datasheet.output
        ),
    localrule: True


# ---- Start and end of a run ----

handlers = Handlers(workflow, survey, command, tools, postponed)


onstart:
    handlers.start()


onsuccess:
    handlers.succeed()


onerror:
    handlers.fail()


keep_handlers(workflow, onstart=handlers.start, onsuccess=handlers.succeed, onerror=handlers.fail)
skip_search_for_pipes()
refuse_deletion(workflow)
