"""What the course concludes from training holds with other seeds and data, and says where it does not."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import date

import claims
import classroom
import numpy as np
import psutil
import pytest
import tiny as tiny_experiment
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from typer.testing import CliRunner

from actlab.cli import main
from actlab.errors import CourseError
from actlab.evidence import (
    EXPERIMENTS,
    VERDICTS,
    Replication,
    Results,
    Sample,
    campaign,
    load,
    replication,
    says,
    store,
)
from actlab.evidence.replication import ENOUGH, FACT, at_the_edge
from actlab.evidence.topics.language import holm
from actlab.explorers import evidence_source, explore_agreement, explore_rates, show_evidence
from actlab.words import minus

NAMES = sorted(EXPERIMENTS)
TRAINED = [name for name in NAMES if EXPERIMENTS[name].rates]
SAID = sorted(VERDICTS)
SCRIPT = [sys.executable, tiny_experiment.__file__]

# --- what is declared is what was run --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_result_is_that_of_its_declaration(name):
    why = store.stale(EXPERIMENTS[name])
    assert not why, f"{name} {why}: actlab evidence run {name}"


@pytest.mark.parametrize("name", NAMES)
def test_everything_declared_was_measured_the_control_too(name):
    e, results = EXPERIMENTS[name], load(name)
    jobs = [*campaign.pilot_jobs(e, campaign.Pool()), *campaign.group_jobs(e, campaign.Pool(), results.values)]
    assert {job.key for job in jobs} == results.values.keys()
    for (stage, *_), values in results.values.items():
        seeds = e.pilot if stage == "pilot" else e.groups // e.draws * e.size
        assert {len(each) for each in values.values()} == {seeds}


def test_all_results_together_are_small():
    assert sum(path.stat().st_size for path in store.FOLDER.glob("*.json")) < 2_000_000


# --- the guards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRAINED)
def test_the_best_rate_of_every_arm_lies_inside_its_grid(name):
    results = load(name)
    edges = {arm: results.best(arm) for arm in results.experiment.arms if at_the_edge(results, arm)}
    assert not edges, f"{name}: try rates beyond these, by a factor of 4 at least: {edges}"


@pytest.mark.parametrize("name", TRAINED)
def test_four_times_the_steps_and_another_epsilon_are_tried(name):
    e = EXPERIMENTS[name]
    changes = list(e.conditions.values())
    assert {"steps": 4 * e.settings["steps"]} in changes
    methods = {arm.get("optimiser", e.settings.get("optimiser", "adam")) for arm in e.arms.values()}
    assert "adam" not in methods or {"eps": 1e-16} in changes


@pytest.mark.parametrize("name", SAID)
def test_a_verdict_is_a_fact_or_shows_its_counts(name):
    found, sentence = replication(VERDICTS[name]), VERDICTS[name].sentence
    assert found.groups >= ENOUGH and VERDICTS[name].experiment.draws >= 2
    counts = f"{name} held in {found.held} of {found.groups} groups: below {FACT:.0%} its sentence shows both numbers"
    assert found.fact or ("{held}" in sentence and "{groups}" in sentence), counts


@pytest.mark.parametrize("name", SAID)
def test_what_turns_a_verdict_is_named_in_its_sentence(name):
    verdict = VERDICTS[name]
    conditions = {*verdict.experiment.conditions, *(f"data {k + 1}" for k in range(verdict.experiment.draws))}
    assert verdict.unless.keys() <= conditions
    assert all(words in verdict.sentence for words in verdict.unless.values())
    flips = replication(verdict).flips
    assert not flips, f"{name} does not hold under {', '.join(flips)}: another sentence, or name it there (unless=…)"


@pytest.mark.parametrize("name", SAID)
def test_a_verdict_asks_for_what_every_run_measures(name):
    """An arm's best rate may be another one with other seeds: a rate that is named has to stand in `at`."""
    verdict = VERDICTS[name]
    e, whole, asked = verdict.experiment, load(verdict.experiment.name).whole(), set()

    def get(arm, condition, rate):
        asked.add((arm, condition, rate))
        return whole.measured(arm, condition, rate)

    sample = Sample(e, get)
    verdict.holds(sample), verdict.numbers(sample)
    for arm, condition, rate in asked:
        assert condition in e.grouped or arm in e.more.get(condition, ()), f"{name}: {arm}, {condition}"
        assert rate is None or rate in e.at.get(arm, ()) or len(e.tried(arm)) == 1, f"{name}: {arm} at {rate:g}"


