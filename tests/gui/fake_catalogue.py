"""A catalogue with a model in every state, for the small engine."""

from __future__ import annotations

FREE = {"free": 5_200_000_000, "total": 8_000_000_000}
SPEED = "reads about 250 tokens/s, writes 29/s, 100/s in 16 replies together"


def model(
    name: str, title: str, size: int, needed: int, state: str = "absent", **more: object
) -> dict[str, object]:
    verdict = "fits" if needed < 4.7e9 else "tight" if needed < 5.2e9 else "will not fit"
    here = {"place": "the processor, 2 threads", "speed": SPEED} if state == "ready" else {}
    return {
        "name": name, "title": title, "size": size, "licence": "Apache-2.0", "context_window": 16_384,
        "memory": needed, "state": state, "note": "A good allrounder for 16 GB of memory.",
        "path": f"/home/somebody/.local/share/rlm-desktop/models/{name}.gguf",
        "outlook": {"verdict": verdict, "needed": needed, **FREE, **here}, **more,
    }  # fmt: skip


CATALOGUE = (
    model("qwen2.5-coder-1.5b", "Qwen2.5 Coder 1.5B Instruct (Q4_K_M)", 1_117_320_768, 1_900_000_000, "ready",
          default=True, note="The default: small enough for any computer, and reads well."),
    model("smollm2-135m", "SmolLM2 135M Instruct (Q4_1)", 98_362_432, 600_000_000),
    model("slow", "Qwen3 4B Instruct 2507 (Q4_K_M)", 2_497_280_736, 4_900_000_000),
    model("later", "Qwen3 8B (Q4_K_M), without thinking", 5_027_783_488, 7_800_000_000),
    model("rlm-qwen3-8b", "RLM-Qwen3-8B v0.1 (Q4_K_M), fine-tuned as an RLM", 5_030_000_000, 9_800_000_000, "partial",
          fetched=2_200_000_000),
    model("bad", "Mistral Small 3.2 (Q4_K_M)", 2_000_000_000, 2_600_000_000, "damaged"),
    model("mine", "My own model, fine-tuned on letters", 700_000_000, 1_000_000_000, own=True,
          path="/home/somebody/models/letters/mine-q8_0.gguf"),
    {"name": "openai:gpt-mini", "title": "GPT mini of OpenAI", "state": "ready", "own": True, "context_window": 400_000,
     "note": "Its answers are good.", "price": {"prompt": 0.25, "completion": 2.0, "reused": None}},
)  # fmt: skip
