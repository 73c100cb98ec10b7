"""The commands of the scripted engine that are about models.

A file ``models.json`` in its folder lists others than those it has by itself. A download of ``slow`` stops half way, and
so does one of ``later`` until that has ended; ``rotten`` arrives damaged, ``full`` finds the disk full. A check of a
model whose name has ``bad`` in it finds it damaged, and ``heavy`` cannot be loaded; ``busy`` is used by a run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DEFAULT = {
    "context_window": 8192, "gpu_layers": -1, "threads": -1, "cache_type": "f16", "thinking": True,
    "temperature": 0.0, "top_p": 1.0, "strategy": "guided", "dialect": "rlm-v1",
}  # fmt: skip
FULL = {
    "kind": "user",
    "message": "The disk has 0.1 GB free, and downloading full needs 4.7 GB.",
    "hint": "Free some room.",
}
ROTTEN = {
    "kind": "user",
    "message": "What was downloaded for rotten is damaged.",
    "hint": "Download it again.",
}


def read_models(home: Path) -> list[dict[str, Any]]:
    file = home / "models.json"
    return json.loads(file.read_text()) if file.exists() else []


class FakeModels:
    """What `tests.gui.fake_engine` does with models."""

    models: list[dict[str, Any]]

    def say(self, message: dict[str, Any]) -> None:
        raise NotImplementedError

    def model(self, request: dict[str, Any]) -> dict[str, Any]:
        return next(model for model in self.models if model["name"] == request["model"])

    def tell(self, kind: str, name: str, state: str, received: int = 0, total: int = 0, **more: Any) -> None:
        told = {
            "kind": kind,
            "model": name,
            "state": state,
            "received": received,
            "total": total,
            "text": "",
            **more,
        }
        self.say({"notice": told})

    def do_models(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"models": self.models}

    @property
    def waiting(self) -> dict[str, int]:
        """Downloads that go on, and the numbers of the commands that began them."""
        return self.__dict__.setdefault("_waiting", {})

    def do_pull(self, request: dict[str, Any]) -> dict[str, Any] | None:
        name, model = request["model"], self.model(request)
        if self.waiting and name not in self.waiting:
            self.waiting[name] = request["id"]
            self.tell("download", name, "queued")
            return None
        if name in ("full", "rotten"):
            failure = FULL if name == "full" else ROTTEN
            self.tell("download", name, "failed", text=failure["message"])
            return failure
        size = model["size"]
        for part in (0.2, 0.4):
            self.tell("download", name, "running", round(part * size), size)
        if name in ("slow", "later"):
            self.waiting[name] = request["id"]
            return None
        model["state"] = "ready"
        self.tell("download", name, "done")
        return {}

    def stop(self, name: str, state: str) -> None:
        number = self.waiting.pop(name, None)
        if number is None:
            return
        model = next(model for model in self.models if model["name"] == name)
        model |= {"state": "partial", "fetched": round(0.4 * model["size"])}
        self.tell("download", name, state)
        self.say({"id": number, "ok": {}})
        for other, waits in list(self.waiting.items()):
            self.do_pull({"model": other, "id": waits})

    def do_pause(self, request: dict[str, Any]) -> dict[str, Any]:
        self.stop(request["model"], "paused")
        return {}

    def do_cancel_pull(self, request: dict[str, Any]) -> dict[str, Any]:
        self.stop(request["model"], "cancelled")
        return {}

    def do_verify(self, request: dict[str, Any]) -> dict[str, Any]:
        model = self.model(request)
        self.tell("verify", model["name"], "running", model["size"] // 2, model["size"])
        if "bad" in model["name"]:
            model["state"] = "damaged"
            self.tell("verify", model["name"], "failed")
            return {"kind": "user", "message": "The file of bad is damaged.", "hint": "Run `rlm-desktop …`."}
        self.tell("verify", model["name"], "done")
        return {"sha256": "0" * 64}

    def do_remove(self, request: dict[str, Any]) -> dict[str, Any]:
        model = self.model(request)
        if model["name"] == "busy":
            return {"kind": "user", "message": "The model busy is used by a run.", "hint": "Stop the run."}
        if model.get("own"):
            self.models.remove(model)
            return {"freed": 0}
        freed = model.get("fetched") or model["size"]
        model |= {"state": "absent", "fetched": 0}
        return {"freed": freed}

    def do_add_file(self, request: dict[str, Any]) -> dict[str, Any]:
        path = Path(request["path"])
        if not path.is_file() or path.read_bytes()[:4] != b"GGUF":
            return {
                "kind": "user",
                "message": f"{path} is not a usable GGUF model.",
                "hint": "Choose another file.",
            }
        self.models.append(
            dict(self.models[0], name=path.stem, title=path.stem.title(), path=str(path), own=True, state="ready",
                 note="A file of yours, with a chat template of its own.", licence="licence not stated")
        )  # fmt: skip
        return {"model": path.stem}

    def do_load(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["model"]
        self.tell("model", name, "loading", rate=0.5, text=f"Loading {name}: 50%.")
        if name == "heavy":
            self.tell("model", name, "failed", text="It needs 90 GB of memory.")
            return {
                "kind": "user",
                "message": "The model heavy needs 90 GB of memory.",
                "hint": "Choose a smaller one.",
            }
        self.tell("model", name, "ready", rate=1.0, text="Loaded on the processor, 2 threads.")
        return {}

    def do_unload(self, request: dict[str, Any]) -> dict[str, Any]:
        self.tell("model", request["model"], "unloaded")
        return {}

    def do_model_settings(self, request: dict[str, Any]) -> dict[str, Any]:
        model = self.model(request) if not request["model"].startswith("http") else {}
        if not model.get("path"):
            return {"kind": "user", "message": "There is no model of this name.", "hint": ""}
        set_to = model.get("set", {})
        return {
            "now": DEFAULT | set_to,
            "default": DEFAULT,
            "longest_window": 32_768,
            "layers": 0,
            "threads": 4,
        }

    def do_set_model(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = {name: value for name, value in request["settings"].items() if value != DEFAULT[name]}
        if wanted.get("threads") == 4:
            return {
                "kind": "user",
                "message": "Your model catalogue cannot be written.",
                "hint": "Free some room.",
            }
        self.model(request)["set"] = wanted
        self.model(request)["adjusted"] = bool(wanted)
        return self.do_model_settings(request)
