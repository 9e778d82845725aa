"""Read targets and options from Snakemake, after it has parsed its command line.

Snakemake knows them when it builds its graph of jobs, after it has read the Snakefile. So only
input functions, jobs and the start of a run can use this module.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


class Command:
    """Targets and forced rules of this call of Snakemake.

    Create it while the Snakefile is read. Rules go by the names that the rule files give them, even
    if a workflow that uses this one as a module has renamed them.
    """

    def __init__(self, workflow: "Workflow") -> None:
        self._workflow = workflow
        self._modifier = workflow.modifier

    @property
    def is_job(self) -> bool:
        """True in a process that Snakemake started for one job, on a cluster."""
        return not self._workflow.is_main_process

    @property
    def runs_nothing(self) -> bool:
        """True if the graph is only drawn, reported or listed. A dry-run counts as a run."""
        return self._workflow.executor_plugin is None

    @property
    def targets(self) -> frozenset[str]:
        """The relative paths of the files that somebody named, and the names of rules."""
        return frozenset(map(os.path.relpath, self._workflow.dag_settings.targets))

    def forces(self, rule: str) -> bool:
        """True if Snakemake must make all files of a rule again (`--forcerun`, `--forceall`)."""
        settings = self._workflow.dag_settings
        return settings.forceall or self._name(rule) in settings.forcerun

    def make_again(self, files: Iterable[str]) -> None:
        """Make Snakemake build these files even if they exist. For input functions."""
        self._workflow.dag.forcefiles.update(files)

    def rules_to_run(self, *rules: str) -> set[str]:
        """Return those of these rules that have a job in this run."""
        needed = {job.rule.name for job in self._workflow.dag.needrun_jobs()}
        return {rule for rule in rules if self._name(rule) in needed}

    def runs_only(self, rule: str) -> bool:
        """True if no other rule has a job in this run."""
        return {job.rule.name for job in self._workflow.dag.needrun_jobs()} == {self._name(rule)}

    def files_to_make(self) -> set[str]:
        """Return all outputs of the jobs of this run."""
        return {str(file) for job in self._workflow.dag.needrun_jobs() for file in job.output}

    def _name(self, rule: str) -> str:
        return str(self._modifier.modify_rulename(rule))
