"""The form of a model's settings by itself."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from rlm_desktop.gui.models.settings_form import ModelSettingsForm
from rlm_desktop.gui.wire.models import Adjustable, ModelSettings

ALL = ModelSettings(
    context_window=16_384,
    gpu_layers=-1,
    threads=-1,
    cache_type="f16",
    thinking=True,
    temperature=0.7,
    top_p=0.8,
    strategy="rlm",
    dialect="rlm-v0",
)
SERVED = ModelSettings(temperature=0.0, top_p=1.0, strategy="rlm", dialect="rlm-v1")


@pytest.fixture
def form(qtbot: QtBot) -> ModelSettingsForm:
    form = ModelSettingsForm()
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.mark.parametrize(
    "settings", [ALL, SERVED, msgspec.structs.replace(ALL, gpu_layers=7, threads=3, temperature=0.125)]
)
def test_what_is_shown_is_wanted_as_it_is(form: ModelSettingsForm, settings: ModelSettings) -> None:
    form.show_settings(Adjustable(settings, settings, 32_768, 29, 8))
    assert form.wanted() == settings
    assert not form.save.isEnabled() and not form.restore.isEnabled()


def test_a_model_on_a_server_shows_only_what_it_has(form: ModelSettingsForm) -> None:
    form.show_settings(Adjustable(SERVED, SERVED))
    hidden = (form.window_size, form.layers, form.threads, form.cache, form.thinking)
    assert not any(field.isVisible() for field in hidden)
    assert form.temperature.isVisible() and form.strategy.isVisible()
    form.show_settings(Adjustable(ALL, ALL, 32_768, 29, 8))
    assert all(field.isVisible() for field in hidden)
    assert (form.layers.text(), form.threads.text()) == ("as many as fit", "one on each core")
    assert (form.layers.maximum(), form.threads.maximum(), form.window_size.maximum()) == (29, 8, 32_768)


def test_nothing_can_be_more_than_there_is_or_less_than_is_of_use(form: ModelSettingsForm) -> None:
    form.show_settings(Adjustable(ALL, ALL, 32_768, 29, 8))
    form.window_size.setValue(10**6)
    form.temperature.setValue(-1)
    form.top_p.setValue(0)
    wanted = form.wanted()
    assert (wanted.context_window, wanted.temperature, wanted.top_p) == (32_768, 0.0, 0.05)


def test_no_tap_on_nothing_is_a_wish(form: ModelSettingsForm, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(form.saved):
        form.show_settings(Adjustable(ALL, SERVED, 32_768, 29, 8))
        form.show_settings(Adjustable(SERVED, SERVED))
