"""Front-end code of others: what we serve is what was published, and nobody edited it here."""

import base64
import hashlib
import shutil

import pytest

from deploy import vendor

HTMX = next(package for package in vendor.wanted() if package.folder == "htmx")


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(vendor.VENDOR, tmp_path / "vendor")


class TestCommittedFiles:
    def test_they_are_the_ones_that_were_fetched(self) -> None:
        assert vendor.differences() == []

    def test_every_package_brings_its_licence(self) -> None:
        for package in vendor.wanted():
            assert (vendor.VENDOR / package.folder / "LICENSE").stat().st_size > 0

    def test_an_edit_is_noticed(self, copy) -> None:
        (copy / "htmx" / "htmx.min.js").write_text("alert('hello')")
        assert "not the one that was fetched" in vendor.differences(copy)[0]

    def test_a_file_that_was_slipped_in_is_noticed(self, copy) -> None:
        (copy / "htmx" / "extra.js").write_text("")
        assert len(vendor.differences(copy)) == 1

    def test_a_new_version_that_was_not_fetched_is_noticed(self, copy) -> None:
        wishes = copy / "vendor.toml"
        wishes.write_text(wishes.read_text().replace(HTMX.version, "99.0.0"))
        assert "README.md does not match" in vendor.differences(copy)[0]


class TestFetchedPackage:
    def test_it_refuses_an_archive_that_npm_never_published(self) -> None:
        with pytest.raises(vendor.VendorError, match="not the package we trust"):
            vendor.verify(b"something else", HTMX)

    def test_it_accepts_the_archive_with_the_right_hash(self) -> None:
        archive = b"the archive"
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        vendor.verify(archive, vendor.Package("a", "a", "1", "MIT", integrity, []))

    def test_source_maps_that_we_do_not_serve_are_forgotten(self) -> None:
        script = b"let a = 1\n//# sourceMappingURL=a.js.map\n"
        assert vendor.SOURCE_MAP.sub(b"\n", script) == b"let a = 1\n"
