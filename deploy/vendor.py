"""Bring third-party front-end code into static/vendor, checked byte for byte.

    python -m deploy.vendor           fetch what vendor.toml names (needs npm), rewrite the files
    python -m deploy.vendor --check   no network: the files here are the ones that were fetched

`vendor.toml` says what we want. `SHA256SUMS` (readable by `sha256sum -c`) and the table in `README.md` are
written from it, so a hand-edited vendored file is noticed.
"""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
SOURCE_MAP = re.compile(rb"\n?(?://[#@] sourceMappingURL=[^\n]*|/\*[#@] sourceMappingURL=.*?\*/)\n?")


class VendorError(Exception):
    """A package is not what vendor.toml says it is, or could not be had at all."""


@dataclass(frozen=True)
class Package:
    """One table of vendor.toml. `folder` is the path other files link to, free of versions."""

    folder: str
    package: str
    version: str
    licence: str
    integrity: str
    files: list[str]


def wanted(folder: Path = VENDOR) -> list[Package]:
    tables = tomllib.loads((folder / "vendor.toml").read_text())
    return [Package(folder=name, **table) for name, table in sorted(tables.items())]


def fetch(package: Package, into: Path) -> Path:
    """Download one package with npm; return the archive, proven to be the one we named."""
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is needed to fetch vendored files: install Node.js, then `make vendor`.")
    name = f"{package.package}@{package.version}"
    done = subprocess.run(  # noqa: S603  (arguments come from our own vendor.toml)
        [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(into), name],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise VendorError(f"npm could not fetch {name}:\n{done.stderr.strip()}")
    archive = into / done.stdout.strip().splitlines()[-1]
    verify(archive.read_bytes(), package)
    return archive


def verify(archive: bytes, package: Package) -> None:
    """Raises VendorError unless the archive has the sha512 that vendor.toml names."""
    actual = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if actual != package.integrity:
        raise VendorError(
            f"{package.package} {package.version} is not the package we trust.\n"
            f"  expected {package.integrity}\n  received {actual}"
        )


def unpack(archive: Path, package: Package) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, content) of the files we want; npm keeps them under `package/`."""
    with tarfile.open(archive) as tar:
        for name in package.files:
            try:
                member = tar.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise VendorError(f"{package.package} {package.version} has no file {name}.")
            content = member.read()
            if name.endswith((".js", ".css")):
                # hashed static storage refuses references to maps that we do not serve
                content = SOURCE_MAP.sub(b"\n", content)
            yield PurePosixPath(name).name, content


def update(folder: Path = VENDOR) -> None:
    for package in wanted(folder):
        with tempfile.TemporaryDirectory() as scratch:
            files = dict(unpack(fetch(package, Path(scratch)), package))
        target = folder / package.folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name, content in files.items():
            (target / name).write_bytes(content)
        print(f"✓ {package.package} {package.version}: {', '.join(sorted(files))}")
    (folder / "SHA256SUMS").write_text(checksums(folder))
    (folder / "README.md").write_text(readme(folder))


def vendored_files(folder: Path) -> list[Path]:
    return sorted(file for package in wanted(folder) for file in (folder / package.folder).glob("*"))


def checksums(folder: Path = VENDOR) -> str:
    """Return the files here in the format of `sha256sum`."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in vendored_files(folder)
    ]
    return "".join(lines)


def readme(folder: Path = VENDOR) -> str:
    rows = []
    for package in wanted(folder):
        taken = ", ".join(f"`{file}`" for file in package.files)
        rows.append(
            f"| `{package.folder}/` | {package.package} (npm) | {package.version} | {package.licence} | {taken} |"
        )
    return "\n".join(
        [
            "# Vendored front-end code",
            "",
            "Written by `make vendor` from `vendor.toml`; do not edit by hand.",
            "",
            "| folder | source package | version | licence | files taken |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def differences(folder: Path = VENDOR) -> list[str]:
    """Return what is not as `make vendor` left it, in sentences; empty when all is well."""
    found = []
    if (folder / "SHA256SUMS").read_text() != checksums(folder):
        found.append("a file in static/vendor is not the one that was fetched (see SHA256SUMS)")
    if (folder / "README.md").read_text() != readme(folder):
        found.append("static/vendor/README.md does not match vendor.toml")
    return found


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["--check"]:
            for difference in (found := differences()):
                print(f"✗ {difference}: run `make vendor`", file=sys.stderr)
            return 1 if found else 0
        update()
    except VendorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
