"""What a live explorer asks of its kernel, how often, and what it keeps: its own script in a real Chromium.

The clock by which a kernel decides what it has time for stands still but for what a frame is said to take.
"""

import json

import pytest

from actlab.live import Dot, Explorer, Slider, explorer
from actlab.live.explorer import LISTED, WHILE_AT_REST

PAGE = """async ([script, values, views]) => {
    const heard = [];
    window.messages = [];
    window.hear = (answers) => answers.forEach((answer) => heard.forEach((listener) => listener(answer)));
    const model = {
        get: (name) => values[name],
        on: (event, listener) => event === "msg:custom" && heard.push(listener),
        send: async (content) => {
            messages.push(content);
            await window.busy;
            hear(await asked(content));
        },
    };
    const { default: widget } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    for (let view = 0; view < views; view++) widget.render({ model, el: document.body });
}"""
MOVE = """(root, [i, positions]) => positions.map((j) => {
    const input = root.querySelectorAll("input")[i];
    input.value = j;
    input.dispatchEvent(new Event("input"));
    return root.querySelector("[role=status]").textContent.trim();
})"""
BUSY = "() => { window.busy = new Promise((free) => (window.free = free)); }"
ROOM = "ROOM = 4e6"
"""How many characters of frames a page keeps, as the script says it."""

A, B = 97, 9


class Asked:
    """A live explorer on a page, and what went back and forth.  brought: how many frames each answer had."""

    def __init__(self, page, shown, views, room):
        self.page, self.explorer, self.brought, self.characters = page, shown, [], 0
        page.expose_function("asked", self.answer)
        widget = shown.widget()
        assert ROOM in widget._esm
        script = widget._esm.replace(ROOM, f"ROOM = {room}") if room else widget._esm
        page.evaluate(PAGE, [script, {"_html": widget._html, "_data": widget._data}, views])
        self.root = page.locator(".actlab-explorer").first

    def answer(self, content):
        answers = []
        sent, self.explorer.widget().send = self.explorer.widget().send, answers.append
        self.explorer._answer(self.explorer.widget(), content, [])
        self.explorer.widget().send = sent
        self.brought.append(len(answers[0]["rows"]))
        self.characters += len(json.dumps(answers))
        return answers

    @property
    def messages(self):
        """Whatever the page asked for so far: [{"wanted": [[layer, positions], ...], "ahead": ...}, ...]."""
        return self.page.evaluate("messages")

    @property
    def drawn(self):
        """(positions) of every frame that came, in order."""
        asked = (message["wanted"] + message["ahead"] for message in self.messages)
        return [tuple(at) for frames, n in zip(asked, self.brought, strict=True) for _, at in frames[:n]]

    def near(self):
        """The hand comes to the first slider, and rests there."""
        self.root.locator("input").first.focus()
        self.rest()

    def rest(self):
        """Until the page asks for nothing more."""
        seen = None
        while seen != (seen := (len(self.messages), len(self.brought))) or seen[0] > seen[1]:
            self.page.wait_for_timeout(200)

    def move(self, slider, *positions):
        """Take a slider to positions without a rest between them: what is said after each."""
        return self.root.evaluate(MOVE, [slider, positions])

    def said(self):
        return self.root.locator("[role=status]").inner_text()


