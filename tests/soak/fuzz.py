"""Small classes in which everybody but one hands in noise: names, notebooks, zips, and code that talks on the wire."""

import io
import json
import os
import random
import zipfile
from pathlib import Path

import attacks
import classroom

HONEST = "honest-neighbour"
KINDS = ("names", "json", "zips", "wire")
MANY = 8
TALKER = """
import json, os, random, struct
chance = random.Random({seed})

def noise(*args):
    for number in range(3, 8):
        try:
            kind = chance.randrange(5)
            if kind == 0:
                data = os.urandom(chance.randrange(200))
            elif kind == 1:
                data = struct.pack("<II", chance.randrange(2**32), chance.randrange(2**32))
            else:
                shape = [chance.randrange(-2, 9)] * chance.randrange(4)
                tree = {{"array": [chance.choice(["<f8", "|O", "<i8", 7]), shape]}}
                for _ in range(chance.randrange(8)):
                    tree = {{chance.choice(["list", "tuple", "x"]): [tree]}}
                what = chance.choice(["value", "asks", "trouble"])
                head = json.dumps({{"id": chance.randrange(400), what: tree}}).encode()
                body = os.urandom(chance.randrange(80))
                data = struct.pack("<II", len(head), len(body)) + head + body
            os.set_blocking(number, False)
            os.write(number, data)
        except OSError:
            pass
    return 0.0

answer_all(noise)
"""
WORDS = (
    "ann Ann ² ① é e\u0301 漢 💬 \u202e \u200b . .. - =1+1 &lt; <i> _ _101_9001_ _LATE_ _assignsubmission_file_ (1) "
    "con submission_7 _attempt_2026-03-02-11-20-30_ \udc80 %s {{x}} ' \" ; , \\ : __MACOSX .ipynb .zip .txt ../ / C:\\"
)
PIECES = (*WORDS.split(" "), " ", "\n", "1" * 40)


def hand_in(folder: Path, seed: int, kinds: tuple[str, ...] = KINDS, many: int = MANY) -> Path:
    """A class of `many` submissions of each kind and of one honest one: a folder, or now and then a zip of one."""
    chance = random.Random(seed)
    root = folder / "in"
    root.mkdir(parents=True)
    for kind in kinds:
        for k in range(3 * many if kind == "names" else many):
            name, data = SUBMISSIONS[kind](chance, f"{kind}{k}")
            _written(root, name, data)
    classroom.hand_in(root, **{HONEST: attacks.honest()})
    return _zipped(folder, root, chance) if chance.random() < 0.3 else root


def damaged(source: Path, seed: int) -> Path:
    """The class as a zip that did not survive."""
    chance = random.Random(seed)
    whole = source if source.is_file() else _zipped(source.parent, source, chance)
    whole.write_bytes(_mutated(chance, whole.read_bytes()))
    return whole


def _names(chance, name):
    data = chance.choice([classroom.notebook(["x = 1"]), b"{", b"", _zip({_name(chance): b"x"})])
    parts = [_name(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    return "/".join(parts) + chance.choice([".ipynb", "", ".zip", ".ipynb.txt"]), data


def _notebooks(chance, name):
    # One of a class may say that it was handed out with a secret; where most do, grading without it rightly stops.
    ours = {"student": "x"} if name == "json0" else {"student": 7, "fingerprint": ["x"], "assignment": "x"}
    content = json.loads(classroom.notebook(attacks.honest(), metadata={"actlab": ours}))
    for _ in range(chance.randrange(1, 6)):
        content = _spoiled(chance, content)
    data = json.dumps(content, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return f"{name}.ipynb", _mutated(chance, data) if chance.random() < 0.5 else data


def _zips(chance, name):
    inner = {_name(chance): chance.choice([b"", b"x" * 5000, classroom.notebook(["x = 1"])]) for _ in range(4)}
    data = _zip(inner | {"practice.ipynb": classroom.notebook(["x = 1"])})
    if chance.random() < 0.3:
        data = _zip({"again.zip": data})
    return f"{name}.zip", _mutated(chance, data)


def _talkers(chance, name):
    prelude = attacks.attacks()[0].cells[0]
    return f"{name}.ipynb", classroom.notebook([prelude, TALKER.format(seed=chance.randrange(1 << 30))])


SUBMISSIONS = dict(zip(KINDS, (_names, _notebooks, _zips, _talkers), strict=True))


def _name(chance) -> str:
    """Between one and 250 bytes of what file names are made of, and of what they are not."""
    text = "".join(
        chance.choice(PIECES) if chance.random() < 0.8 else chr(chance.randrange(1, 0xD800)) for _ in range(9)
    )
    longest = chance.choice([3, 20, 80, 250])
    return text.encode("utf-8", "surrogateescape")[:longest].decode("utf-8", "surrogateescape") or "x"


def _spoiled(chance, node):
    """The JSON with something else in one place."""
    if not isinstance(node, dict | list) or not node or chance.random() < 0.15:
        odd = [
            None,
            True,
            -1,
            1e308,
            float("nan"),
            10**400,
            "",
            "x" * 100_000,
            "\ud800",
            "\0",
            [],
            {},
            [[[[]]]],
            [None] * 9999,
        ]
        return chance.choice(odd)
    key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
    node = node.copy()
    node[key] = _spoiled(chance, node[key])
    return node


def _mutated(chance, data: bytes) -> bytes:
    data = bytearray(data)
    for _ in range(chance.choice([0, 1, 3, 30])):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 40)]
            case 2:
                data[at:at] = os.urandom(chance.randrange(1, 40))
            case 3:
                data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"PK\1\2", b"PK\5\6"])
        if not data:
            break
    return bytes(data)


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.encode("utf-8", "replace").decode(), data)
    return made.getvalue()


def _written(root: Path, name: str, data: bytes) -> None:
    """Write the file, where this disk takes such a name."""
    path = root / name.replace("\0", "")
    if root in path.resolve().parents:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except (OSError, ValueError):
            return


def _zipped(folder: Path, root: Path, chance: random.Random) -> Path:
    """A zip of the class, with a few files more, whose names no disk would take."""
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    odd = {_name(chance) * chance.choice([1, 1, 200]): classroom.notebook(["x = 1"]) for _ in range(MANY)}
    (folder / "in.zip").write_bytes(_zip(odd | files))
    return folder / "in.zip"
