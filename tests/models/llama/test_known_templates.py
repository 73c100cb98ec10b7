import pytest

from rlm_desktop.models.base import Message
from rlm_desktop.models.llama.known_templates import KEY, KNOWN, choose_template
from rlm_desktop.models.llama.template import ChatTemplate

TALK = [
    Message("system", "Be brief."),
    Message("user", "Who?"),
    Message("assistant", "A fox."),
    Message("user", "Where?"),
]
WRITTEN = {
    "chatml": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n"
        "<|im_start|>assistant\nA fox.<|im_end|>\n<|im_start|>user\nWhere?<|im_end|>\n<|im_start|>assistant\n"
    ),
    "llama3": (
        "[B]<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nWho?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nA fox.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nWhere?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    "gemma": (
        "[B]<start_of_turn>user\nBe brief.\n\nWho?<end_of_turn>\n<start_of_turn>model\nA fox.<end_of_turn>\n"
        "<start_of_turn>user\nWhere?<end_of_turn>\n<start_of_turn>model\n"
    ),
    "mistral": "[B][INST] Be brief.\n\nWho? [/INST] A fox.[E][INST] Where? [/INST]",
    "plain": "### System:\nBe brief.\n\n### User:\nWho?\n\n### Assistant:\nA fox.\n\n### User:\nWhere?\n\n### Assistant:\n",
}


@pytest.mark.parametrize("name", list(KNOWN))
def test_what_the_shipped_templates_write(name: str) -> None:
    assert ChatTemplate(KNOWN[name].source, bos="[B]", eos="[E]").render(TALK).text == WRITTEN[name]


def test_the_file_s_own_template_is_used_and_not_remarked_on() -> None:
    chosen = choose_template({KEY: "{{ own }}"}, "", lambda _: True)
    assert (chosen.source, chosen.stop, chosen.remark) == ("{{ own }}", (), "")


def test_a_person_s_template_comes_first() -> None:
    assert choose_template({KEY: "{{ own }}"}, "{{ mine }}", lambda _: True).source == "{{ mine }}"
    chosen = choose_template({KEY: "{{ own }}"}, "gemma", lambda _: False)
    assert chosen.source == KNOWN["gemma"].source
    assert "<end_of_turn>" in chosen.stop
    assert not chosen.remark


@pytest.mark.parametrize("values", [{}, {KEY: " \n"}, {KEY: 3}])
@pytest.mark.parametrize(
    ("special", "name"),
    [
        ("<|im_start|>", "chatml"),
        ("<|start_header_id|>", "llama3"),
        ("<start_of_turn>", "gemma"),
        ("[INST]", "mistral"),
        ("</s>", "plain"),
    ],
)
def test_without_a_template_the_vocabulary_tells_which(
    values: dict[str, object], special: str, name: str
) -> None:
    chosen = choose_template(values, "", lambda text: text == special)
    assert chosen.source == KNOWN[name].source
    assert chosen.stop == KNOWN[name].stop
    assert "base model" in chosen.remark
    assert name in chosen.remark
