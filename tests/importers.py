"""How Canvas and Moodle read what is given back to them, after their public sources; each rule names its place.

Canvas: instructure/canvas-lms, methods at 00b222d7 (lib/gradebook_importer.rb), 028f76bb (app/models/
abstract_assignment.rb) and 0a4d8b88 (ui/features/gradebook_uploads/jquery/process_gradebook_upload.js); lines as in the
public copy StrongMind/canvas-lms at e5769bad.
Moodle: moodle/moodle at 806e2d49 (mod/assign/feedback/offline/importgradeslib.php); lines as in the public copy
UndefineDDDD23/agpu-main at 24721515, which is Moodle 5.0dev of 2024-10-07 under another name.
GIFT: moodle/moodle at 00e93a99 (question/format/gift/format.php), by method.
"""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime

EXCUSED = "EX"


class Refused(Exception):
    """What an importer says where it takes nothing of a file."""


class CanvasGradebook:
    """Canvas's course.  students: Canvas's id -> (name, SIS id, login).  assignments: id -> title."""

    def __init__(self, students, assignments):
        self.students, self.assignments = students, assignments
        self.unknown, self.new = [], []

    def read(self, text):
        """Canvas's id -> what the file says of the assignment: a number, None for nothing, EXCUSED."""
        rows = [*self._rows(text)]
        self._require_head(rows[0])
        column, which = self._assignment(rows[0])
        found = {}
        for row in rows[1:]:
            if "Points Possible" in row[0]:  # check_for_non_student_row; gradebook_importer.rb:456
                assert not re.search(r"read\s+only", row[column])  # readonly_assignment?; :544
                self.possible = float(row[column])
                continue
            who = self._student(row)
            grade = row[column].strip()  # process_submissions; :402
            # populateGradeDataPerSubmission: EX excuses, anything else is posted as it is, a blank takes a grade away
            found[who] = EXCUSED if grade.upper() in (EXCUSED, "EXCUSED") else float(grade) if grade else None
        return which, found

    def _rows(self, text):
        lines = text.splitlines(keepends=True)[:3]  # semicolon_delimited?: lines, not rows
        counts = {}
        for mark in ";", ",":  # identify_delimiter
            try:
                fields = [len(next(csv.reader([line], delimiter=mark, strict=True), [])) for line in lines]
            except csv.Error:
                fields = [0]
            counts[mark] = fields[0] if len(set(fields)) == 1 else 0
        assert counts[","] > 1 and counts[","] >= counts[";"], "cut at semicolons"
        for row in csv.reader(io.StringIO(text), strict=True):
            if not re.fullmatch(r"[;, ]+", ",".join(row)):  # csv_stream: skip_lines; :445
                yield [self._number(field) for field in row]

    @staticmethod
    def _number(field):
        if not re.fullmatch(r"-?[0-9.,]+%?", field):  # CSV::Converters[:decimal_comma_to_period]
            return field
        *before, last = re.split(r"[,.]", field)
        return f"{''.join(before)}.{last}" if before else last

    @staticmethod
    def _require_head(head):
        # row_has_student_headers?, update_column_count, header?; :276-318
        if not (len(head) > 3 and "Student" in head[0] and "ID" in head[1]):
            raise Refused("Invalid header row")
        assert re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3])
        if "Section" not in head[4]:
            raise Refused("Invalid header row")

    def _assignment(self, head):
        # parse_assignments, Assignment.title_and_id; :335, assignment.rb:1315
        (heading,) = head[5:]
        match = re.fullmatch(r"(.*)\s\((\d+)\)", heading)
        if match and int(match[2]) in self.assignments:
            return 5, int(match[2])
        known = [id for id, title in self.assignments.items() if title == heading]
        self.new += [heading] * (not known)
        return 5, known[0] if known else None

    def _student(self, row):
        # process_student; :369-400.  Ruby's to_i reads the digits that a text begins with.
        digits = re.match(r"\s*\d+", row[1])
        if digits and int(digits[0]) in self.students:
            return int(digits[0])
        for place, column in (1, 2), (2, 3):
            for id, person in self.students.items():
                if row[column] and person[place] == row[column]:
                    return id
        for id, person in self.students.items():
            if person[0] == row[0]:
                return id
        self.unknown.append(row[0])
        return row[0]


def canvas_feedback(names, uploads):
    """Canvas's "Upload Submissions".  uploads: number of an upload -> (Canvas's id, the file's name).

    User -> (name in the zip, name that the student sees); and what Canvas ignores.
    """
    found, ignored = {}, []
    for path in names:
        name = path.rsplit("/", 1)[-1]  # zip_extractor.rb:49: folders do not count
        parts = [part for part in name.split("_") if part != "LATE"]  # infer_comment_context_from_filename
        numbers = [part for part in parts if re.fullmatch(r"\d+", part)][:2]  # assignment.rb:2289
        user, upload = (*map(int, numbers), None, None)[:2]
        if parts[-1].startswith("link") or name.startswith("._"):  # :2290
            upload = None
        if upload not in uploads or uploads[upload][0] != user:  # :2298-2303
            ignored.append(path)
        else:
            found.setdefault(user, []).append((path, uploads[upload][1]))  # :2305-2310
    return found, ignored


def csv_of_moodle(data):
    """The rows that Moodle reads.  csvlib.class.php:98-173; fgetcsv takes a backslash for an escape."""
    text = data.decode("utf-8").removeprefix("\ufeff")
    text = re.sub(r"\r\n?", "\n", text).strip()
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise Refused("csvweirdcolumns")
    assert '\\"' not in text, "an escaped quote"
    return rows


