"""Act before Snakemake plans, when a run starts, and when it ends.

A run first checks everything and writes nothing. Then it deletes what belongs to removed posts, and
then the jobs start.
"""

import logging
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from snakemake.logging import logger

from scripts.curation import removal
from scripts.errors import CorpusError, examples
from scripts.plan import chunks
from scripts.run.command import Command
from scripts.run.inputs import refuse
from scripts.run.job import error_messages, handle_stop_in_thread
from scripts.run.outdated_texts import announce_outdated
from scripts.run.postponed import Postponed
from scripts.run.progress import RunProgress
from scripts.run.run_lock import RunLock
from scripts.run.snakemake_patches import adapt_settings
from scripts.run.summary import print_summary, write_problems
from scripts.run.survey import CHUNKS_FILE, DATA, Survey
from scripts.run.tools import Tools
from scripts.store.foreign import announce_foreign
from scripts.store.manifest import write_failures
from scripts.store.placeholders import remove_placeholders
from scripts.store.text_kinds import TEXT_KINDS

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

DOWNLOADS = ("retrieve_video", "retrieve_coverphoto", "retrieve_photo", "retrieve_caption")


class Handlers:
    """The handlers of one call of Snakemake."""

    def __init__(
        self,
        workflow: "Workflow",
        survey: Survey,
        command: Command,
        tools: Tools,
        postponed: Postponed,
    ) -> None:
        self._workflow = workflow
        self._survey = survey
        self._command = command
        self._tools = tools
        self._postponed = postponed
        self._lock = RunLock(DATA)
        self._progress = RunProgress(logger)
        self._asks_site = False
        if not command.is_job:
            logger.addHandler(_OnWorkflowStarted(self._before_plan))

    def _before_plan(self) -> None:
        """Adapt the settings, and print what is here and what a run would do."""
        adapt_settings(self._workflow)
        if self._survey.has_raw_info:
            print_summary(self._survey.plan, DATA, self._survey.scrapes)
            announce_outdated(self._survey.texts, self._survey.config)
            removal.announce(self._survey.remains)
            announce_foreign(self._survey.foreign)

    def start(self) -> None:
        """Check everything, then write, then let the jobs start."""
        handle_stop_in_thread()
        try:
            self._check()
            self._lock.acquire()
            self._prepare()
        except CorpusError as error:
            refuse(error)
        self._progress.start()

    def succeed(self) -> None:
        """Tidy up, and print what the corpus contains now, and what to do."""
        self._progress.stop()
        remove_placeholders(DATA)
        # After an import, the survey knows only what was here before it.
        if self._survey.has_raw_info:
            is_down = self._tools.downloader.site.is_unreachable
            if self._asks_site:
                self._survey.catalogue = self._survey.read_raw_info()
            plan, scrapes = self._survey.plan_downloads(), self._survey.read_scrapes()
            print_summary(plan, DATA, scrapes, at_end=True, network_is_down=is_down)
        for sentence in self._postponed.explain():
            Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)

    def fail(self) -> None:
        """Do the same after a failure, and print the errors last."""
        self.succeed()
        if error_messages:
            sys.exit(examples(error_messages, "\n"))

    def _check(self) -> None:
        """Raise CorpusError if the run cannot succeed."""
        # Imported here: these take a second to load, and often there is nothing to do.
        from scripts.curation import mirroring
        from scripts.export.exporting import check_export
        from scripts.export.pseudonyms import read_key

        self._tools.load()
        config, command = self._survey.config, self._command
        if command.rules_to_run(*DOWNLOADS, "fetch"):
            self._tools.downloader.check_settings()
        uses = command.rules_to_run(mirroring.PUSHES, mirroring.RESTORES)
        mirroring.check_mirror(self._survey.mirror, uses, self._survey.plan)
        texts = {file for file in command.files_to_make() if file.endswith(".txt")}
        for kind in TEXT_KINDS:
            of_kind = [file for file in texts if file.startswith(f"data/{kind}/")]
            self._postponed.check(kind, partial(self._tools.check_engine, kind, of_kind))
        if command.rules_to_run("export"):
            check_export(config, DATA)
        if command.rules_to_run("tables") and config["tables"]["pseudonymise"]:
            read_key(Path(config["export"]["key_file"]).expanduser())
        if command.rules_to_run("run_experiments", "write_trec_collection"):
            from scripts.experiments.results import check_experiments
            from scripts.search.settings import make_reranker

            check_experiments(config["experiments"], make_reranker(config["search"]))

    def _prepare(self) -> None:
        """Write files that jobs need; delete the rest of removed posts and of a killed run."""
        survey = self._survey
        self._asks_site = bool(self._command.rules_to_run("scrape"))
        write_problems(survey.catalogue.problems)
        remove_placeholders(DATA)
        if self._command.rules_to_run("set_aside_foreign_files"):
            survey.set_aside_foreign_files()
        # `verify` only reports, and must not change anything.
        if survey.remains and not self._command.runs_only("verify"):
            removal.delete(DATA, survey.removed, survey.remains)
            if survey.remains.raw_info:
                # Records after a removed one have moved.
                survey.catalogue = survey.read_raw_info()
        if not self._command.runs_only("verify"):
            removal.delete_results_without_queries(DATA, survey.config["experiments"]["queries"])
        if survey.config["texts_per_job"] > 1:
            chunks.write_chunks(survey.chunks, CHUNKS_FILE)
        write_failures(survey.manifest, DATA)


class _OnWorkflowStarted(logging.Handler):
    """Calls a function when Snakemake logs that it begins a run or a dry-run, before it plans.

    There is no other way: Snakemake calls a Snakefile's handlers after the plan, and in a dry-run
    not at all.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        super().__init__(logging.INFO)
        self._function = function

    def emit(self, record: Any) -> None:
        if str(getattr(record, "event", "")) == "workflow_started":
            self._function()