# --- where verdicts stand --------------------------------------------------------------------------------------------


def test_every_verdict_is_quoted_in_a_lesson():
    quoted = {name for paragraph in claims.lessons() for name in claims.QUOTED.findall(paragraph.text)}
    assert sorted(quoted & VERDICTS.keys()) == SAID, f"quote or delete: {sorted(VERDICTS.keys() - quoted)}"


def test_every_verdict_that_is_named_is_declared():
    unknown = [(p.file, p.place, name) for p in claims.paragraphs() for name in p.verdicts if name not in VERDICTS]
    assert not unknown


@pytest.mark.parametrize("file", sorted({p.file for p in claims.paragraphs()}))
def test_whatever_training_showed_rests_on_a_verdict(file):
    """Quote a verdict there, end the line with its marker, or write an exception with its reason into claims.py."""
    left = [f"{p.place}: {p.text}" for p in claims.unsupported() if p.file == file]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("name", SAID)
def test_a_verdict_reads_as_a_sentence(name):
    said = says(name)
    assert not re.search(r"\{[a-z]|\bnan\b|\binf\b", said)
    assert said.endswith((".", ":", "*")) or said.startswith("|")


WITHOUT_SUPPORT = """
Two recipes learn. ReLU is in both camps: with He's gain it learns, with Xavier's, √2 smaller, no seed gets there.
And tanh? Its gradient starts as large as that of ReLU with He's gain, and yet it stays near 0.6.
Land on: “The right size is necessary. It is not sufficient.”
at depth 40 it trains with He's gain; with Xavier's it stops short
Forty layers learn the spirals in all 5 seeds; with Xavier's weights they do not.
- Then: two of five learn.
Not settled: why tanh stalls at depth forty
They learn as well as anything did before.
Beyond the edges of that grid no conclusion changes.
With four layers only undoing the scale helps. ReLU / 64 only guesses there, and nothing in it competes
with two layers the two harms multiply; in four layers the scale 1/n costs more (5.10)
softmax won back more than half of the gap in four layers; ReLU / 64, where nothing competes, won back nothing.
ReLU / 64 closes nothing of the gap
Three are near 1, three no better than a straight line.
Adam alone brings the default sigmoid about as far as a straight line; the gain alone no further.
Together they learn, as well as tanh does.
Scale the weights and use an optimiser that rescales the step, and these ten layers train.
Neither the gain nor Adam is enough alone; together they are
Give the network a leak of 0.01 instead, and the unit is rescued within a normal training run.
| slope 0.01 | rescues | does **not**, within 200 steps: no better than ReLU |
| can die | yes | in effect, at α = 0.01 |
Units out there come back slowly, if at all.
over 50 steps it does not: an unsquashed state, held by gates, does (Hochreiter & Schmidhuber 1997)
| better than sigmoid | yes at gain 1; with gain 4 the sigmoid recalls as well |
bounded, and four times the sigmoid's slope; gates remember longer
Bounded is not remembering; gates are
tanh beats sigmoid in a loop at gain 1; long memory comes from gates, not from tanh.
enough to show that *some* non-linearity matters, not enough to put GELU ahead of ReLU.
lesson 07's twenty seeds do not put it ahead
GELU looks a little better than ReLU, by less than its own dots scatter.
here, yes: 0.3 to 1.3 % of the loss, depending on length and rate, again in new seeds
no: at 300 steps ReLU itself brought six times as much; in the short runs of 7.6 the two were alike
three ReLU layers get every seed right; two get about nine points in ten, and some seeds all.
a layer whose gradient is stored as 0 never moves again, under any optimiser.
At all three learning rates the smooth functions beat ReLU, in values and in slopes.
The freedom to learn it buys no accuracy, and here it costs three to four points.
to training, a lot: four layers wait on a plateau before they move, one layer does not
At Adam's 0.1 half the ReLUs end up dead, at 0.01 about 2 %; a slope of 0.01 does not always rescue.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", WITHOUT_SUPPORT)
def test_a_claim_is_found_where_it_names_no_verdict(sentence):
    """Sentences that once stood in the course, most of them false for other seeds, rates or an optimiser's ε."""
    assert claims.Paragraph("a lesson", "1", sentence, ()).claims


