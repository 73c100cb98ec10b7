"""Every action of the window in one place: its name, its key and its menu."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_desktop.gui.widgets.docks import PLACES


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes:
        name: How the program calls it.
        text: How the menu calls it.
        key: Its shortcuts in Qt's portable notation, with ``; `` between; empty if it has none.
        menu: The menu it stands in; of a menu within a menu, both with ``/`` between.
        tip: What it does.
        pane: The pane whose rows it is about and where its key works; empty for the whole window.
        checkable: Whether it is on or off.
        apart: Whether a line in the menu separates it from those before.
    """

    name: str
    text: str
    key: str
    menu: str
    tip: str
    pane: str = ""
    checkable: bool = False
    apart: bool = False


ACTIONS = (
    ActionSpec("open_file", "&Open file…", "Ctrl+O", "&File", "Open one or more files to ask about"),
    ActionSpec("open_folder", "Open &folder…", "Ctrl+Shift+O", "&File", "Open a folder to ask about"),
    ActionSpec(
        "reopen",
        "&Open what is marked",
        "",
        "&File/Open &recent",
        "Open again what is marked under Recent",
        pane="recent",
    ),
    ActionSpec(
        "forget_recent",
        "&Take what is marked off the list",
        "Del",
        "&File/Open &recent",
        "Forget what is marked under Recent; the files stay",
        pane="recent",
    ),
    ActionSpec(
        "clear_recent", "&Clear the list", "", "&File/Open &recent", "Forget what was opened; the files stay"
    ),
    ActionSpec(
        "show_in_folder",
        "Show in its fo&lder",
        "",
        "&File",
        "Open the folder of what is marked in the library",
        pane="library",
        apart=True,
    ),
    ActionSpec(
        "copy_path",
        "Copy &path",
        "",
        "&File",
        "Copy the path of what is marked in the library",
        pane="library",
    ),
    ActionSpec(
        "close_source",
        "&Close source",
        "Del",
        "&File",
        "Take what is marked off the library; the files stay",
        pane="library",
    ),
    ActionSpec(
        "add_files",
        "&Add files to the session…",
        "Ctrl+Shift+A",
        "&File",
        "Ask on, about more files: the model keeps its variables",
        apart=True,
    ),
    ActionSpec(
        "add_folder",
        "Add a fol&der to the session…",
        "",
        "&File",
        "Ask on, about a folder more: the model keeps its variables",
    ),
    ActionSpec(
        "settings", "&Settings…", "Ctrl+,", "&File", "Change how the program looks and works", apart=True
    ),
    ActionSpec("quit", "&Quit", "Ctrl+Q", "&File", "Close the window", apart=True),
    ActionSpec("go_to_line", "&Go to line…", "Ctrl+G", "&View", "Go to a line of the document"),
    ActionSpec("ask_box", "&Question", "Ctrl+L", "&View", "Type a question"),
    ActionSpec("find_in_answer", "&Find in the answer", "Ctrl+F", "&View", "Find words", pane="answer"),
    ActionSpec("find_in_details", "Find in the &details", "Ctrl+F", "&View", "Find words", pane="details"),
    ActionSpec(
        "raw",
        "Markdown as &written",
        "Ctrl+U",
        "&View",
        "Show answers, prompts and responses as they were written",
        checkable=True,
    ),
    ActionSpec("next_pane", "&Next pane", "F6", "&View", "Move to the next pane"),
    ActionSpec(
        "search", "Search &history", "Ctrl+H", "&View", "Find runs by what was asked, answered and done"
    ),
    *(
        ActionSpec(
            f"pane_{name}",
            place.title,
            "",
            "&View/&Panes",
            f"Show or hide the pane: {place.title}",
            checkable=True,
        )
        for name, place in PLACES.items()
    ),
    ActionSpec(
        "reset_panes",
        "&Reset the layout",
        "",
        "&View/&Panes",
        "Put every pane back to where it was at first",
        apart=True,
    ),
    ActionSpec("timeline_in", "Zoom &in", "+", "&View/&Timeline", "Show less time, larger", pane="timeline"),
    ActionSpec(
        "timeline_out", "Zoom &out", "-", "&View/&Timeline", "Show more time, smaller", pane="timeline"
    ),
    ActionSpec(
        "timeline_fit", "The &whole run", "0", "&View/&Timeline", "Show all of the run", pane="timeline"
    ),
    ActionSpec(
        "timeline_step", "The &marked step", "Z", "&View/&Timeline", "Show all of one step", pane="timeline"
    ),
    ActionSpec("larger_text", "&Larger text", "Ctrl++; Ctrl+=", "&View/Te&xt size", "Make all text larger"),
    ActionSpec("smaller_text", "&Smaller text", "Ctrl+-", "&View/Te&xt size", "Make all text smaller"),
    ActionSpec("normal_text", "&Normal text", "Ctrl+0", "&View/Te&xt size", "As large as the system has it"),
    ActionSpec(
        "palette",
        "Command p&alette…",
        "Ctrl+Shift+P; Ctrl+K",
        "&View",
        "Find anything that can be done by its name",
        apart=True,
    ),
    ActionSpec("ask", "&Ask", "Ctrl+Return", "&Run", "Ask the question"),
    ActionSpec(
        "new_question", "&New question", "Ctrl+N", "&Run", "Ask something that follows no earlier question"
    ),
    ActionSpec("stop", "&Stop", "Esc", "&Run", "Stop the run"),
    ActionSpec(
        "templates",
        "Question &templates…",
        "Ctrl+T",
        "&Run/Te&mplates",
        "Begin with a question that is half written",
    ),
    ActionSpec(
        "save_template",
        "&Save the question as a template",
        "",
        "&Run/Te&mplates",
        "Keep what is typed, to ask it again of other documents",
        apart=True,
    ),
    ActionSpec(
        "make_blank",
        "Make the marked words a &blank",
        "",
        "&Run/Te&mplates",
        "Mark words of the question that are different each time",
    ),
    ActionSpec(
        "queue_start", "&Start what waits", "", "&Run/&Queue", "Ask the questions that wait to be started"
    ),
    ActionSpec(
        "queue_up",
        "Move &up",
        "Ctrl+Up",
        "&Run/&Queue",
        "Ask the marked question earlier",
        pane="queue",
        apart=True,
    ),
    ActionSpec(
        "queue_edit", "&Edit", "F2", "&Run/&Queue", "Take the marked question back into the box", pane="queue"
    ),
    ActionSpec("queue_remove", "&Remove", "Del", "&Run/&Queue", "Forget the marked question", pane="queue"),
    ActionSpec(
        "copy_answer",
        "&Copy answer",
        "Ctrl+Shift+C",
        "&Run",
        "Copy the answer and its quotes as Markdown",
        apart=True,
    ),
    ActionSpec(
        "not_read",
        "&What was not read…",
        "",
        "&Run",
        "List how much of each document was read, and which were never looked at",
    ),
    ActionSpec(
        "export", "E&xport report…", "Ctrl+E", "&Run", "Write the whole run to a file, to read or to hand on"
    ),
    ActionSpec(
        "find_step",
        "&Find in the run",
        "Ctrl+F",
        "&Run/St&ep",
        "Find steps by what they say: code, output, prompts, replies",
        pane="run",
    ),
    ActionSpec("find_next_step", "Find &next", "F3", "&Run/St&ep", "Go to the next step found", pane="run"),
    ActionSpec(
        "find_previous_step",
        "Find &before",
        "Shift+F3",
        "&Run/St&ep",
        "Go to the step found before",
        pane="run",
    ),
    ActionSpec(
        "follow_newest",
        "Follo&w",
        "",
        "&Run/St&ep",
        "Go along with what is new, until you scroll up or choose a step",
        checkable=True,
    ),
    ActionSpec(
        "cancel_step",
        "&Cancel this",
        "",
        "&Run/St&ep",
        "Stop this code or call; the run goes on without it",
        pane="run",
        apart=True,
    ),
    ActionSpec(
        "retry_step",
        "Re&try",
        "",
        "&Run/St&ep",
        "Ask this call again; of a run that has ended, ask its question again",
        pane="run",
    ),
    ActionSpec(
        "open_prompt", "Open the &prompt", "", "&Run/St&ep", "Show what the model was sent", pane="run"
    ),
    ActionSpec(
        "show_in_document",
        "Show in the &document",
        "",
        "&Run/St&ep",
        "Show the first lines of the document that this step read",
        pane="run",
    ),
    ActionSpec(
        "copy_step",
        "Copy the &label",
        "Ctrl+C",
        "&Run/St&ep",
        "Copy what the step is called",
        pane="run",
        apart=True,
    ),
    ActionSpec("copy_code", "Copy the c&ode", "", "&Run/St&ep", "Copy the code of the step", pane="run"),
    ActionSpec("copy_output", "Copy the o&utput", "", "&Run/St&ep", "Copy what the code printed", pane="run"),
    ActionSpec(
        "copy_prompt", "Copy the p&rompt", "", "&Run/St&ep", "Copy what the model was sent", pane="run"
    ),
    ActionSpec(
        "copy_response", "Copy the re&sponse", "", "&Run/St&ep", "Copy what the model replied", pane="run"
    ),
    ActionSpec("open_run", "&Open run", "", "&Run", "Look at the marked run", pane="history", apart=True),
    ActionSpec(
        "rename", "&Rename run", "F2", "&Run", "Give the marked run a name of its own", pane="history"
    ),
    ActionSpec("pin", "&Pin run", "", "&Run", "Keep the marked run above the others", pane="history"),
    ActionSpec(
        "delete",
        "&Delete run",
        "Del",
        "&Run",
        "Put the marked run into the trash, for a week",
        pane="history",
    ),
    ActionSpec("undo_delete", "&Undo delete", "Ctrl+Z", "&Run", "Bring the deleted run back", pane="history"),
    ActionSpec("to_start", "To the &start", "Alt+Home", "Re&play", "Show the run as it began"),
    ActionSpec("turn_back", "Turn &back", "Alt+Up", "Re&play", "Go to the end of the turn before"),
    ActionSpec("play", "&Play", "F5", "Re&play", "Play the run, or pause it"),
    ActionSpec("turn_forward", "Turn &forward", "Alt+Down", "Re&play", "Go to the end of this turn"),
    ActionSpec("to_end", "To the &end", "Alt+End", "Re&play", "Show the run as it ended"),
    ActionSpec(
        "sample",
        "Sa&mple session",
        "",
        "Re&play",
        "Replay a recorded session that comes with the program",
        apart=True,
    ),
    ActionSpec(
        "network",
        "&Allow the network",
        "",
        "&Models",
        "Let remote models be asked; off, nothing leaves",
        checkable=True,
    ),
    ActionSpec(
        "models",
        "&Models…",
        "Ctrl+Shift+M",
        "&Models",
        "What there is, what is here, what fits: download, check, load, set and remove models",
        apart=True,
    ),
    ActionSpec(
        "add_model", "Add a &remote model…", "", "&Models", "Use a model of OpenAI, Anthropic or a server"
    ),
    ActionSpec("drop_model", "Remo&ve the remote model", "", "&Models", "Take the chosen model off the list"),
    ActionSpec("help", "&Help", "F1", "&Help", "How to ask, and what the window shows"),
    ActionSpec("shortcuts", "&Keyboard shortcuts", "Ctrl+F1", "&Help", "All keys, to search and to print"),
    ActionSpec(
        "data_folder", "Open the &data folder", "", "&Help", "Where runs, models and settings lie", apart=True
    ),
    ActionSpec(
        "diagnostics", "&Copy diagnostics", "", "&Help", "Examine this computer and copy what was found"
    ),
    ActionSpec("about", "&About RLM Desktop", "", "&Help", "Versions and licences", apart=True),
)
