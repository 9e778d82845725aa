# Where the files of this project are: next to the Snakefile or, for a module that Snakemake reads from
# a repository, in a copy of that commit.

from pathlib import Path


def find_source(basedir, cache):
    """The folder of this project. basedir: where Snakemake found the Snakefile."""
    if not hasattr(basedir, "ref"):
        return Path(basedir.get_path_or_uri(secret_free=True))

    import io
    import tarfile
    import tempfile

    from git import Repo

    is_hosted = hasattr(basedir, "hosted_repo")
    repository = basedir.hosted_repo.repo if is_hosted else Repo(basedir.repo_path)
    commit = repository.commit(basedir.ref)
    folder = cache / "tiktok-retrieval" / commit.hexsha
    if not folder.exists():
        archive = io.BytesIO()
        repository.archive(archive, commit.hexsha)
        archive.seek(0)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            with tarfile.open(fileobj=archive) as files:
                files.extractall(Path(temporary, "files"), filter="data")
            Path(temporary, "files").rename(folder)
    return folder
