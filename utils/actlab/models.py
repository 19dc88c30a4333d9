"""What published models use in their feed-forward layers: each row read in a primary source, on a day that is named.

A correction is a change of one row here; lessons show the rows, and write none of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from actlab.tables import Table

READ = "2026-11-26"
"""The day on which every source was read."""


@dataclass(frozen=True)
class Model:
    """A model, the year in which it was published, its activation or gate, and where that is written.

    source: the file, or the paper with its section.  url: where it lies.
    """

    name: str
    year: int
    uses: str
    source: str
    url: str


def _code(repository: str, file: str) -> tuple[str, str]:
    return f"{repository}: {file.rpartition('/')[2]}", f"https://github.com/{repository}/blob/HEAD/{file}"


def _paper(said: str, arxiv: str) -> tuple[str, str]:
    return said, f"https://arxiv.org/abs/{arxiv}"


T5 = "google-research/text-to-text-transfer-transformer"
HF = "huggingface/transformers"

MODELS = (
    Model(
        "the original Transformer",
        2017,
        "ReLU",
        *_code("tensorflow/tensor2tensor", "tensor2tensor/layers/common_layers.py"),
    ),
    Model("GPT", 2018, "GELU, tanh form", *_code("openai/finetune-transformer-lm", "train.py")),
    Model("BERT", 2018, "GELU, in its code the tanh form", *_code("google-research/bert", "modeling.py")),
    Model("GPT-2", 2019, "GELU, tanh form", *_code("openai/gpt-2", "src/model.py")),
    Model("T5", 2019, "ReLU", *_code(T5, "released_checkpoints.md")),
    Model("T5 v1.1", 2020, "GEGLU", *_code(T5, "t5/models/gin/models/t5.1.1.base.gin")),
    Model("GPT-3", 2020, "as GPT-2", *_paper("Brown 2020, section 2.1", "2005.14165")),
    Model("OPT", 2022, "ReLU", *_code("facebookresearch/metaseq", "metaseq/launcher/opt_baselines.py")),
    Model("PaLM", 2022, "SwiGLU", *_paper("Chowdhery 2022, section 2", "2204.02311")),
    Model("Llama 2", 2023, "SwiGLU", *_code("meta-llama/llama", "llama/model.py")),
    Model("GPT-4", 2023, "not published", *_paper("OpenAI 2023, section on the report's scope", "2303.08774")),
    Model("Gemma", 2024, "GEGLU, tanh form", *_code("google/gemma_pytorch", "gemma/model.py")),
    Model(
        "Nemotron",
        2024,
        "squared ReLU, no gate",
        *_code(HF, "src/transformers/models/nemotron/configuration_nemotron.py"),
    ),
    Model("OLMo 2", 2024, "SwiGLU", *_code("allenai/OLMo", "configs/official-1124/OLMo2-7B-stage1.yaml")),
    Model("DeepSeek-V3", 2024, "SwiGLU", *_code("deepseek-ai/DeepSeek-V3", "inference/model.py")),
    Model("BitNet b1.58 2B4T", 2025, "squared ReLU as the gate", *_code("microsoft/BitNet", "gpu/model.py")),
    Model("Qwen3", 2025, "SwiGLU", *_code(HF, "src/transformers/models/qwen3/configuration_qwen3.py")),
    Model("gpt-oss", 2025, "SwiGLU, clamped, gate z·σ(1.702 z)", *_code("openai/gpt-oss", "gpt_oss/torch/model.py")),
)
"""In the order of their years."""


def who_uses_what(first: int = 0, last: int = 9999) -> Table:
    """The models published from the year `first` to the year `last`, each with a link to where it is written."""
    rows = [(m.name, f"{m.year}", m.uses, f"[{m.source}]({m.url})") for m in MODELS if first <= m.year <= last]
    return Table(
        ("model", "year", "in its feed-forward layers", "written in"), rows, f"Every source was read on {READ}."
    )
