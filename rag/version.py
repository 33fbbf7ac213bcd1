"""Which version of this program runs."""

from importlib.metadata import PackageNotFoundError, version


def package_version() -> str:
    """The version of the installed package."""
    try:
        return version("report-qa")
    except PackageNotFoundError:
        return "(not installed)"