class MoodleWorksheet:
    """Moodle's offline grading.  participants: its number of each.  grades: participant -> (grade, when it was so)."""

    HEADINGS = ("Identifier", "Grade", "Last modified (grade)")  # importgradeslib.php:104-137, lang/en

    def __init__(self, participants, most, grades=None):
        self.participants, self.most, self.grades = set(participants), most, grades or {}
        self.comments = {}

    def read(self, data, ignore_modified=False):
        """Participant -> the grade that is written.  importgradeslib.php:174-202, locallib.php:138-216"""
        head, *rows = csv_of_moodle(data)
        if not set(self.HEADINGS) <= set(head):
            raise Refused("invalidgradeimport")
        who, grade, modified = map(head.index, self.HEADINGS)
        written = {}
        for row in rows:
            id = row[who].removeprefix("Participant ") if row[who][:12] == "Participant " else row[who][12:]
            assert re.fullmatch(r"[0-9]+", id), "PostgreSQL takes nothing but a number for the id of a participant"
            if int(id) not in self.participants:
                continue
            value, now = self._float(row[grade]), self.grades.get(int(id))
            if (now and value == now[0]) or value is None or value < 0:
                continue
            stale = now and now[1].timestamp() > self._time(row[modified]) + 60  # locallib.php:158
            if (stale and not ignore_modified) or value > self.most:  # :166-175
                continue
            written[int(id)] = value
            if "Feedback comments" in head:  # :189-215: also a blank is written
                self.comments[int(id)] = row[head.index("Feedback comments")]
        return written

    @staticmethod
    def _float(text):
        text = text.strip().replace(" ", "")  # unformat_float; agpulib.php:8263
        return float(text) if text else None

    @staticmethod
    def _time(text):
        try:  # strtotime; what it cannot read is 0
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC).timestamp()
        except ValueError:
            return 0


def moodle_gradebook(data, column, users, most):
    """Moodle's "Import > CSV file", one column mapped to who it is and "Grade" to the item: user -> grade.

    users: what the column may hold -> the user.  One row that fits nobody, or has too many points, and nothing is
    taken at all; a blank is written as no grade.  load_data.php:225-268, 305-358, 447-545, 162-178
    """
    head, *rows = csv_of_moodle(data)
    written = {}
    for row in rows:
        user = users.get(row[head.index(column)].strip())
        if user is None:
            raise Refused("usermappingerror")
        value = row[head.index("Grade")].strip()
        written[user] = None if value in ("", "-") else float(value)
        if written[user] is not None and not 0 <= written[user] <= most:
            raise Refused("gradevaluetoobig")
    return written


def moodle_feedback(names, participants):
    """Moodle's "Upload multiple feedback files in a zip": participant -> paths of files; and what it passes over.

    importziplib.php:50-118
    """
    found, ignored = {}, []
    for path in names:
        who = None
        parts = path.split("/")
        hidden = parts[-1].startswith((".", "~"))  # :56-62
        while parts and not hidden:
            info = parts.pop(0).split("_", 4)  # :70
            if len(info) < 4 or not info[1].isascii() or not info[1].isdecimal() or int(info[1]) not in participants:
                continue
            if tuple(info[2:4]) not in (("assignsubmission", "file"), ("assignfeedback", "file")):  # :97
                continue
            who = int(info[1])
            found.setdefault(who, []).append("/".join([(*info, "")[4], *parts]))
            break
        if who is None:
            ignored.append(path)
    return found, ignored


def names_in(path):
    """The files in a zip."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


PLACEHOLDERS = {":": "&&058;", "#": "&&035;", "=": "&&061;", "{": "&&123;", "}": "&&125;", "~": "&&126;", "\n": "&&010"}


def moodle_gift(text):
    """Moodle's questions of a text in GIFT: (category, title, question, [(text, fraction, feedback)]).

    Each text as Moodle keeps it, which has to be HTML.
    """
    category, found = None, []
    for block in re.split(r"\n\s*\n", text.strip()):  # readquestions: an empty line ends a question
        assert not any(line.strip().startswith("//") for line in block.split("\n")), "read as a comment"
        block = _escaped(block.strip())
        if block.startswith("$CATEGORY:"):
            category = block.removeprefix("$CATEGORY:").strip()  # as it stands: no sign in it is unescaped
            continue
        _, title, rest = block.split("::", 2)
        start, end = rest.index("{"), rest.index("}")
        assert rest.strip().endswith("}"), "read as a missing word"
        asked, answers = rest[:start] + rest[end + 1 :], rest[start + 1 : end].strip()
        assert "####" not in answers and answers[0] in "=~" and "~" in answers, "no multiple choice"
        options = []
        for answer in answers.replace("=", "~=").split("~")[1:]:
            assert not answer.startswith("%"), "read as a weight"
            said, mark, feedback = answer.removeprefix("=").partition("#")
            assert mark
            options.append((_unescaped(said), float(answer.startswith("=")), _unescaped(feedback)))
        assert asked.strip().startswith("[html]")
        found.append((category, _unescaped(title), _unescaped(asked.strip().removeprefix("[html]")), options))
    return found


def _escaped(text):
    # escapedchar_pre
    text = text.replace("\\\\", "&&092;")
    for sign, placeholder in PLACEHOLDERS.items():
        text = text.replace("\\n" if sign == "\n" else f"\\{sign}", placeholder)
    return text.replace("&&092;", "\\")


def _unescaped(text):
    # parse_text_with_format, where no text names a format of its own, and escapedchar_post
    assert not text.strip().startswith("["), "read as the name of a format"
    for sign, placeholder in PLACEHOLDERS.items():
        text = text.replace(placeholder, sign)
    return text.strip()
