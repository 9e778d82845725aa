"""Where this workflow changes Snakemake: what, why, and what it gains.

Everything here relies on something that Snakemake doesn't promise to keep. For each function,
`tests/test_snakemake.py` has a test that fails when Snakemake changes underneath.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from snakemake.jobs import Job
from snakemake.settings.types import RerunTrigger

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

# Jobs, and seconds: no more than so many jobs start within this time.
DEFAULT_LIMIT = (100, 1)

# Snakemake calls a handler with its log files.
Handler = Callable[[Any], None]

NO_DELETION = (
    "Nothing was deleted: downloads can't be made again, so this workflow doesn't offer "
    "--delete-all-output. Delete by hand what you don't need; a run makes everything else again."
)


def adapt_settings(workflow: "Workflow") -> None:
    """Set what this workflow relies on, whatever the profile says. Call it before the plan.

    - use_threads: jobs share one process, and so share the limits on requests to one host, the plan
      and the models. A job with its own process would take seconds to start.
    - keep_incomplete: Snakemake deletes the outputs of a failed job, and a download may be complete
      when a later step of its job fails. Files are written in one step, so none is partial.
    - force_incomplete: a run makes files again that a killed run left unfinished, without asking.
    - no_hooks: without its handlers, a run would neither lock the corpus nor tidy up.
    - lock: Snakemake's lock survives a crash; `scripts.run.run_lock` doesn't.
    - rerun_triggers: the list of inputs changes whenever a link expires.
    - max_jobs_per_timespan: Snakemake's default, 100 jobs a second, is for schedulers of clusters.
      A small job takes 11 ms with it and 6 ms without. Another limit stays.
    """
    workflow.execution_settings.use_threads = True
    workflow.execution_settings.keep_incomplete = True
    workflow.execution_settings.no_hooks = False
    workflow.execution_settings.lock = False
    settings = workflow.dag_settings
    settings.force_incomplete = True
    settings.rerun_triggers = frozenset(settings.rerun_triggers) - {RerunTrigger.INPUT}
    scheduling = workflow.scheduling_settings
    limit = scheduling.max_jobs_per_timespan
    if limit is not None and (limit.max_jobs, limit.timespan) == DEFAULT_LIMIT:
        scheduling.max_jobs_per_timespan = None


def keep_handlers(workflow: "Workflow", **handlers: Callable[[], None]) -> None:
    """Call this workflow's handlers even if another workflow uses it as a module.

    Snakemake ignores the handlers of modules, but these take the lock and tidy up. They run before
    the other workflow's handlers. handlers: `onstart`, `onsuccess`, `onerror`.
    """
    if workflow.modifier.is_main_snakefile():
        return
    for name, handler in handlers.items():
        register = _Register(workflow, f"_{name}", handler, getattr(workflow, name))
        register.add(getattr(workflow, f"_{name}"))
        setattr(workflow, name, register)


class _Register:
    """Takes the place of the method of Workflow that registers a handler."""

    def __init__(
        self,
        workflow: "Workflow",
        attribute: str,
        handler: Callable[[], None],
        register: Callable[[Handler], None],
    ) -> None:
        self._workflow = workflow
        self._attribute = attribute
        self._handler = handler
        self._register = register

    def __call__(self, other: Handler) -> None:
        self._register(other)
        if self._workflow.modifier.is_main_snakefile():
            self.add(other)

    def add(self, other: Handler) -> None:
        """Call `other` after our handler."""

        def call_both(log: Any) -> None:
            self._handler()
            other(log)

        setattr(self._workflow, self._attribute, call_both)


def refuse_deletion(workflow: "Workflow") -> None:
    """Make `--delete-all-output` and `--delete-temp-output` fail: they would delete downloads."""

    def refuse(*_: object, **__: object) -> NoReturn:
        sys.exit(NO_DELETION)

    workflow.delete_output = refuse


def skip_search_for_pipes() -> None:
    """Don't search for pipes: no rule here has any.

    Before a job starts, Snakemake looks for each of its inputs in all the jobs that it depends on,
    to find pipes. Before a merge of 10,000 TikToks, that takes four minutes.
    """
    Job.is_pipe_or_service_input = lambda job, path: False
