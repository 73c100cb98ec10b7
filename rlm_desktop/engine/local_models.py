"""What `rlm-desktop doctor` says of local models: what they compute on, and which of them fit in memory."""

from __future__ import annotations

from rlm_desktop.config import Settings
from rlm_desktop.engine.check import Check
from rlm_desktop.models.catalogue import Catalogue, Entry
from rlm_desktop.models.listing import outlook_of
from rlm_desktop.models.llama import graphics, hardware
from rlm_desktop.models.llama.outlook import Outlook
from rlm_desktop.models.llama.probe import Report
from rlm_desktop.models.registry import model_state


def computing(report: Report) -> list[Check]:
    """What llama.cpp was built for and computes on."""
    names = [
        f"{device.description or device.name} ({device.total / 1e9:.0f} GB)" for device in report.devices
    ]
    devices = f"{'; '.join(names)}; {hardware.threads()} threads"
    version = f"llama-cpp-python {report.version}, {_instructions(report.features)}"
    return [
        Check("llama.cpp", ok=True, detail=version),
        Check("devices", ok=True, detail=devices),
        _offload(report),
    ]


def _instructions(features: str) -> str:
    """The instruction sets of llama.cpp's feature list, ``CPU : SSE3 = 1 | AVX2 = 1 | …``."""
    words = [part.split(":")[-1].partition("=") for part in features.split("|")]
    used = [name.strip() for name, _, value in words if value.strip() == "1"]
    return f"built for {', '.join(used)}" if used else "no special instruction sets"


def _offload(report: Report) -> Check:
    """Whether a graphics card is used; the program works without, so that this is never wrong."""
    used = [f"{card.description} ({card.free / 1e9:.1f} GB free)" for card in report.devices if card.gpu]
    seen = graphics.seen()
    names = " and ".join(maker.name for maker in seen)
    if used:
        return Check("GPU offload", ok=True, detail=f"on: {', '.join(used)}")
    if not report.gpu_offload and seen:
        fix = f"To use it, build llama.cpp for it: `CMAKE_ARGS={seen[0].option} make setup` (see the README)."
        return Check("GPU offload", True, f"off: there is a card by {names}, but this build uses none", fix)
    if not report.gpu_offload:
        return Check(
            "GPU offload", ok=True, detail="off: built for the processor alone, and no card was found"
        )
    if seen:
        fix = "Install or repair its driver; in a container, let the container have the card."
        return Check(
            "GPU offload", True, f"off: this build finds no card, though there is one by {names}", fix
        )
    return Check("GPU offload", ok=True, detail="off: this build can use a card, and none was found")


def memory(catalogue: Catalogue, settings: Settings) -> Check:
    """Whether the default model fits in memory now, and those that are downloaded besides."""
    default = catalogue.default
    cards = graphics.cards()
    here = [entry for entry in catalogue.entries.values() if model_state(entry, settings) == "ready"]
    looked_at = [default, *(entry for entry in here if entry.name != default.name)]
    found = [(entry, seen) for entry in looked_at if (seen := outlook_of(entry, settings, cards))]
    free, total = hardware.free_memory(), hardware.total_memory()
    detail = "; ".join(
        [f"{free / 1e9:.1f} GB of {total / 1e9:.1f} GB free", *(_expectation(*pair) for pair in found)]
    )
    outlook = next((seen for entry, seen in found if entry.name == default.name), None)
    if outlook is None or outlook.verdict != "will not fit":
        return Check("memory", ok=True, detail=detail)
    if outlook.impossible:
        return Check("memory", False, detail, "Choose a smaller model with --model.")
    return Check("memory", False, detail, "Close other programs, or choose a smaller model with --model.")


def _expectation(entry: Entry, outlook: Outlook) -> str:
    speed = f", {outlook.speed}" if outlook.speed else ""
    return f"{entry.name} needs {outlook.needed / 1e9:.1f} GB: {outlook.verdict}{speed}"
