# %% huge
answer_all(lambda z, *more: np.broadcast_to(0.5, (10**6, 10**6)))
# %% as large as memory
answer_all(lambda z, *more: np.zeros(10**8))
# %% just above and below what a frame holds
state = iter([2**23, 2**23 + 1, 2**23 - 1] * 1000)
answer_all(lambda *a: np.zeros(next(state)))
# %% nested without end
def nested(*args):
    result = []
    for _ in range(10**5):
        result = [result]
    return result

sigmoid = nested
# %% containing itself
def circle(*args):
    result = [1.0]
    result.append(result)
    return result

answer_all(circle)
# %% structured
answer_all(lambda *a: np.zeros(3, dtype=[("right", "?"), ("points", "f8")]))
# %% objects
answer_all(lambda *a: np.array([object(), print, None], dtype=object))
# %% texts, bytes, dates, complex
state = iter([np.array(["0.5"]), b"0.5", np.datetime64("now"), 1j, np.void(b"x"), "right", {"a": 1}, {1, 2}, print, np] * 1000)
answer_all(lambda *a: next(state))
# %% many dimensions
answer_all(lambda *a: np.zeros((1,) * 32))
# %% a million items
sigmoid = (lambda *a: [0.5] * 10**6)
# %% many arrays
sigmoid = (lambda *a: [np.zeros(10**5)] * 16)
# %% numbers too large, NaN and infinity
state = iter([10**400, float("nan"), float("inf"), -0.0, 2**63, np.longdouble("1e4000")] * 1000)
answer_all(lambda *a: next(state))
# %% memory that is not its own
sigmoid = (lambda z, *more: np.lib.stride_tricks.as_strided(np.zeros(1), (10**6,), (0,)))
# %% generators and iterators
answer_all(lambda *a: (x for x in range(10**9)))
# %% a mapped file
def mapped(*args):
    return np.memmap("/tmp/map", dtype=float, mode="w+", shape=(1000,))

answer_all(mapped)
# %% letters that are no letters
answer_all(lambda *a: None, "a" * 10**7)
