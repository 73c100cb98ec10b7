#!/bin/sh
# Puts this folder's program on the path and into the menu of the person who runs it; `--remove` takes both away.
# The folder itself stays where it is.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
share=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
entry=$share/applications/rlm-desktop.desktop

case "${1:-}" in
--remove)
    rm -f "$entry" "$bin/rlm-desktop" "$share"/icons/hicolor/*/apps/rlm-desktop.png \
        "$share/icons/hicolor/scalable/apps/rlm-desktop.svg"
    echo "Removed from the menu and the path; documents, runs and models are untouched, and so is $here."
    exit
    ;;
'') ;;
*)
    echo "usage: $0 [--remove]" >&2
    exit 2
    ;;
esac

case $here in
*[\"\\\`\$%]*)
    echo "A menu entry cannot name the folder $here; move it to one without quotes, backslashes, \$ and %." >&2
    exit 1
    ;;
esac
mkdir -p "$bin" "$share/applications" "$share/icons"
cp -R "$here/share/icons/." "$share/icons/"
ln -sf "$here/rlm-desktop" "$bin/rlm-desktop"
while IFS= read -r line; do
    case $line in
    Exec=*) printf 'Exec="%s" %%F\n' "$here/rlm-desktop" ;;
    *) printf '%s\n' "$line" ;;
    esac
done <"$here/share/applications/rlm-desktop.desktop" >"$entry"
echo "RLM Desktop is in the menu now, and rlm-desktop in $bin."
