"""A dask cluster that judges in place of this computer: which one may be used, and how it is reached.

What a cluster sends is unpickled here: whoever reaches its scheduler can run code as the one who grades.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actlab.errors import CourseError

if TYPE_CHECKING:
    from distributed import Client


def require_private(address: str, trusted: bool) -> None:
    """Raise CourseError for a scheduler that anybody in its network can reach, unless it is trusted all the same.

    Errors: ModuleNotFoundError where dask is not installed.
    """
    if not trusted and not _private(address):
        raise CourseError(
            f"whoever reaches the scheduler {address} can change scores and run code as you. Give the cluster TLS and "
            "use tls://…, or, where you trust everybody in its network as yourself, add --trust-scheduler "
            "(docs/grading.md, “A cluster”)."
        )
    import distributed  # noqa: F401


def _private(address: str) -> bool:
    """Whether only those who hold a certificate, or are on this computer, reach this address."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme in ("tls", "inproc"):
        return True
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connected(address: str) -> Client:
    """A client of the scheduler; for tls:// with the certificates that dask's own configuration names.

    Errors: CourseError where there is no answer, or none that the certificates allow.
    """
    from distributed import Client

    try:
        return Client(address)
    except Exception as error:  # dask names its faults in many ways, one of them an assertion without words
        raise CourseError(f"the scheduler {address} cannot be used: {str(error) or type(error).__name__}.") from None
