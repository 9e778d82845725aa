# One file each from all there is.

# What goes in depends on the raw info, on which files there are, and on those that were lost: all
# are params, so that the end of a link is no reason to merge again. Of files that are finished, the
# one that was written last stands for all: what is merged must be younger.
MERGED = {
    "raw_info": RAW_INFO,
    "files": plan.tried_or_expected(),
    "lost": plan.lost(),
}
# Newer than what was merged before somebody was taken out.
REMOVED = [str(REMOVED_LIST)] if REMOVED_LIST.exists() else []
FORGOTTEN = f"data/receipts/removed{ADOPTED_SUFFIX}"
if remains:
    REMOVED.append(FORGOTTEN)
# Newer, also, than what another program made.
if foreign:
    SET_ASIDE = f"data/receipts/set_aside{ADOPTED_SUFFIX}"
    REMOVED.append(SET_ASIDE)
REMOVED += map(str, files_set_aside(DATA))
MERGED_FILES = [str(DATA / name) for name in json_files.MERGED_FILES]


rule forget:
    """Something of removed posts is there, so that a run is needed, which deletes it at its start.

    The output is a mark like that of `adopt`.
    """
    output:
        touch(FORGOTTEN),
    log:
        "logs/forget.log",
    run:
        append_to_log(log[0], f"Deleted: {remains}.")


rule set_aside:
    """Merged files that another program made get other names.

    The output is a mark like that of `adopt`.
    """
    output:
        touch(f"data/receipts/set_aside{ADOPTED_SUFFIX}"),
    log:
        "logs/set_aside.log",
    run:
        run_job(log[0], set_aside, foreign)


rule master:
    """All raw info, the newest scrape of each TikTok, with the time of its download."""
    input:
        RAW_INFO,
        MEDIA,
        ADOPTED,
        plan.newest,
        REMOVED,
    output:
        "data/master.json",
    log:
        "logs/master.log",
    params:
        merged=MERGED,
    run:
        run_job(
            log[0],
            json_files.merge_master,
            catalogue,
            DATA,
            output[0],
            note_path(DATA, "master.json"),
        )


rule ocr_json:
    """The texts of all covers."""
    input:
        ocr_texts.files(),
        ocr_texts.newest(),
        REMOVED,
    output:
        "data/ocr.json",
    log:
        "logs/ocr_json.log",
    params:
        merged=MERGED,
    run:
        run_job(
            log[0],
            json_files.merge_texts,
            DATA / "ocr",
            catalogue.newest,
            output[0],
            note_path(DATA, "ocr.json"),
        )


rule speech_json:
    """All transcripts."""
    input:
        speech_texts.files(),
        speech_texts.newest(),
        REMOVED,
    output:
        "data/speech_to_text.json",
    log:
        "logs/speech_json.log",
    params:
        merged=MERGED,
    run:
        run_job(
            log[0],
            json_files.merge_texts,
            DATA / "speech",
            catalogue.newest,
            output[0],
            note_path(DATA, "speech_to_text.json"),
        )


rule database:
    """The corpus as one SQLite file."""
    input:
        # They change with all that goes in. To list that again costs 10 s at 10,000 TikToks.
        rules.master.output,
        rules.ocr_json.output,
        rules.speech_json.output,
    output:
        "data/tiktoks.db",
    log:
        "logs/database.log",
    params:
        merged=MERGED,
        schema_version=SCHEMA_VERSION,
    run:
        # Imported here: numpy takes a while to load.
        from scripts.search.index import build_index

        run_job(log[0], database.build_database, catalogue, DATA, output[0], build_index)
