"""Explorers that were closed are gone: a real kernel opens and closes many and does not grow."""

import psutil

WARM_UP, EXPLORERS, BOUND = 8, 40, 12e6

OPEN_AND_CLOSE = """
for _ in range({}):
    e = explore("tanh")
    display(e)
    e.close()
    del e
    gc.collect()
"""


def run(client, code):
    reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]


def test_explorers_opened_and_closed_leave_no_memory_behind(kernel):
    manager, client = kernel
    process = psutil.Process(manager.provisioner.pid)
    run(client, "import gc; from actlab.explorers import explore")
    run(client, OPEN_AND_CLOSE.format(WARM_UP))
    before = process.memory_info().rss
    run(client, OPEN_AND_CLOSE.format(EXPLORERS))
    grown = process.memory_info().rss - before
    assert grown < BOUND, f"{EXPLORERS} explorers left {grown / 1e6:.0f} MB behind"
