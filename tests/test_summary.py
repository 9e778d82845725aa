"""The summary at the end of a run."""

from pathlib import Path

import pytest

from scripts.plan.downloads import make_plan
from scripts.run.summary import print_summary
from scripts.store.manifest import Manifest
from scripts.store.receipts import link_hash
from tests.support.small_corpus import Corpus, info, post_id


def summary(corpus: Corpus, capsys: pytest.CaptureFixture[str], **options: bool) -> str:
    plan = make_plan(
        corpus.catalogue(),
        corpus.folder,
        Manifest(),
        max_attempts=3,
        retry_all=False,
        has_mirror=False,
    )
    capsys.readouterr()
    print_summary(plan, corpus.folder, {}, at_end=True, **options)
    return capsys.readouterr().err


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path / "data")


def test_videos_without_sound_are_counted(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [post_id(number) for number in range(4)]
    corpus.add_info("a.json", [info(id) for id in ids])
    for id, has_audio in zip(ids, (False, True, False, None), strict=True):
        facts = {} if has_audio is None else {"has_audio": has_audio}
        corpus.add_download("videos", id, facts=facts, size_bytes=5, sha256="0" * 64)
    said = summary(corpus, capsys)
    assert f"2 videos have no sound ({ids[0]}, {ids[2]})." in said


def test_sound_is_not_mentioned_if_all_videos_have_it(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus.add_info("a.json", [info(post_id(1))])
    corpus.add_download(
        "videos", post_id(1), facts={"has_audio": True}, size_bytes=5, sha256="0" * 64
    )
    assert "no sound" not in summary(corpus, capsys)


def test_a_network_that_is_down_is_named_once(
    corpus: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1669965100.0)  # the links are fresh
    ids = [post_id(number) for number in range(3)]
    corpus.add_info("a.json", [info(id) for id in ids])
    reason = "v16.example.com: Failed to resolve"
    facts = {"outcome": "later", "reason": reason, "downloaded_at": None}
    for id in ids:
        link = link_hash(info(id)["video-src"])
        corpus.add_download("videos", id, b"", link=link, **facts)
    said = summary(corpus, capsys, network_is_down=True)
    assert said.count("The network is down: no host could be reached.") == 1
    assert "Failed to resolve" not in said
    assert "Run the same command to continue." in said
    assert "Failed to resolve" in summary(corpus, capsys, network_is_down=False)


def test_damaged_files_and_their_reasons_are_named(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus.add_info("a.json", [info(post_id(1))])
    folder = corpus.folder / "damaged" / "videos"
    folder.mkdir(parents=True)
    (folder / f"{post_id(1)}.0123456789abcdef.mp4").write_bytes(b"bad")
    said = summary(corpus, capsys)
    assert f"1 file failed verification. The folder {corpus.folder}/damaged keeps" in said
