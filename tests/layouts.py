"""Sixty hand-ins as they come from platforms, mail and clones, and whose each of them is."""

import io
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import attacks
import classroom

FULL = classroom.notebook(attacks.honest())
HALF = classroom.notebook(attacks.honest()[:6])
UNTOUCHED = classroom.notebook(
    ["import numpy as np", "def sigmoid(z):\n    # YOUR CODE HERE\n    raise NotImplementedError", 'q1_reason = ""']
)
LESSON = classroom.notebook(
    ["import numpy as np\ndef relu(z):\n    return np.maximum(0, z)\n\n\ndef swish(z):\n    return z"]
)
NAMES = ("Doe, Jane", "Li Wei", "O'Hara Öz", "José Ñandú", "van der Berg, A.-M.", "名前", "Ann_Lee", "Participant 12")


def zipped(members, path=None):
    """The bytes of a zip with these members, or the zip itself at `path`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path or stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return path or stream.getvalue()


@dataclass
class Download:
    """What lies in a folder that an instructor has: path -> bytes.

    expected: id -> the path of the file that counts, or the status where none does.  aside: what belongs to nobody.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    aside: tuple[str, ...] = ()

    def add(self, student: str, counts: str, **more: bytes) -> None:
        self.files |= more
        self.expected[student] = counts

    def folder(self, root: Path) -> Path:
        """The download, unpacked."""
        for k, (path, data) in enumerate(self.files.items()):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
            os.utime(root / path, (1.7e9 + k, 1.7e9 + k))
        return root

    def zip(self, path: Path, below: str = "") -> Path:
        """The download as a zip.  below: a folder that encloses it."""
        return zipped({below + name: data for name, data in self.files.items()}, path)


def handed_in(k: int, name: str) -> tuple[dict[str, bytes], str]:
    """What the k-th student hands in, and which of it counts, in each of the ways in which people do."""
    below = zipped({f"{name}/{name}.ipynb": HALF, "__MACOSX/._x": b"x"})
    ways = (
        ({f"{name}.ipynb": FULL}, f"{name}.ipynb"),
        ({f"{name}.ipynb": FULL, f"{name}-old.ipynb": HALF}, f"{name}.ipynb"),
        ({f"{name} (1).ipynb": FULL, f"{name}.ipynb": UNTOUCHED}, f"{name} (1).ipynb"),
        ({f"{name}.ipynb.txt": FULL}, f"{name}.ipynb.txt"),
        ({f"{name}.zip": below}, f"{name}.zip/{name}/{name}.ipynb"),
        ({f"{name}.pdf": b"%PDF-1.7"}, "missing"),
        ({f"{name}.ipynb": HALF, "03_relu_family.ipynb": LESSON, "notes.txt": b"x"}, f"{name}.ipynb"),
        ({f"{name}.ipynb": b"{"}, "unreadable"),
        ({f"{name}.ipynb": HALF, "data.csv": b"a,b", f"{name}.html": b"<html>"}, f"{name}.ipynb"),
        ({f"{name}.json": HALF}, f"{name}.json"),
    )
    return ways[k % len(ways)]


def canvas() -> Download:
    """Canvas's: everything side by side, each name begun by the platform."""
    made = Download(aside=("“README.txt”", "“roster.csv”"))
    for k in range(12):
        files, counts = handed_in(k, "09_practice")
        who = "".join(letter for letter in NAMES[k % len(NAMES)].lower() if letter.isalnum() or letter in "-_")
        ahead = [f"{who}{'_LATE' * (k % 3 == 1)}_{40001 + k}_{90010 + 10 * k + i}_" for i in range(len(files))]
        renamed = {name: prefix + name for name, prefix in zip(files, ahead, strict=True)}
        made.files |= {renamed[name]: data for name, data in files.items()}
        first = next((name for name in files if counts.startswith(name)), "")
        made.expected[str(40001 + k)] = counts.replace(first, renamed[first], 1) if first else counts
    made.files |= {"README.txt": b"Downloaded on Monday.", "roster.csv": b"id,name\n1,x\n"}
    return made


