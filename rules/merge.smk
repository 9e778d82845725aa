# One file each from all there is.

from scripts.version import SOFTWARE
from scripts.logs import append_to_log
from scripts.merge import database, json_files
from scripts.run.inputs import FORGOTTEN, SET_ASIDE
from scripts.store.database import SCHEMA_VERSION
from scripts.store.foreign import note_path, set_aside
from scripts.store.text_kinds import TEXT_KINDS

# What is merged depends on the raw info, on which files are there, and on those that were lost. All
# are params, so that the end of a link is no reason to merge again. Of finished files, the one that
# was written last stands for all: what is merged must be younger.
MERGED = {
    "raw_info": survey.raw_info,
    "files": survey.plan.tried_or_expected(),
    "lost": survey.plan.lost(),
}
MERGED_FILES = [str(DATA / name) for name in json_files.MERGED_FILES]


rule forget_removed:
    """Something of removed posts is there, so a run is needed, which deletes it at its start.

    Its output is a mark like that of `adopt_file`.
    """
    input:
        inputs.renewed(FORGOTTEN),
    output:
        touch(FORGOTTEN),
    log:
        "logs/forget_removed.log",
    localrule: True
    run:
        append_to_log(log[0], f"Deleted: {survey.remains}.")


rule set_aside_foreign_files:
    """Merged files that another program made get other names.

    Its output is a mark like that of `adopt_file`.
    """
    input:
        inputs.renewed(SET_ASIDE),
    output:
        touch(SET_ASIDE),
    log:
        "logs/set_aside_foreign_files.log",
    localrule: True
    run:
        run_job(log[0], set_aside, survey.foreign)


rule merge_raw_info:
    """All raw info, the newest scrape of each TikTok, with the time of its download."""
    input:
        inputs.all_downloads,
    output:
        "data/master.json",
    log:
        "logs/merge_raw_info.log",
    localrule: True
    params:
        merged=MERGED,
    run:
        run_job(
            log[0],
            json_files.merge_master,
            survey.catalogue,
            DATA,
            output[0],
            note_path(DATA, "master.json"),
        )


for kind in TEXT_KINDS.values():

    rule:
        """All texts of one kind."""
        name:
            f"merge_{kind.name}"
        input:
            inputs.all_texts(kind.name),
        output:
            f"data/{kind.merged}",
        log:
            f"logs/merge_{kind.name}.log",
        localrule: True
        params:
            merged=MERGED,
            kind=kind.name,
        run:
            run_job(log[0], tools.merge_texts, params.kind, output[0])


rule build_database:
    """The corpus as one SQLite file."""
    input:
        # They change with all that goes in. To list that again costs 10 s at 10,000 TikToks.
        rules.merge_raw_info.output,
        [f"data/{kind.merged}" for kind in TEXT_KINDS.values()],
    output:
        "data/tiktoks.db",
    log:
        "logs/build_database.log",
    localrule: True
    params:
        merged=MERGED,
        schema_version=SCHEMA_VERSION,
        software=SOFTWARE,
    run:
        # Imported here: numpy takes a while to load.
        from scripts.search.index import build_index

        run_job(log[0], database.build_database, survey.catalogue, DATA, output[0], build_index)