@pytest.mark.parametrize(
    "sentence",
    [
        "tanh is $2\\sigma(2z) - 1$: four times the slope in the middle.",
        "> **Predict.** Which recipes learn: sigmoid, tanh or ReLU?",
        '> *"GELU is why transformers outperform ReLU-based models."*',
        "| 6.9 | 5 | 7 | each row marks its five bets; stay at the dots in which no seed gets there |",
        "Return the accuracy of each network, shape (seeds,).",
    ],
)
def test_questions_definitions_and_quotes_are_no_claims(sentence):
    assert not claims.Paragraph("a lesson", "1", sentence, ()).claims


def test_every_exception_is_needed():
    used = {p.excepted for p in claims.paragraphs() if p.claims and not p.verdicts}
    assert {words for several in claims.EXCEPTIONS.values() for words in several} <= used


# --- replication -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny():
    """An experiment without networks, declared for one test."""
    kept = [(registry, dict(registry)) for registry in (EXPERIMENTS, VERDICTS)]
    yield tiny_experiment.declare()
    for registry, before in kept:
        registry.clear()
        registry.update(before)


def measured(e, number=1, pilots=None):
    """Results of an experiment with one pool of seeds, measured here.  pilots: taken over, and the best rates too."""
    pool = campaign.Pool(number)
    values = {key: each for key, each in (pilots or {}).items() if key[0] == "pilot"}
    for job in campaign.pilot_jobs(e, pool):
        if job.key not in values:
            values[job.key] = campaign.measure(job)[0]
    values |= {job.key: campaign.measure(job)[0] for job in campaign.group_jobs(e, pool, values)}
    return Results(e, values)


def test_a_verdict_is_asked_of_every_group_draw_and_condition(tiny):
    results = measured(tiny)
    assert replication(VERDICTS["tiny.it_helps"], results) == Replication(VERDICTS["tiny.it_helps"], 20, 20, ())
    assert says("tiny.it_helps", results) == "The cure helps, by 1.0."
    found = replication(VERDICTS["tiny.lucky"], results)
    firsts = [group["no cure"][0] > 0 for group in results.each_group()]
    assert (found.held, found.groups) == (sum(firsts), 20) and 0 < sum(firsts) < 20 and not found.fact
    assert f"in {sum(firsts)} of 20 groups" in says("tiny.lucky", results)


def test_a_condition_that_turns_a_verdict_is_told_unless_it_is_named(tiny):
    results = measured(tiny)

    def short(s):
        return s.get("the cure", measure="steps").mean() < 20

    flips = replication(tiny.verdict("It is short.")(short), results).flips
    assert flips == ("40 steps",)
    del VERDICTS["tiny.short"]
    named = tiny.verdict("It is short, but for 40 steps.", unless={"40 steps": "40 steps"})(short)
    assert replication(named, results).flips == ()


@pytest.mark.parametrize(("rates", "edge"), [((1e-4, 1e-3, 1e-2, 1e-1, 1.0), False), ((1e-2, 1e-1, 1.0), True)])
def test_a_best_rate_at_the_edge_of_its_grid_is_seen(tiny, rates, edge):
    object.__setattr__(tiny, "rates", rates)
    assert [at_the_edge(measured(tiny), arm) for arm in tiny.arms] == [edge] * 3


def test_groups_draws_and_pools_share_no_seed(tiny):
    pools = [campaign.Pool(number) for number in (0, 1, 2)]
    seeds = [pool.seeds(tiny, stage, draw) for pool in pools for stage in ("pilot", "groups") for draw in range(4)]
    assert len(set().union(*seeds)) == sum(map(len, seeds))
    data = [
        pool.data(stage, draw) + test
        for pool in pools
        for stage in ("pilot", "groups")
        for draw in range(4)
        for test in (0, 1)
    ]
    assert len(set(data)) == len(data)


@pytest.mark.parametrize(("held", "groups"), [(18, 20), (20, 20), (0, 8), (29, 40)])
def test_the_interval_is_that_of_clopper_and_pearson(held, groups):
    low, high = Replication(None, held, groups, ()).interval
    assert low == pytest.approx(beta.ppf(0.025, held, groups - held + 1) if held else 0)
    assert high == pytest.approx(beta.ppf(0.975, held + 1, groups - held) if held < groups else 1)


