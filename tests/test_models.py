"""What published models use: every row can be looked up, and lessons show the rows of their years."""

import pytest

from actlab.models import MODELS, READ, who_uses_what


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_row_says_where_it_is_written(model):
    assert model.url.startswith(("https://github.com/", "https://arxiv.org/abs/"))
    if "github" in model.url:
        repository, _, file = model.source.partition(": ")
        assert f"/{repository}/" in model.url and model.url.endswith(f"/{file}")
    else:
        assert f"{model.year}" in model.source and "section" in model.source


def test_each_model_stands_once_in_the_order_of_the_years():
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert [m.year for m in MODELS] == sorted(m.year for m in MODELS)


def test_the_table_shows_the_years_asked_for_and_the_day_of_reading():
    shown = who_uses_what(2018, 2019)
    assert [row[0] for row in shown.rows] == ["GPT", "BERT", "GPT-2", "T5"]
    assert READ in shown.note
    assert [*who_uses_what(last=2023).rows, *who_uses_what(first=2024).rows] == who_uses_what().rows
