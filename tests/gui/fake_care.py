"""What the small engine knows of itself: disk, keys, health."""

from __future__ import annotations

from typing import Any


class FakeCare:
    """Answers ``storage``, ``clean``, ``keys`` and ``doctor``; part of the engine."""

    home: Any
    keys: dict[str, str]
    parts: dict[str, list[int]]

    def do_storage(self, _: dict[str, Any]) -> dict[str, Any]:
        parts = [
            {"name": name, "count": count, "size": size} for name, (count, size) in self._parts().items()
        ]
        return {"home": str(self.home), "free": 120_000_000_000, "parts": parts}

    def _parts(self) -> dict[str, list[int]]:
        if not hasattr(self, "parts"):
            self.parts = {
                "history": [12, 4_500_000],
                "models": [1, 93_000_000],
                "passages": [7, 210_000_000],
                "trash": [2, 0],
                "leftovers": [0, 0],
            }
        return self.parts

    def do_clean(self, request: dict[str, Any]) -> dict[str, Any]:
        self._parts()[request["what"]] = [0, 0]
        return self.do_storage(request)

    def do_keys(self, request: dict[str, Any]) -> dict[str, Any]:
        names = dict.fromkeys(("openai", "anthropic", *request.get("names", ())))
        keys = [{"name": name, "place": "keyring" if self.keys.get(name) else ""} for name in names]
        return {"keyring": "A keyring", "keys": keys}

    def do_doctor(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "checks": [
                {"name": "Python", "ok": True, "detail": "CPython 3.11", "fix": ""},
                {"name": "sandbox", "ok": False, "detail": "none", "fix": "Use Linux."},
            ]
        }