@given(st.lists(st.lists(st.sampled_from([0.001, 0.01, 0.012, 0.02, 0.05, 0.3]), min_size=3, max_size=3), min_size=1))
def test_holms_correction_asks_the_smallest_of_the_p_values_first_and_stops_at_one_that_is_too_large(rows):
    families = np.array(rows).T
    for p, found in zip(families, holm(families.T).T, strict=True):
        left = list(p)
        while left and min(left) <= 0.05 / len(left):
            left.remove(min(left))
        assert sorted(p[~found]) == sorted(left)
        assert not found.any() or found.all() or p[found].max() <= p[~found].min()


def test_a_known_interval():
    assert Replication(None, 18, 20, ()).interval == pytest.approx((0.6830, 0.9877), abs=5e-5)


# --- how it is shown -------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(tiny, monkeypatch):
    """Results that every picture of it shows: one arm breaks down at the highest rate."""
    results = measured(tiny)
    for key, values in results.values.items():
        if key[2:4] == ("sugar", 1.0):
            values["score"][0] = np.nan
    monkeypatch.setattr("actlab.explorers.evidence.load", lambda name: results)
    return results


def test_the_slider_of_rates_says_which_rates_work(shown):
    explorer = explore_rates("tiny")
    assert explorer.trouble is None
    assert explorer.sliders["setting"].texts == ["10 steps, ε = 1e−8", "40 steps", "ε = 1e−16"]
    for arm in shown.experiment.arms:
        said = explorer.at(arm=arm)
        mean = minus(f"{shown.curve(arm)[0.01].mean():.1f}")
        assert f"best at rate 0.01 with a mean of {mean} over 10 seeds" in said and "at no other rate" in said
    assert "nan" not in explorer.html()


def test_a_range_of_rates_ends_where_the_next_one_is_worse(shown):
    for key, values in shown.values.items():
        if key[3] in (1e-3, 1e-2, 1e-1):
            values["score"][:] = 1 - 0.001 * abs(np.log10(key[3]) + 1)
    assert "best at rate 0.1 with a mean of 1.0 " in explore_rates("tiny").at(arm="the cure")
    assert "of it from 1e−3 to 0.1, a factor of 100" in explore_rates("tiny").at(arm="the cure")


def test_the_slider_of_seeds_counts_in_how_many_groups_a_verdict_holds(shown):
    pool = shown.whole()["no cure"] > 0
    explorer = explore_agreement("tiny.lucky")
    for seeds in (1, 5, 20):
        agree = int(re.match(r"With \d+ seeds? the sentence holds in (\d+) of 100 groups", explorer.at(seeds=seeds))[1])
        assert agree == pytest.approx(100 * pool.mean(), abs=10)
    assert (
        explore_agreement("tiny.it_helps")
        .at(seeds=5)
        .startswith("With 5 seeds the sentence holds in 100 of 100 groups")
    )


def test_a_stored_picture_tells_every_arms_mean_and_range(shown):
    picture = show_evidence("tiny", ["the cure", ("no cure", 0.01)])
    for arm in ("the cure", "no cure"):
        values = shown.whole()[arm]
        numbers = [minus(f"{round(x, 2) + 0.0:.2f}") for x in (values.mean(), values.min(), values.max())]
        assert "{} at 0.01: {}, from {} to {}".format(arm, *numbers) in picture.alt
    assert "40 steps: the cure" in show_evidence("tiny", ["the cure"], "40 steps").alt


def test_below_it_stands_how_it_was_measured(tiny, tmp_path, monkeypatch):
    store.write(tiny, {"date": "2026-01-02", "seconds": 90}, {}, tmp_path)
    monkeypatch.setattr(store, "read", lambda e: json.loads((tmp_path / "tiny.json").read_text()))
    source = evidence_source("tiny")
    page = source._repr_mimebundle_()["text/html"]
    assert page.startswith("<details") and "def measure(arm, point, seeds, data_seed):" in page
    for words in (
        "1e−4, 1e−3, 0.01, 0.1, 1",
        "10 steps, ε = 1e−8",
        "40 steps",
        "Adam",
        "2026-01-02, in 90 s",
        "4 draws",
    ):
        assert words in page and words in repr(source)


