"""What a command says instead of a result."""


class CourseError(Exception):
    """Why a command cannot do what it was asked, and what to do about it, in a sentence."""
