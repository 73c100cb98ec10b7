from __future__ import annotations

import json
import urllib.request

from loopback_server import MODEL, USAGE, serving


def test_it_lists_its_model_and_says_the_same_to_everybody() -> None:
    with serving("Enoch begat Methuselah") as address:
        with urllib.request.urlopen(f"{address}/models") as listed:
            assert [model["id"] for model in json.load(listed)["data"]] == [MODEL]
        for question in ("Who?", "When?"):
            with urllib.request.urlopen(f"{address}/chat/completions", json.dumps(question).encode()) as said:
                *pieces, done = said.read().decode().strip().split("\n\n")
            assert done == "data: [DONE]"
            objects = [json.loads(piece.removeprefix("data: ")) for piece in pieces]
            text = "".join(choice["delta"]["content"] for each in objects for choice in each["choices"])
            assert text == "Enoch begat Methuselah"
            assert objects[-1]["usage"] == USAGE