def test_what_trains_nothing_has_no_rates_to_show(shown):
    object.__setattr__(shown.experiment, "rates", ())
    with pytest.raises(ValueError, match="tiny trains nothing"):
        explore_rates("tiny")


# --- stored results --------------------------------------------------------------------------------------------------

KEYS = st.tuples(
    st.sampled_from(["pilot", "groups"]),
    st.text("abc, ε=12−()/·", min_size=1),
    st.text("ReLU, He√2 − ·", min_size=1),
    st.floats(1e-9, 1e3).map(lambda x: float(f"{x:g}")),
    st.integers(0, 9),
)
NUMBERS = st.floats(width=32).map(lambda x: float(f"{x:.4g}"))


@settings(deadline=None)
@given(
    st.dictionaries(
        KEYS, st.dictionaries(st.sampled_from(["accuracy", "loss"]), st.lists(NUMBERS, max_size=4)), max_size=4
    )
)
def test_what_is_stored_comes_back(tmp_path_factory, values):
    e, folder = EXPERIMENTS[NAMES[0]], tmp_path_factory.getbasetemp()
    store.write(e, {"pool": 1, "date": "2026-01-01", "seconds": 1, "versions": {}}, values, folder)
    stored = store.read(e, folder)
    assert not store.stale(e, folder)
    again = {store.parsed(key): each for key, each in stored["values"].items()}
    assert repr(again) == repr({key: values[key] for key in sorted(values)})


