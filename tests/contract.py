"""What handed-out homework relies on, as stored in contract.json: names, points, options, and each student's own.

Where a change is meant, `python -m tests.contract` writes it anew; its diff then says what changes for whom.
"""

import hashlib
import inspect
import json
from pathlib import Path

from actlab.course import CHALLENGE, PRACTICE
from actlab.exercises import EXERCISES, Choice, Numbers
from actlab.exercises.drawn.unseen import activation
from actlab.exercises.personal import cases_rng, instance, parameters, personal
from actlab.exercises.personal import key as own_key

FILE = Path(__file__).with_name("contract.json")
SECRETS = ("a long random text", "another secret", "ein Geheimnis mit Ä")
STUDENTS = ("ana", "ben", "cem", "Müller-7", "s 12", "学生7", *(f"s{number:02}" for number in range(14)))
ADVICE = (
    "Homework that was handed out relies on this. If the change is meant, write the contract anew with "
    "`python -m tests.contract`, and say it in the CHANGELOG."
)


def current():
    """The contract as the code keeps it now: plain data."""
    own = {secret: {student: _derived(secret.encode(), student) for student in STUDENTS} for secret in SECRETS}
    drawn = {secret: {student: _drawn(secret.encode(), student) for student in STUDENTS[:6]} for secret in SECRETS}
    return {"exercises": [_described(e) for e in EXERCISES.values()], "personal": own, "challenge": drawn}


def differences(now, agreed):
    """What `now` does otherwise than agreed, a sentence for each."""
    mine, theirs = ({e["id"]: e for e in contract["exercises"]} for contract in (now, agreed))
    for id in theirs.keys() - mine.keys():
        yield f"`{id}` is gone."
    for id in mine.keys() - theirs.keys():
        yield f"`{id}` is new."
    if [id for id in mine if id in theirs] != [id for id in theirs if id in mine]:
        yield "The exercises stand in another order."
    for id in mine.keys() & theirs.keys():
        for key in {**theirs[id], **mine[id]}:
            if mine[id].get(key) != theirs[id].get(key):
                yield f"{key} of `{id}`: {mine[id].get(key)!r} now, {theirs[id].get(key)!r} agreed."
    for homework, secret, students in ((h, *item) for h in ("personal", "challenge") for item in agreed[h].items()):
        for student, what in students.items():
            if (got := now[homework].get(secret, {}).get(student)) != what:
                yield f"The homework of `{student}` under the secret {secret!r}: {got!r} now, {what!r} agreed."


def stored():
    return json.loads(FILE.read_text(encoding="utf-8"))


def _described(e):
    common = {key: getattr(e, key) for key in ("id", "name", "points", "lesson", "question", "section", "title")}
    if isinstance(e, Choice):
        return common | {key: getattr(e, key) for key in ("options", "right", "hints", "why")}
    if isinstance(e, Numbers):
        return common | {"entries": [*e.entries], "parts": e.parts}
    given = e.signature or ", ".join(
        str(p.replace(annotation=p.empty)) for p in inspect.signature(e.reference).parameters.values()
    )
    return common | {"parameters": given, "parts": e.parts, "outputs": [*e.outputs], "labels": [*e.labels]}


def _derived(secret, student):
    """One student's own: the parameters, the order of the options, and digests of the sentences and of the cases."""
    exercises = personal(secret, student)
    own = [exercises[id] for id in PRACTICE.exercises]
    values = ", ".join(f"{name} {value}" for name, value in parameters(secret, student).items())
    orders = " ".join(e.order for e in own if isinstance(e, Choice))
    worked = _digest("\n".join(e.worked for e in own))
    cases = _digest(" ".join(repr(cases_rng(own_key(secret, student), e.id).random()) for e in own))
    return f"{values}, options {orders}, worked {worked}, cases {cases}"


def _drawn(secret, student):
    """One student's challenge: its code, the order of its options, and a digest of two of its questions."""
    own = personal(secret, student, CHALLENGE)
    asked = _digest(f"{activation(instance(secret, student)).params} {own['claim_difference'].given}")
    return f"instance {instance(secret, student)}, options {own['claim_verdict'].order}, asked {asked}"


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    FILE.write_text(json.dumps(current(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
