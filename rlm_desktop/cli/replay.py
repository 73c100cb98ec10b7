"""``rlm-desktop replay``: watch a past run again. It needs no model, no REPL and no network."""

from __future__ import annotations

import time

from rlm_desktop.cli.ask import print_answer
from rlm_desktop.cli.options import Options
from rlm_desktop.cli.output import say
from rlm_desktop.cli.tree import TreeView, tree_lines
from rlm_desktop.cli.words import local_time, one_line
from rlm_desktop.engine.recordings import SAMPLE, Recordings, sample
from rlm_desktop.errors import UsageError
from rlm_desktop.events import Recording, RunState
from rlm_desktop.replay import Player
from rlm_desktop.store import Store, summarise


def run(options: Options) -> int:
    """Play a run, or print how it stood after one of its events."""
    recording = _recording(options)
    player = Player(recording)
    if options.at is None:
        state = _play(recording, player, options.speed)
    elif 1 <= options.at <= player.total:
        state = player.seek(options.at)
        for line in tree_lines(state):
            say(line)
    else:
        raise UsageError(f"There is no event {options.at}: the run has {player.total}.")
    summary = summarise(state)
    say(
        f"\nEvent {state.seq} of {player.total}, {local_time(summary.started)}: {one_line(summary.question)}\n"
    )
    print_answer(summary)
    return 0


def _recording(options: Options) -> Recording:
    """The recording that the command line names; the sample needs no data folder."""
    if options.run == SAMPLE:
        return sample()
    settings = options.settings.prepare()
    with Store(settings.store, settings.locks) as store:
        recordings = Recordings(store)
        return recordings.open(recordings.resolve(options.run))


def _play(recording: Recording, player: Player, speed: float) -> RunState:
    """Show each event when its moment has come; where nobody watches, at once."""
    state = RunState()
    began = time.monotonic()
    with TreeView() as view:
        watched = view.live and speed > 0
        for event in recording.events:
            if watched:
                time.sleep(max(0.0, began + player.moment(event.seq) / speed - time.monotonic()))
            view.on_event(event, state.apply(event), state)
    return state
