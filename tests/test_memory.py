"""Explorers that were closed are gone: a real kernel opens and closes many and does not grow."""

import psutil

WARM_UP, EXPLORERS, BOUND = 5, 40, 25e6
"""It is 7 MB where they share one sheet to draw on, and over 60 MB where each has its own until it is collected."""

OPEN_AND_CLOSE = """
for _ in range({}):
    e = explore("tanh")
    display(e)
    e.close()
"""


def run(client, code):
    reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]


def test_explorers_opened_and_closed_leave_no_memory_behind(kernel):
    manager, client = kernel
    process = psutil.Process(manager.provisioner.pid)
    run(client, "from actlab.explorers import explore")
    run(client, OPEN_AND_CLOSE.format(WARM_UP))
    before = process.memory_info().rss
    run(client, OPEN_AND_CLOSE.format(EXPLORERS))
    grown = process.memory_info().rss - before
    assert grown < BOUND, f"{EXPLORERS} explorers left {grown / 1e6:.0f} MB behind"
