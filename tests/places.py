"""Where a file of a submission may lie besides on a disk; a process that reads one imports this, and little else."""

import io
import os
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Bytes:
    """A place in memory."""

    data: bytes

    def open(self):
        return io.BytesIO(self.data)


@dataclass(frozen=True)
class Deadly:
    """A place that ends whichever process looks."""

    def open(self):
        os._exit(1)


@dataclass(frozen=True)
class Busy:
    """A place that computes for ever, or that sleeps."""

    sleeping: bool

    def open(self):
        while True:
            time.sleep(100 * self.sleeping)
