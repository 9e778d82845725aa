"""Where Snakemake takes more than linear time, and what this workflow does about it.

Measured by `benchmarks/engine.py`; nothing here changes what is built.
"""

from functools import lru_cache

from snakemake import io
from snakemake.jobs import Job
from snakemake.workflow import Workflow


def keep_linear() -> None:
    """Take out what grows with the square of the number of files."""
    # Before a job starts, each of its inputs is looked up among all jobs that it depends on: four
    # minutes for the merge of 10,000 TikToks. It asks for pipes, which no rule here has.
    Job.is_pipe_or_service_input = lambda job, path: False
    # The names of a job's files are made by searching the pattern of the rule for its wildcards.
    # With the ids that a rule may make in it, that pattern is as long as the corpus.
    io.apply_wildcards = _apply_wildcards


def lift_rate_limit(workflow: Workflow) -> None:
    """Let jobs start as fast as they can; only schedulers of clusters need a limit.

    With one, each look for jobs that can start plans another look a second later, for ever.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def _apply_wildcards(pattern: str, wildcards: dict[str, str]) -> str:
    texts, names = _take_apart(pattern)
    try:
        values = [str(wildcards[name]) for name in names]
    except KeyError as error:
        raise io.WildcardError(str(error)) from None
    return texts[0] + "".join(map("".join, zip(values, texts[1:], strict=True)))


@lru_cache(maxsize=1000)
def _take_apart(pattern: str) -> tuple[list[str], list[str]]:
    """The texts around the wildcards of a pattern, and the names of the wildcards."""
    texts, names, end = [], [], 0
    for match in io.WILDCARD_REGEX.finditer(pattern):
        texts.append(pattern[end : match.start()])
        names.append(match.group("name"))
        end = match.end()
    return [*texts, pattern[end:]], names
