# The merged files: all raw info, all texts of a kind, and the database of everything.

from scripts.version import SOFTWARE
from scripts.logs import append_to_log
from scripts.merge import database, json_files
from scripts.run.inputs import REMOVED, SET_ASIDE
from scripts.scrape.receipts import digest_scrapes
from scripts.store.database import SCHEMA_VERSION
from scripts.store.foreign import files_set_aside, note_path
from scripts.store.text_kinds import TEXT_KINDS

# The merged files depend on the raw info, on which files exist, and on which were lost. These are
# params, so an expired link is no reason to merge again. The finished file that was written last
# represents all of them: merged files must be newer.
MERGED = {
    "raw_info": survey.raw_info,
    "files": survey.plan.tried_or_expected(),
    "lost": survey.plan.lost(),
    "scrapes": digest_scrapes(survey.scrapes),
}
MERGED_FILES = [str(DATA / name) for name in json_files.MERGED_FILES]


rule delete_removed_posts:
    """Log that the run deleted the files of removed posts when it started.

    The output is a mark, as in `adopt_file`.
    """
    input:
        inputs.renewed(REMOVED),
    output:
        touch(REMOVED),
    log:
        "logs/delete_removed_posts.log",
    localrule: True
    run:
        append_to_log(log[0], f"Deleted: {survey.remains}.")


rule set_aside_foreign_files:
    """Log that the run renamed merged files of another program when it started.

    The output is a mark, as in `adopt_file`.
    """
    input:
        inputs.renewed(SET_ASIDE),
    output:
        touch(SET_ASIDE),
    log:
        "logs/set_aside_foreign_files.log",
    localrule: True
    run:
        append_to_log(log[0], f"Set aside: {', '.join(map(str, files_set_aside(DATA)))}.")


rule merge_raw_info:
    """Merge all raw info: the newest scrape of each TikTok, and when it was downloaded."""
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
        """Merge all texts of one kind."""
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
    """Build the database: the corpus as one SQLite file."""
    input:
        # These represent all inputs: to list every file again takes 10 s at 10,000 TikToks.
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