@pytest.mark.parametrize(
    "change", [{"rates": (0.5,)}, {"groups": 40}, {"settings": {"steps": 11, "eps": 1e-8}}, {"size": 4}]
)
def test_a_changed_setting_is_noticed(tiny, tmp_path, change):
    store.write(tiny, {}, {}, tmp_path)
    assert store.stale(tiny, tmp_path) == ""
    for name, value in change.items():
        object.__setattr__(tiny, name, value)
    assert store.stale(tiny, tmp_path) == "was run with other settings"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package whose sources a test may change, as (read, write) of one of its files."""
    copied = shutil.copytree(store.PACKAGE, tmp_path / "actlab", ignore=shutil.ignore_patterns("*.json", "__pycache__"))
    monkeypatch.setattr(store, "PACKAGE", copied)

    def change(file, old, new):
        path = copied / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        for kept in (store.code, store._tree):
            kept.cache_clear()

    yield change
    monkeypatch.undo()
    for kept in (store.code, store._tree):
        kept.cache_clear()


def test_changed_code_is_noticed_and_a_changed_comment_is_not(package):
    run = EXPERIMENTS["deep"].run
    before = store.code(run)
    package("data.py", "def spirals(", "# Two arms.\ndef spirals(")
    package("training.py", '"""Training many seeds', '"""Many seeds')
    package("data.py", "def spirals(", "def unrelated():\n    return 1\n\n\ndef spirals(")
    assert store.code(run) == before
    package("data.py", "def spirals(", "def spirals(turns=3, ")
    assert store.code(run) != before


def test_an_experiment_that_was_never_run_says_so(tiny, tmp_path):
    assert store.stale(tiny, tmp_path) == "was never run"


# --- running ---------------------------------------------------------------------------------------------------------


def as_stored(results):
    return {store.key_text(key): {m: v.tolist() for m, v in each.items()} for key, each in results.values.items()}


def rows(path):
    return path.read_text().splitlines()[1:] if path.is_file() else []


def test_a_run_that_is_killed_goes_on_where_it_stopped(tiny, tmp_path):
    results, logs, done = tmp_path / "results", tmp_path / "logs", tmp_path / "done"
    environment = {**os.environ, "TINY_SECONDS": "0.05", "TINY_DONE": f"{done}"}
    first = subprocess.Popen([*SCRIPT, results, logs], env=environment)
    while len(rows(logs / "tiny-1.jsonl")) < 12:
        time.sleep(0.02)
    workers = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    first.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive, "worker processes outlive the one that started them"
    assert not (results / "tiny.json").exists()
    kept = len(rows(logs / "tiny-1.jsonl"))

    subprocess.run([*SCRIPT, results, logs], env=environment, check=True)
    stored = store.read(tiny, results)
    ahead, beyond = len(stored["values"]) - kept, len(rows(done)) + 1 - len(stored["values"])
    assert ahead > 0 <= beyond <= 4, "measured twice: what the workers held when they were killed, and no more"
    assert not (logs / "tiny-1.jsonl").exists()
    here = {
        store.key_text(key): {m: v.tolist() for m, v in each.items()} for key, each in measured(tiny).values.items()
    }
    assert stored["values"] == here


def test_a_cluster_gives_the_same_numbers(tiny, tmp_path):
    told = []
    with classroom.cluster(tmp_path / "dask", 2, "import tiny\ntiny.declare()") as (scheduler, _):
        (path,) = campaign.run(["tiny"], tmp_path, tmp_path, scheduler=scheduler, told=lambda *news: told.append(news))
    here = {
        store.key_text(key): {m: v.tolist() for m, v in each.items()} for key, each in measured(tiny).values.items()
    }
    assert json.loads(path.read_text())["values"] == here
    assert told[-1] == (len(here), len(here), "tiny")


def test_a_name_that_is_not_declared_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"no experiment nothing; there are .*deep"):
        campaign.run(["nothing"], tmp_path, tmp_path)
    said = CliRunner().invoke(main, ["evidence", "run", "nothing"])
    assert said.exit_code == 1
    assert said.stderr.startswith("actlab: there is no experiment nothing;") and len(said.stderr.splitlines()) == 1


def test_the_list_names_every_verdict_with_its_counts(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = CliRunner().invoke(main, ["evidence"]).stdout
    assert max(map(len, said.splitlines())) <= 80
    for name in SAID:
        found = replication(VERDICTS[name])
        assert re.search(rf"{re.escape(name)}\s.*\b{found.held} of {found.groups}\b", said), name


# --- again, on seeds never used before -------------------------------------------------------------------------------

AGAIN, SECONDS = 8, 45
"""Groups of each experiment that is run again, and what all of them may take."""


def run_again(e, stored, number, monkeypatch):
    """Eight fresh groups, two on each of four draws of data, at the rates found best before."""
    smaller = copy.copy(e)
    object.__setattr__(smaller, "groups", AGAIN)
    monkeypatch.setitem(EXPERIMENTS, e.name, smaller)
    return measured(smaller, number, stored.values)


def disagrees(verdict, stored, fresh):
    """Whether a verdict holds in so few fresh groups that the stored ones cannot be true."""
    low, _ = replication(verdict, stored).interval
    held = sum(bool(verdict.holds(group)) for group in fresh.each_group())
    return binomtest(held, AGAIN, low, "less").pvalue < 1e-4


def todays():
    """Experiments whose groups are quick, beginning with another one every day, as many as the time allows."""
    # About half of what an experiment takes goes into its pilots.
    cost = {n: store.read(EXPERIMENTS[n])["seconds"] / 2 * AGAIN / EXPERIMENTS[n].groups for n in NAMES}
    quick = [name for name in NAMES if cost[name] < SECONDS / 2]
    first = date.today().toordinal() % len(quick) if quick else 0
    left, chosen = SECONDS, []
    for name in quick[first:] + quick[:first]:
        if cost[name] < left:
            left -= cost[name]
            chosen.append(name)
    return chosen


def test_todays_experiments_hold_on_fresh_seeds(monkeypatch):
    number = date.today().toordinal()
    for name in todays():
        e, stored = EXPERIMENTS[name], load(name)
        verdicts = e.verdicts
        fresh = run_again(e, stored, number, monkeypatch)
        failed = [verdict.name for verdict in verdicts if disagrees(verdict, stored, fresh)]
        assert not failed, f"{failed} with --fresh {number}"


def test_a_verdict_that_stopped_holding_would_be_seen(tiny, monkeypatch):
    stored = measured(tiny)
    true, chance = VERDICTS["tiny.it_helps"], VERDICTS["tiny.lucky"]
    fresh = run_again(tiny, stored, 99, monkeypatch)
    assert not disagrees(true, stored, fresh) and not disagrees(chance, stored, fresh)
    object.__setattr__(tiny, "arms", tiny.arms | {"the cure": {"level": 0.0}})
    assert disagrees(true, stored, run_again(tiny, stored, 99, monkeypatch))
