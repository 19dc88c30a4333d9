"""The course as data: its notebooks, what each asks and in which order, and which of them are homework.

Adding a notebook is one entry here, beside its source in `solutions/` and what it asks in `exercises/topics/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """One of the questions of a homework.

    number: rises from one to the next.  behind: number of the lesson that answers it.  asks: ids of exercises.
    points: what these add up to; `actlab build --check` looks.
    written: what is answered in the learner's own words; "" where nothing is.
    """

    number: int
    title: str
    behind: int
    asks: tuple[str, ...]
    points: int = 20
    written: str = ""

    @property
    def heading(self) -> str:
        return f"Question {self.number}: {self.title}"


@dataclass(frozen=True)
class Lesson:
    """One notebook.

    name: what its file is called after the number.  question: what it answers.
    minutes: how long it takes; `tests/lessons.py` measures it.
    asks: ids of its exercises, in order.  questions: where it is a homework, what stands in place of `asks`.
    parameters: what the parameters cell of a homework sets: the course's value first, then what a student may get.
    """

    number: int
    name: str
    title: str
    question: str
    minutes: int
    asks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    parameters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The name of its files without their ending: `02_sigmoid_tanh`."""
        return f"{self.number:02}_{self.name}"

    @property
    def file(self) -> str:
        """The notebook's file name; links between lessons are just that."""
        return f"{self.stem}.ipynb"

    @property
    def label(self) -> str:
        """What a link to it says: `02 Sigmoid and tanh`."""
        return f"{self.number:02} {self.title}"

    @property
    def is_homework(self) -> bool:
        """Whether it is handed out, and graded."""
        return bool(self.questions)

    @property
    def points(self) -> int:
        """What the questions of a homework add up to."""
        return sum(question.points for question in self.questions)

    @property
    def exercises(self) -> tuple[str, ...]:
        """Ids of everything it asks, in order."""
        return (*self.asks, *(id for question in self.questions for id in question.asks))


PRACTICE = Lesson(
    9,
    "practice",
    "Practice",
    "can you show it?",
    180,
    questions=(
        Question(
            1,
            "deep sigmoid networks",
            behind=2,
            asks=("sigmoid", "sigmoid_derivative", "activation_factor", "layer_gradient_norms", "q1_reason"),
            written=(
                "Why do deep sigmoid networks fail to train, and when do they not? Three or four sentences; a "
                "person reads them."
            ),
        ),
        Question(
            2,
            "the dying ReLU",
            behind=3,
            asks=("relu", "relu_derivative", "leaky_relu", "dead_units", "he_normal", "batch_norm", "q2_reason"),
            written=(
                "What is a dead ReLU, how does one come about, and which remedies help how reliably? Three or "
                "four sentences."
            ),
        ),
        Question(
            3,
            "GELU",
            behind=4,
            asks=("gelu", "gelu_tanh", "gelu_derivative", "stochastic_gate", "q3_reason"),
            written=(
                "What does GELU change compared with ReLU, and what is known about how much it helps? Three or "
                "four sentences."
            ),
        ),
        Question(
            4,
            "softmax inside",
            behind=5,
            asks=("softmax", "softmax_jacobian", "cross_entropy_gradient", "q4_reason"),
            written=(
                "Why is softmax a poor hidden activation, and where inside networks is it used all the same? "
                "Three or four sentences."
            ),
        ),
        Question(
            5,
            "zero-centred outputs",
            behind=2,
            asks=("weight_gradients", "same_sign_fraction", "descend", "straightness", "q5_reason"),
            written=(
                "What do inputs that are all positive do to the training of the next layer, and how far does the "
                '"same sign" argument reach? Three or four sentences.'
            ),
        ),
    ),
    parameters={"SEED": (8, *range(9, 200)), "DEPTH": (10, 8, 9, 11, 12)},
)
"""The homework that `actlab release` hands out and `actlab grade` grades, where no other one is named."""

CHALLENGE = Lesson(
    10,
    "challenge",
    "Challenge",
    "can you do it where nobody did before?",
    240,
    questions=(
        Question(
            1,
            "an activation nobody has seen",
            behind=6,
            asks=("unseen", "unseen_slope", "unseen_range", "unseen_steepest", "unseen_flat", "unseen_gains"),
            written=(
                "Twenty layers of your activation, equally wide: which gain do you give the weights, what "
                "happens to the signal and what to the gradient, and where would a unit get stuck? Use your own "
                "numbers. Three or four sentences; a person reads them."
            ),
        ),
        Question(
            2,
            "where will the gradient be?",
            behind=6,
            asks=("layer_sizes", "deep_sizes", "deep_gradients", "safe_gain"),
            written=(
                "Why does one factor per layer, as in lesson 06, not foretell your network, and what decided "
                "whether a safe gain exists for it? Use your own numbers. Three or four sentences; a person "
                "reads them."
            ),
        ),
        Question(
            3,
            "four networks that fail",
            behind=8,
            asks=("network_a", "network_b", "network_c", "network_d", "first_repair", "second_repair"),
            written=(
                "Take the network that was hardest to tell. Which two numbers of its log told you what it is, "
                "which other fault did you suspect first, and what would the log look like with that one? Three "
                "or four sentences; a person reads them."
            ),
        ),
        Question(
            4,
            "softmax under fire",
            behind=5,
            asks=("fire_softmax", "fire_vjp", "fire_log_total"),
            written=(
                "Your scores are capped. Why can exponentials overflow all the same, where do sixteen bits lose "
                "the digits, and what does the sink change, on the way forward and on the way back? Three or "
                "four sentences; a person reads them."
            ),
        ),
        Question(
            5,
            "which claim survives?",
            behind=7,
            asks=("claim_difference", "claim_interval", "claim_replication", "claim_seeds", "claim_verdict"),
            written=(
                "Suppose nothing had been registered: what could somebody have claimed from your table, and what "
                "does a registration prevent? Three or four sentences; a person reads them."
            ),
        ),
    ),
)
"""The homework that every student gets with functions, numbers and networks of their own."""

