"""What the paper reports (METHOD sections 3 and 4), to be put beside what is measured. Mean scores, 1-5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Published:
    """One model: answering at once, with the agent, with the planner too, and how many questions that asked."""

    model: str
    vanilla: float
    agent: float
    planned: float
    questions: float


PAPER: Final = (
    Published("GPT-4o", 2.94, 3.66, 3.83, 1.75),
    Published("DeepSeek-7B", 2.64, 3.06, 3.07, 1.35),
    Published("Mistral-7B", 2.55, 3.07, 3.22, 3.37),
    Published("LLaMA-3.1-8B", 3.15, 3.55, 4.06, 2.06),
    Published("Qwen2.5-7B", 2.75, 3.81, 3.91, 2.60),
    Published("QwQ-32B", 3.13, 4.22, 4.55, 4.98),
    Published("mean of the six", 2.86, 3.56, 3.77, 2.69),
)
CONTEXT_FREE: Final = 2.79
CONTEXT_RICH: Final = 4.00
"""Means over models without and with the whole background (METHOD section 1)."""
HUMANS: Final = (0.688, 0.92)
"""Cohen's kappa and Pearson's r of the paper's judge with three people on 350 cases."""
GAINS_NOTE: Final = "The paper's are sure for the first three as a set; the others are read off a chart"
"""About METHOD section 3, whose figures are ``PUBLISHED_GAINS`` of ``bot.raise_core.state``."""
