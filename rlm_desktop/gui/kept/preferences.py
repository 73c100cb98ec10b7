"""Every setting of the window in one list, and what a person has set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from rlm_desktop.events import Limits
from rlm_desktop.gui.kept.choices import Choices
from rlm_desktop.gui.look.words import later

Value = bool | int | str
_FIRST = Limits()


@dataclass(frozen=True)
class Setting:
    """One setting. Its kind is that of its default: on or off, a number, one of `choices`, or a font if it has none.

    Attributes:
        key: Where its value is kept.
        page: The page it stands on.
        title: How it is called, in English.
        tip: What it does, in one sentence.
        default: Its value until a person sets another.
        choices: The values it can have, with how they are called, in the order in which they are offered.
        least: The smallest number.
        most: The largest.
        step: By how much one press of an arrow changes it.
        unit: What follows the number.
        lowest: What the smallest number means, if it is said in a word.
    """

    key: str
    page: str
    title: str
    tip: str
    default: Value
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 0
    step: int = 1
    unit: str = ""
    lowest: str = ""

    def read(self, kept: str | None) -> Value:
        """The value a text in the file stands for; the default for one that stands for none."""
        if kept is None:
            return self.default
        if isinstance(self.default, bool):
            return {"true": True, "false": False}.get(kept, self.default)
        if isinstance(self.default, int):
            return self.fit(int(kept)) if kept.lstrip("-").isdecimal() else self.default
        return kept if not self.choices or kept in dict(self.choices) else self.default

    def fit(self, number: int) -> int:
        """The number nearest to this one that it can have."""
        return max(self.least, min(number, self.most))


def _limit(name: str, title: str, tip: str, *, most: int, step: int, first: float | None) -> Setting:
    none = later("no limit")
    return Setting(f"run/{name}", "running", title, tip, int(first or 0), most=most, step=step, lowest=none)


REOPEN = Setting(
    "general/reopen",
    "general",
    later("Open again what was open"),
    later("At the start, open the documents and the run that the last window showed, however it ended."),
    True,
)
NOTIFY = Setting(
    "general/notify",
    "general",
    later("Say when a run has ended"),
    later("Show a notification of the system when a run that took a while has ended."),
    "away",
    choices=(
        ("away", later("While I do something else")),
        ("always", later("Always")),
        ("never", later("Never")),
    ),
)
STILL = Setting(
    "general/still",
    "general",
    later("Reduce motion"),
    later("Nothing blinks, slides or fades: neither the cursor, nor panes, nor menus."),
    False,
)
SCHEME = Setting(
    "look/scheme",
    "look",
    later("Colours"),
    later("Light, dark, or as the system is at the moment."),
    "system",
    choices=(("system", later("As the system")), ("light", later("Light")), ("dark", later("Dark"))),
)
TEXT_SIZE = Setting(
    "look/text_size",
    "look",
    later("Text size"),
    later(
        "Of everything in the window, compared with the system's. Ctrl++, Ctrl+- and Ctrl+0 change it too."
    ),
    100,
    least=80,
    most=200,
    step=10,
    unit=" %",
)
CODE_FONT = Setting(
    "look/code_font",
    "look",
    later("Font of code and documents"),
    later("One whose characters are all equally wide."),
    "",
)
STRATEGY = Setting(
    "run/strategy",
    "running",
    later("Way to the answer"),
    later("What a new question is asked with; beside the question another can be chosen."),
    "auto",
    choices=(
        ("auto", later("auto: whichever suits")),
        ("rlm", later("rlm: the model writes code")),
        ("direct", later("direct: the model reads all")),
        ("guided", later("guided: tested steps")),
    ),
)
LIMITS = (
    _limit(
        "turns",
        later("Turns"),
        later("How often a model may think and look again before it has to answer."),
        most=500,
        step=1,
        first=_FIRST.turns,
    ),
    _limit(
        "subcalls",
        later("Sub-calls"),
        later("How many questions its code may put to models."),
        most=100_000,
        step=10,
        first=_FIRST.subcalls,
    ),
    _limit(
        "tokens",
        later("Tokens"),
        later("How much a run may read and write in all."),
        most=1_000_000_000,
        step=10_000,
        first=_FIRST.tokens,
    ),
    _limit(
        "seconds",
        later("Seconds"),
        later("How long a run may take."),
        most=86_400,
        step=30,
        first=_FIRST.seconds,
    ),
    Setting(
        "run/depth",
        "running",
        later("Depth"),
        later("How deep runs may start runs of their own."),
        _FIRST.depth,
        most=8,
        lowest=later("none"),
    ),
)
ONLINE = Setting(
    "network/online",
    "network",
    later("Allow the network"),
    later(
        "Let remote models be asked; they get what they are asked about. Off, nothing leaves this computer."
    ),
    False,
)
SETTINGS = (REOPEN, NOTIFY, STILL, SCHEME, TEXT_SIZE, CODE_FONT, STRATEGY, *LIMITS, ONLINE)


@dataclass(frozen=True)
class Elsewhere:
    """How to get and set a value that something else keeps."""

    get: Callable[[], Value]
    put: Callable[[Value], None]


class Preferences(QObject):
    """What the settings are set to. A value is kept as soon as it is set.

    Args:
        choices: Where values are kept.

    Signals:
        changed: A setting has another value (`Setting`).
    """

    changed = Signal(object)

    def __init__(self, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self._elsewhere: dict[str, Elsewhere] = {}

    def leave_to(self, setting: Setting, elsewhere: Elsewhere) -> None:
        """Let something else keep a setting; it is to emit `changed` when the value is another."""
        self._elsewhere[setting.key] = elsewhere

    def get(self, setting: Setting) -> Value:
        """What it is set to."""
        if elsewhere := self._elsewhere.get(setting.key):
            return elsewhere.get()
        return setting.read(self._choices.kept(setting.key))

    def number(self, setting: Setting) -> int:
        """What a setting that is a number is set to."""
        return int(self.get(setting))

    def text(self, setting: Setting) -> str:
        """What a setting that is a text is set to."""
        return str(self.get(setting))

    def put(self, setting: Setting, value: Value) -> None:
        """Set it."""
        if elsewhere := self._elsewhere.get(setting.key):
            elsewhere.put(value)
        elif value != self.get(setting):
            kept = str(value).lower() if isinstance(value, bool) else str(value)
            self._choices.keep(setting.key, None if value == setting.default else kept)
            self.changed.emit(setting)

    def limits(self) -> Limits:
        """The limits of a new question."""
        turns, subcalls, tokens, seconds, depth = map(self.number, LIMITS)
        return Limits(
            turns=turns or None,
            subcalls=subcalls or None,
            tokens=tokens or None,
            seconds=float(seconds) or None,
            depth=depth,
        )