HOMEWORKS = (PRACTICE, CHALLENGE)

LESSONS = (
    Lesson(0, "start_here", "Start here", "does everything work?", 10, ("q0_step",)),
    Lesson(
        1,
        "why_nonlinearity",
        "Why non-linearity",
        "what does a deep network without activations compute?",
        55,
        ("q1_affine", "q1_collapse_two", "q1_collapse", "q1_xor", "q1_depth"),
    ),
    Lesson(
        2,
        "sigmoid_tanh",
        "Sigmoid and tanh",
        "where does the learning signal go?",
        60,
        (
            "q2_sigmoid",
            "q2_sigmoid_derivative",
            "q2_tanh_derivative",
            "q2_sigmoid_backward",
            "q2_gradient_factor",
            "q2_bound",
        ),
    ),
    Lesson(
        3,
        "relu_family",
        "The ReLU family",
        "a slope of exactly 1: what does it cost?",
        65,
        (
            "q3_relu",
            "q3_relu_derivative",
            "q3_leaky_relu",
            "q3_prelu_alpha_gradient",
            "q3_elu",
            "q3_elu_derivative",
            "q3_relu_backward",
            "q3_dead_units",
            "q3_batch_norm",
            "q3_dead",
        ),
    ),
    Lesson(
        4,
        "gelu_silu",
        "GELU and SiLU",
        "what does a soft gate buy?",
        70,
        (
            "q4_stochastic_gate",
            "q4_gelu",
            "q4_gelu_derivative",
            "q4_find_minimum",
            "q4_gelu_tanh",
            "q4_silu",
            "q4_silu_derivative",
            "q4_swiglu",
            "q4_random",
        ),
    ),
    Lesson(
        5,
        "softmax",
        "Softmax",
        "how do scores become probabilities, and where do they belong?",
        75,
        (
            "q5_softmax",
            "q5_temperature",
            "q5_softmax_jacobian",
            "q5_softmax_vjp",
            "q5_log_softmax",
            "q5_cross_entropy_gradient",
            "q5_masked_softmax",
            "q5_attention",
            "q5_hidden",
        ),
    ),
    Lesson(
        6,
        "gradient_flow",
        "Gradient flow",
        "what keeps fifty layers alive?",
        65,
        (
            "q6_forward_gain",
            "q6_he_normal",
            "q6_layer_gradient_norms",
            "q6_default_linear_variance",
            "q6_residual_forward",
            "q6_he",
            "q6_residual",
        ),
    ),
    Lesson(
        7,
        "choosing",
        "Choosing",
        "which activation, and on what evidence?",
        65,
        ("q7_clip_floor", "q7_double_softmax_floor", "q7_bce_gradient", "q7_evidence", "q7_seeds_needed", "q7_labels"),
    ),
    Lesson(
        8,
        "networks_of_today",
        "Networks of today",
        "what do the models of these years do, and what is it worth?",
        75,
        (
            "q8_clamped_gate",
            "q8_skip_zeros",
            "q8_layer_norm",
            "q8_rms_norm",
            "q8_layer_norm_backward",
            "q8_rms_norm_backward",
            "q8_log_sigmoid",
            "q8_diagnose_a",
            "q8_diagnose_b",
            "q8_diagnose_c",
        ),
    ),
    PRACTICE,
    CHALLENGE,
)

_ASKED_IN = {id: lesson for lesson in LESSONS for id in lesson.exercises}


def lesson(number: int) -> Lesson:
    """The lesson with this number.  Errors: KeyError."""
    return {lesson.number: lesson for lesson in LESSONS}[number]


def homework(name: str) -> Lesson:
    """The homework of this name.  Errors: KeyError."""
    return {lesson.name: lesson for lesson in HOMEWORKS}[name]


def asked_in(exercise: str) -> Lesson:
    """The lesson that asks an exercise, by its id.  Errors: KeyError with what to do."""
    if exercise not in _ASKED_IN:
        raise KeyError(unasked(exercise))
    return _ASKED_IN[exercise]


def unasked(exercise: str) -> str:
    """What to do about an exercise that nothing asks."""
    where = "`asks` of a lesson, or of a homework's question, in course.py"
    return f"no lesson asks `{exercise}`: write its id into {where}, or take out its class in exercises/topics"


def question_of(exercise: str) -> Question | None:
    """The homework question that an exercise belongs to; None in a lesson."""
    return next((q for q in asked_in(exercise).questions if exercise in q.asks), None)