@pytest.fixture
def clock(monkeypatch):
    """What the kernel takes for the time: [seconds]."""
    now = [0.0]
    monkeypatch.setattr(explorer, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def shown(chromium):
    """shown(explorer) on a page of its own.  room: how many characters of frames the page keeps, in place of ROOM."""
    context = chromium.new_context()
    made = []

    def show(it, views=1, room=None):
        made.append(it)
        return Asked(context.new_page(), it, views, room)

    yield show
    context.close()
    for it in made:
        it.close()


def grid(clock, seconds=lambda a, b: 0.001):
    """An explorer with more frames than are listed.  seconds: what a frame takes."""

    def layer(a, b):
        clock[0] += seconds(a, b)
        return [Dot(a / A, b / B)], f"{a} and {b}"

    assert A * B > LISTED
    sliders = {"a": Slider(range(A), A // 2), "b": Slider(range(B), B // 2)}
    return Explorer("a grid", sliders, lambda figure: figure.subplots(), layer, size=(300, 200))


def test_nothing_is_asked_before_the_hand_is_near(shown, clock):
    it = shown(grid(clock))
    it.page.wait_for_timeout(300)
    assert it.messages == []
    it.root.hover()
    it.rest()
    assert it.messages


def test_a_hand_that_has_rested_waits_for_no_position_of_any_slider(shown, clock):
    it = shown(grid(clock))
    it.near()
    places = [*range(A), *reversed(range(A)), 48]
    assert it.move(0, *places) == [f"{a} and 4" for a in places]
    assert it.move(1, *range(B), 4) == [f"48 and {b}" for b in [*range(B), 4]]
    assert not any(message["wanted"] for message in it.messages)


def test_frames_come_in_few_messages_and_few_bytes(shown, clock):
    it = shown(grid(clock))
    it.near()
    assert len(it.drawn) == A + B - 1
    assert len(it.messages) < len(it.drawn) / 10
    assert it.characters < 60 * len(it.drawn) < len(it.explorer._start[0][0]) * len(it.drawn)


def test_what_came_is_not_asked_for_again(shown, clock):
    it = shown(grid(clock))
    it.near()
    for slider, positions in [(0, range(A)), (1, range(B)), (0, reversed(range(A))), (0, range(A))]:
        it.move(slider, *positions)
        it.rest()
    assert len(it.drawn) == len(set(it.drawn))


def test_a_hand_at_work_sends_one_message_at_a_time(shown, clock):
    """However long the kernel is busy with something else."""
    it = shown(grid(clock))
    it.page.evaluate(BUSY)
    said = it.move(0, *range(A))
    assert set(said) == {"48 and 4"}
    assert len(it.messages) == 1
    it.page.evaluate("free()")
    it.rest()
    assert it.said() == "96 and 4"


def test_what_lies_on_the_way_comes_first_and_turning_calls_off_the_rest(shown, clock):
    it = shown(grid(clock, seconds=lambda a, b: WHILE_AT_REST / 2))
    it.page.evaluate(BUSY)
    it.move(0, 49)
    assert it.messages[-1]["wanted"] == [[0, [49, 4]]]
    assert it.messages[-1]["ahead"][:3] == [[0, [a, 4]] for a in (50, 51, 52)]
    it.move(0, 40)
    it.page.evaluate("free()")
    it.page.wait_for_function("messages.length > 1")
    turned = it.messages[1]
    assert turned["wanted"] == [[0, [40, 4]]]
    assert turned["ahead"][:3] == [[0, [a, 4]] for a in (39, 38, 37)]


def test_a_hand_at_work_has_only_its_own_way_brought(shown, clock):
    """The rows of the other sliders are asked for where it rests, not at each place that it passes."""
    it = shown(grid(clock))
    it.near()
    few, messages = len(it.drawn), len(it.messages)
    it.move(0, 60, 61, 62, 63)
    it.page.wait_for_function("n => messages.length > n", arg=messages)
    it.rest()
    assert set(it.drawn[few:]) == {(63, b) for b in range(B)} - {(63, 4)}


def test_a_picture_moves_though_the_hand_is_faster_than_the_kernel(shown, clock):
    it = shown(grid(clock, lambda a, b: 0.5))
    it.page.evaluate(BUSY)
    it.move(0, 60)
    it.page.evaluate(
        """() => {
            window.told = [];
            const status = document.querySelector("[role=status]");
            const changed = new MutationObserver(() => told.push(status.textContent.trim()));
            changed.observe(status, { subtree: true, childList: true });
        }"""
    )
    it.move(0, 61, 62, 63)
    it.page.evaluate("free()")
    it.page.wait_for_function("told.length > 1")
    assert it.page.evaluate("told.slice(0, 2)") == ["60 and 4", "63 and 4"]


@pytest.mark.parametrize("always", [True, False], ids=["always", "from the second call"])
def test_a_slow_function_is_hardly_called_ahead(shown, clock, always):
    calls = []

    def seconds(a, b):
        calls.append((a, b))
        return 0.5 if always or len(calls) > 1 else 0.001

    it = shown(grid(clock, seconds))
    it.near()
    ahead = len(calls) - 1
    assert ahead == (0 if always else 1)
    for a in range(50, 60):
        it.move(0, a)
        it.rest()
        assert it.said() == f"{a} and 4"
    assert len(it.drawn) <= ahead + 10
    assert len(it.messages) <= 3 + 2 * 10


def test_a_hand_that_moves_while_nothing_is_drawn_ahead_for_it_gets_its_picture(shown, clock):
    """A slow function's answer to a hand at rest is empty; it says nothing about where the hand went meanwhile."""
    it = shown(grid(clock, lambda a, b: 0.5))
    it.page.evaluate(BUSY)
    it.root.hover()
    assert [message["wanted"] for message in it.messages] == [[]]
    it.move(0, 60)
    it.page.evaluate("free()")
    it.rest()
    assert it.brought[:2] == [0, 1]
    assert it.said() == "60 and 4"


def test_a_slow_frame_ends_what_is_drawn_ahead_until_two_were_fast(shown, clock):
    it = shown(grid(clock, lambda a, b: 0.5 if a == 60 else 0.001))
    it.near()
    few = len(it.drawn)
    assert few < A + B - 1
    for a in (10, 20):
        it.move(0, a)
        it.rest()
    assert len(it.drawn) > few + 50


def test_a_page_keeps_what_it_has_room_for_and_asks_for_no_more(shown, clock):
    it = shown(grid(clock), room=20 * len(grid(clock)._start[0][0]))
    it.near()
    assert 10 < len(it.drawn) < 30
    assert it.move(0, 49, 50, 51, 50, 49) == [f"{a} and 4" for a in (49, 50, 51, 50, 49)]
    for a in (0, 96, 48):
        it.move(0, a)
        it.rest()
        assert it.said() == f"{a} and 4"
    assert len(it.drawn) < 120


def test_a_frame_that_is_too_large_to_be_kept_is_shown(shown, clock):
    it = shown(grid(clock), room=10)
    for a in (50, 51):
        it.move(0, a)
        it.rest()
        assert it.said() == f"{a} and 4"
    assert len(it.drawn) < 20


def test_two_views_of_one_explorer_do_not_wait_for_each_other(shown, clock):
    it = shown(grid(clock), views=2)
    both = [it.page.locator(".actlab-explorer").nth(k) for k in (0, 1)]
    for place, root in enumerate(both):
        root.evaluate(MOVE, [0, [place]])
    it.rest()
    assert [root.locator("[role=status]").inner_text() for root in both] == ["0 and 4", "1 and 4"]


def test_a_picture_that_waits_for_its_kernel_says_so(shown, clock):
    it = shown(grid(clock))
    it.near()
    it.page.evaluate(BUSY)
    it.move(1, 0)
    it.move(0, 60)
    note = it.page.get_by_text("The picture waits for the kernel")
    note.wait_for()
    it.move(1, 4)
    note.wait_for(state="detached")
    assert it.said() == "60 and 4"
    it.move(1, 0)
    note.wait_for()
    it.page.evaluate("free()")
    note.wait_for(state="detached")
    assert it.said() == "60 and 0"


def test_an_interrupted_kernel_answers_with_what_it_has(clock):
    def interrupted(a, b):
        if a == 3:
            raise KeyboardInterrupt
        return 0.001

    it = grid(clock, interrupted)
    widget, sent = it.widget(), []
    widget.send = sent.append
    with pytest.raises(KeyboardInterrupt):
        it._answer(widget, {"own": 1, "wanted": [[0, [2, 4]], [0, [3, 4]]], "ahead": [[0, [5, 4]]]}, [])
    assert [len(answer["rows"]) for answer in sent] == [1]
    it.close()


def test_frames_drawn_while_a_cell_ran_are_forgotten_when_it_ends(clock):
    """Kernels answer pictures while a cell runs, from another thread."""

    def cell_ends(a, b):
        if a == 3:
            it._cell_has_run(None)
        return 0.001

    it = grid(clock, cell_ends)
    widget, sent = it.widget(), []
    widget.send = sent.append
    for a, told in [(2, [1]), (3, ["forget", 1, "forget"]), (4, [1])]:
        it._answer(widget, {"own": 1, "wanted": [[0, [a, 4]]], "ahead": []}, [])
        assert ["forget" if "forget" in answer else len(answer["rows"]) for answer in sent] == told
        sent.clear()
    it.close()


def test_a_page_that_is_told_to_forget_asks_anew(shown, clock):
    it = shown(grid(clock))
    it.near()
    seen = len(it.messages)
    it.page.evaluate("hear([{ forget: true }])")
    it.move(0, 50)
    it.rest()
    assert it.messages[seen]["wanted"] == [[0, [50, 4]]]


MANY = """
from actlab.live import Explorer

layer = lambda a, b: ([], f"{a} {b}")
many = Explorer("many", {"a": range(50), "b": range(50)}, lambda figure: figure.subplots(), layer)
widget = many.widget()
"""
ASK = 'many._answer(widget, {"own": 1, "wanted": [[0, [1, 2]]], "ahead": []}, [])'


def test_after_each_cell_a_page_forgets_what_it_got_before(kernel):
    """A layer may follow a variable of the notebook."""
    _, client = kernel

    def sent(code):
        said = []
        client.execute_interactive(code, store_history=True, output_hook=said.append, timeout=60)
        assert not [m for m in said if m["header"]["msg_type"] == "error"], said
        data = [m["content"]["data"] for m in said if m["header"]["msg_type"] == "comm_msg"]
        return [set(d["content"]) for d in data if d.get("method") == "custom"]

    frames, forget = {"own", "templates", "rows"}, {"forget"}
    assert sent(MANY) == []
    assert sent(ASK) == [frames, forget]
    assert sent("1 + 1") == []
    assert sent(f"{ASK}; many.close()") == [frames]
    assert sent("1 + 1") == []