def moodle(flat: bool) -> Download:
    """Moodle's, with "download submissions in folders" or without."""
    made = Download(aside=("“index.html”",))
    for k in range(12):
        files, counts = handed_in(k, "hw")
        ahead = f"{NAMES[k % len(NAMES)]}_{7001 + k}_assignsubmission_file{'_' if flat else '/'}"
        made.files |= {ahead + name: data for name, data in files.items()}
        made.expected[str(7001 + k)] = counts if counts in ("missing", "unreadable") else ahead + counts
    made.files["index.html"] = b"<html>"
    return made


def receipt(user: str) -> bytes:
    """What Blackboard writes beside each attempt."""
    return f"Name: Jane (Janey) Doe ({user})\r\nAssignment: HW 1\r\n\r\nComments:\r\nName: Eve (eve)\r\n".encode()


def blackboard() -> Download:
    """Blackboard's: the attempts of each user, with receipts."""
    made = Download(aside=("“thumbs.txt”",))
    for k in range(8):
        files, counts = handed_in(k, "09_practice")
        user = f"user{k}" if k % 2 else f"user_{k}"
        ahead = f"HW 1_{user}_attempt_2026-03-{k + 1:02}-11-20-30"
        made.files |= {f"{ahead}_{name}": data for name, data in files.items()} | {f"{ahead}.txt": receipt(user)}
        made.expected[user] = counts if counts in ("missing", "unreadable") else f"{ahead}_{counts}"
    early = "HW 1_user_0_attempt_2026-02-01-08-00-00"
    made.files |= {f"{early}_09_practice.ipynb": UNTOUCHED, f"{early}.txt": receipt("user_0"), "thumbs.txt": b"x"}
    return made


def plain() -> Download:
    """Notebooks by mail: each under its student's id."""
    made = Download(aside=("“README.md”", "“roster.csv”", "“old grades/”, a folder of grades"))
    for name in ("jdoe", "li.wei", "Ä b", "s-103", "x_7"):
        made.files[f"{name}.ipynb"], made.expected[name] = FULL, f"{name}.ipynb"
    made.files |= {"jdoe (1).ipynb": HALF, "kim.ipynb.txt": HALF, "lea.zip": zipped({"deep/er/x.ipynb": FULL})}
    made.expected |= {"kim": "kim.ipynb.txt", "lea": "lea.zip/deep/er/x.ipynb"}
    made.files |= {"README.md": b"# x", "roster.csv": b"id\n1\n", "old grades/gradebook.sqlite": b"SQLite format 3\0"}
    made.files["old grades/feedback/jdoe.html"] = b"<html>"
    return made


def nested() -> Download:
    """Folders of clones, inside two others, with what lies about in such places."""
    made = Download(aside=("“list.csv”",))
    for k in range(10):
        files, counts = handed_in(k, "work")
        ahead = f"course/handed in/hw-user{k}/"
        made.files |= {ahead + name: data for name, data in files.items()}
        made.files |= {f"{ahead}.git/config": b"x", f"{ahead}.ipynb_checkpoints/work-checkpoint.ipynb": FULL}
        inner = ahead.removeprefix("course/handed in/")
        made.expected[f"hw-user{k}"] = counts if counts in ("missing", "unreadable") else inner + counts
    made.files |= {"list.csv": b"x", "course/.DS_Store": b"x", "__MACOSX/course/._x": b"x"}
    return made


DOWNLOADS = {
    "canvas": canvas(),
    "moodle": moodle(flat=False),
    "moodle_flat": moodle(flat=True),
    "blackboard": blackboard(),
    "plain": plain(),
    "nested": nested(),
}
assert json.loads(FULL) and sum(len(one.expected) for one in DOWNLOADS.values()) >= 60
