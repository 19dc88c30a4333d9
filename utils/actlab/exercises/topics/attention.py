"""Softmax inside attention: keys that are masked, and one head."""

import numpy as np

from actlab.activations import masked_softmax, softmax
from actlab.exercises import mistakes
from actlab.exercises.cases import quarters
from actlab.exercises.model import Case, exercise

SEEN = "the keys that are seen"
FAR = "scores 1000 apart"
NOTHING = "a row that sees nothing"
HEAD = "one head"
HEADS = "several heads at once"


def _mask(rng, *shape):
    """Random booleans, both of them in every row."""
    mask = rng.random(shape) < 0.5
    mask[..., 0], mask[..., 1] = True, False
    return rng.permuted(mask, axis=-1)


def _shares(e, axis=-1):
    return e / e.sum(axis, keepdims=True)


def _below(z, axis=-1):
    return np.exp(z - z.max(axis, keepdims=True))


def _minus_infinity(z, mask, axis=-1):
    """The softmax of scores that are −∞ where they are masked, as it is written: NaN where nothing is left."""
    return _shares(_below(np.where(mask, z, -np.inf), axis), axis)


def _by_mask_alone(z, mask):
    mask = np.broadcast_to(mask, z.shape)
    return np.where(mask.any(-1, keepdims=True), _minus_infinity(z, mask), 0.0)


@exercise("q5_masked_softmax", points=4, section="5.11 Where competition is wanted: attention", title="Masked softmax")
class MaskedSoftmax:
    parts = {SEEN: 2, FAR: 1, NOTHING: 1}
    reference = masked_softmax

    def cases(rng):
        def seen(z, mask, note):
            return Case((z, mask), part=SEEN, note=note)

        yield seen(np.array([2.0, 1.0, 0.1]), np.array([True, True, False]), "three keys, the last one masked")
        yield seen(quarters(rng, 2, 3), np.ones((2, 3), bool), "two rows, nothing masked")
        yield seen(quarters(rng, 3, 3), _mask(rng, 3, 3), "three rows of three")
        yield seen(quarters(rng, 2, 3, 4), _mask(rng, 4), "three dimensions, one mask for all rows")
        yield seen(quarters(rng, 2, 2, 5), _mask(rng, 2, 5), "three dimensions, a mask of two rows")
        whole = rng.permutation(np.arange(-3, 5)).reshape(2, 4)
        yield seen(whole, np.array([[True, True, True, False], [False, True, True, True]]), "integer scores")
        yield seen(quarters(rng, 4, 3).astype(np.float32), _mask(rng, 4, 3), "float32 numbers")
        for far, z, note in (
            (1000, quarters(rng, 3, 4), "masked scores far above those that are seen"),
            (-1000, quarters(rng, 2, 5), "masked scores far below those that are seen"),
        ):
            mask = _mask(rng, *z.shape)
            yield Case((np.where(mask, z, z + far), mask), part=FAR, note=note)
        apart = quarters(rng, 3, 3) + np.array([[1000.0], [0.0], [-1000.0]])
        yield Case((apart, _mask(rng, 3, 3)), part=FAR, note="rows 1000 apart")
        mask = _mask(rng, 3, 4)
        mask[1] = False
        yield Case((quarters(rng, 3, 4), mask), part=NOTHING, note="three rows, the second one masked altogether")
        z = quarters(rng, 2, 3)
        z[0, 1:], z[1] = -np.inf, -np.inf
        mask = np.array([[True, False, True], [True, True, False]])
        yield Case((z, mask), part=NOTHING, note="a row whose scores are all −∞")

    wrong = {
        "a mask that is multiplied in after the softmax: the shares that are left no longer add up to 1": (
            lambda z, mask: softmax(z) * mask
        ),
        "a mask that is not used": lambda z, mask: softmax(z),
        "a mask read the other way round: True is a key that is seen": lambda z, mask: _minus_infinity(z, ~mask),
        "masked scores set to 0 before the exponential: e⁰ is 1, and the key still gets a share": lambda z, mask: (
            softmax(np.where(mask, z, 0))
        ),
        "a mask of 0 and 1 added to the scores": lambda z, mask: softmax(z + mask),
        "−∞ added after the exponential: before it e^−∞ would be 0": lambda z, mask: _shares(
            _below(z) + np.where(mask, 0, -np.inf)
        ),
        "the seen keys alone, in a shorter row: a masked key keeps its place": lambda z, mask: _shares(
            _below(z[np.broadcast_to(mask, z.shape)])
        ),
        "NaN in the places of masked keys: their weight is 0": lambda z, mask: np.where(
            mask, masked_softmax(z, mask), np.nan
        ),
        "−∞ in the places of masked keys, which is their score: their weight is 0": lambda z, mask: np.where(
            mask, masked_softmax(z, mask), -np.inf
        ),
        "exponentials that are not divided by their sum": lambda z, mask: np.where(mask, np.exp(z), 0),
        "shifted exponentials that are not divided by their sum": lambda z, mask: _below(np.where(mask, z, -np.inf)),
        "a sum of the whole array: each row has its own": lambda z, mask: (
            np.where(mask, np.exp(z), 0) / np.where(mask, np.exp(z), 0).sum()
        ),
        "shares along axis 0: the keys run along the last axis": lambda z, mask: _minus_infinity(z, mask, 0),
        "a sum without `keepdims`: it fails, or on a square array divides by the wrong rows": lambda z, mask: (
            np.where(mask, np.exp(z), 0) / np.where(mask, np.exp(z), 0).sum(-1)
        ),
        "a sum of the exponentials that forgot the mask, and shares that know it": lambda z, mask: (
            np.where(mask, np.exp(z), 0) / np.exp(z).mean(-1, keepdims=True)
        ),
        "equal shares for all keys that are seen: their scores are not used": lambda z, mask: _shares(
            np.broadcast_to(mask, z.shape) * 1.0
        ),
        "all or nothing: the largest seen score takes the 1": lambda z, mask: np.where(
            z == np.where(mask, z, -np.inf).max(-1, keepdims=True), 1.0, 0.0
        ),
        **mistakes.integer_storage(masked_softmax),
        "exponentials without a shift, multiplied by the mask: e^1000 is ∞, and ∞ · 0 is no number": lambda z, mask: (
            _shares(np.exp(z) * mask)
        ),
        "exponentials without a shift: they are ∞ or 0 for scores far from 0": lambda z, mask: _shares(
            np.where(mask, np.exp(z), 0)
        ),
        "a maximum over the masked scores too: where one lies far above, all that is seen rounds to 0": (
            lambda z, mask: _shares(_below(z) * mask)
        ),
        "one maximum for the whole array: a row far below it is 0/0": lambda z, mask: _shares(
            np.where(mask, np.exp(z - np.where(mask, z, -np.inf).max()), 0)
        ),
        "masked scores lowered by too little: those far above the seen ones still win": lambda z, mask: softmax(
            np.where(mask, z, z - 100)
        ),
        "1e9 subtracted from masked scores: where all are masked, all are lowered alike, and nothing is masked": (
            lambda z, mask: softmax(np.where(mask, z, z - 1e9))
        ),
        "a large negative number in place of −∞: a row that sees nothing shares its 1 among keys it may not see": (
            lambda z, mask: softmax(np.where(mask, z, -1e9))
        ),
        "−∞ in place of masked scores and nothing more: where all are masked, −∞ − (−∞) is no number": (
            _minus_infinity
        ),
        "rows found by their mask alone: a score of −∞ is a masked key too": _by_mask_alone,
    }


def _scores(q, k, scale=None):
    """Dot products of every query with every key, times `scale`, by default 1/√d."""
    return q @ np.swapaxes(k, -1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)


def _attention(q, k, v, mask):
    return masked_softmax(_scores(q, k), mask) @ v


@exercise("q5_attention", points=4, section="5.12 One head ☆", title="One head of attention")
class Attention:
    parts = {HEAD: 2, HEADS: 1, NOTHING: 1}
    reference = _attention

    def cases(rng):
        def head(n, m, d, e, mask=None, kind=float):
            given = (quarters(rng, *shape).astype(kind) for shape in ((n, d), (m, d), (m, e)))
            return *given, _mask(rng, n, m) if mask is None else mask

        q, k, v = [[2.0, 0, 0, 0]], [[1.0, 0, 0, 0], [0, 1, 0, 0], [2, 0, 0, 0]], [[10.0], [20], [30]]
        mask = np.array([[True, True, False]])
        yield Case((np.array(q), np.array(k), np.array(v), mask), part=HEAD, note="one query, three keys, one masked")
        yield Case(head(2, 5, 3, 4), part=HEAD, note="two queries, five keys")
        yield Case(head(4, 4, 2, 3, np.tri(4, dtype=bool)), part=HEAD, note="four words that see no later one")
        yield Case(head(3, 3, 3, 3, np.tri(3, dtype=bool)), part=HEAD, note="square arrays")
        yield Case(head(3, 2, 5, 2, np.ones((3, 2), bool)), part=HEAD, note="three queries, nothing masked")
        yield Case(head(3, 4, 6, 2, kind=np.float32), part=HEAD, note="float32 numbers")
        q, k, v, mask = head(3, 4, 4, 2)
        yield Case((40 * q, 40 * k, v, mask), part=HEAD, note="scores hundreds apart")
        for lead in ((2,), (3, 2)):
            arrays = (quarters(rng, *lead, *shape) for shape in ((3, 5), (4, 5), (4, 2)))
            note = f"{' × '.join(map(str, lead))} heads and one mask"
            yield Case((*arrays, _mask(rng, 3, 4)), part=HEADS, note=note)
        mask = _mask(rng, 3, 4)
        mask[1] = False
        yield Case(head(3, 4, 6, 3, mask), part=NOTHING, note="three queries, the second of which sees nothing")

    wrong = {
        "scores that are not divided by √d": lambda q, k, v, mask: masked_softmax(_scores(q, k, 1.0), mask) @ v,
        "scores divided by d: its root is meant": lambda q, k, v, mask: (
            masked_softmax(_scores(q, k, 1 / q.shape[-1]), mask) @ v
        ),
        "scores multiplied by √d": lambda q, k, v, mask: masked_softmax(_scores(q, k, q.shape[-1] ** 0.5), mask) @ v,
        "scores divided by the root of the number of keys: d is the length of one key": lambda q, k, v, mask: (
            masked_softmax(_scores(q, k, k.shape[-2] ** -0.5), mask) @ v
        ),
        "scores divided by the root of the number of queries: d is the length of one query": lambda q, k, v, mask: (
            masked_softmax(_scores(q, k, q.shape[-2] ** -0.5), mask) @ v
        ),
        "scores divided by the root of the values' width: d is the length of a query and a key": lambda q, k, v, mask: (
            masked_softmax(_scores(q, k, v.shape[-1] ** -0.5), mask) @ v
        ),
        "weights divided by √d: it belongs before the softmax": lambda q, k, v, mask: (
            masked_softmax(_scores(q, k, 1.0), mask) @ v / q.shape[-1] ** 0.5
        ),
        "a mask multiplied in after the softmax: the weights that are left no longer add up to 1": (
            lambda q, k, v, mask: softmax(_scores(q, k)) * mask @ v
        ),
        "a mask that is not used": lambda q, k, v, mask: softmax(_scores(q, k)) @ v,
        "a mask read the other way round: True is a key that is seen": lambda q, k, v, mask: (
            _minus_infinity(_scores(q, k), ~mask) @ v
        ),
        "masked scores set to 0: e⁰ is 1, and the key still gets a share": lambda q, k, v, mask: (
            softmax(_scores(q, k) * mask) @ v
        ),
        "a softmax over the queries: a query shares its 1 among the keys": lambda q, k, v, mask: (
            _minus_infinity(_scores(q, k), mask, -2) @ v
        ),
        "a softmax over the whole matrix: each query has a 1 of its own": lambda q, k, v, mask: (
            np.where(mask, np.exp(_scores(q, k)), 0) / np.where(mask, np.exp(_scores(q, k)), 0).sum() @ v
        ),
        "the weights alone: the values are not used": lambda q, k, v, mask: masked_softmax(_scores(q, k), mask),
        "the scores alone": lambda q, k, v, mask: _scores(q, k),
        "scores in place of weights: the softmax is missing": lambda q, k, v, mask: (
            np.where(mask, _scores(q, k), 0) @ v
        ),
        "exponentials in place of weights: they are not yet divided by their sum": lambda q, k, v, mask: (
            np.where(mask, np.exp(_scores(q, k)), 0) @ v
        ),
        "keys in place of the values": lambda q, k, v, mask: masked_softmax(_scores(q, k), mask) @ k,
        "values in place of the keys": lambda q, k, v, mask: masked_softmax(_scores(q, v), mask) @ v,
        "weights transposed before they meet the values": lambda q, k, v, mask: (
            np.swapaxes(masked_softmax(_scores(q, k), mask), -1, -2) @ v
        ),
        "queries and keys multiplied entry by entry": lambda q, k, v, mask: masked_softmax(q * k, mask) @ v,
        "a plain mean of the values that are seen": lambda q, k, v, mask: _shares(mask * 1.0) @ v,
        "the value of the best key alone": lambda q, k, v, mask: v[np.where(mask, _scores(q, k), -np.inf).argmax(-1)],
        "exponentials without a shift: they are ∞ for large scores, and ∞/∞ is no number": lambda q, k, v, mask: (
            _shares(np.where(mask, np.exp(_scores(q, k)), 0)) @ v
        ),
        "keys turned by `.T`, which turns round all axes: with several heads only the last two are meant": (
            lambda q, k, v, mask: masked_softmax(q @ k.T * q.shape[-1] ** -0.5, mask) @ v
        ),
        "−∞ in place of masked scores and nothing more: a query that sees nothing gets NaN": lambda q, k, v, mask: (
            _minus_infinity(_scores(q, k), mask) @ v
        ),
        "a large negative number in place of −∞: a query that sees nothing then takes the mean of all values": (
            lambda q, k, v, mask: softmax(np.where(mask, _scores(q, k), -1e9)) @ v
        ),
        "1e9 subtracted from masked scores: where all are masked, nothing is": lambda q, k, v, mask: (
            softmax(np.where(mask, _scores(q, k), _scores(q, k) - 1e9)) @ v
        ),
    }
