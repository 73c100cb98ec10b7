"""Hooks of the interpreter, and the child's own modules changed under its feet."""

from dataclasses import replace

from tests.repl.escape.attempt import Attempt, prints

_ANY = r"(ok|error|(crash|timeout|memory)(, restored)?): .*"

_TRIES = [
    Attempt("at exit", "import atexit, os\natexit.register(os._exit, 0)", r"ok: .*"),
    Attempt("a destructor", "class E:\n    def __del__(self): raise SystemExit\ne = E()\ndel e", r"ok: .*"),
    Attempt("a destructor that comes back", "class E:\n    def __del__(self): globals()['e'] = self\ne = E(); del e", r"ok: "),
    Attempt("a destructor that ends the process", "import os\nclass E:\n    def __del__(self): os._exit(0)\ne = E(); e.e = e; del e\nimport gc; gc.collect()", r"crash, restored: .*"),
    Attempt("a destructor that hangs", "class E:\n    def __del__(self):\n        while True: pass\ne = E()\ndel e", r"timeout, restored: .*", seconds=0.1),
    Attempt("a weak reference's last word", "import weakref\nclass E: pass\ne = E(); r = weakref.ref(e, lambda _: 1 / 0); del e", r"ok: .*"),
    Attempt("a callback of the collector", "import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.collect();", r"ok: .*"),
    Attempt("a callback of the collector that exits", "import gc, os\nout = os._exit\ngc.callbacks.append(lambda *a: out(0))\nx = [[] for _ in range(10**6)]", r"crash, restored: .*"),
    Attempt("a trace of every line", "import sys, threading\ndef t(*a): return t\nsys.settrace(t); threading.settrace(t)", r"ok: "),
    Attempt("a trace that raises", "import sys\ndef t(frame, event, arg):\n    if 'child' in frame.f_code.co_filename: raise SystemExit\n    return t\nsys.settrace(t)", _ANY),
    Attempt("a profile that raises", "import sys\ndef p(frame, event, arg):\n    if 'child' in frame.f_code.co_filename: raise SystemExit\nsys.setprofile(p)", _ANY),
    Attempt("a profile that hangs", "import sys\ndef p(frame, event, arg):\n    while 'child' in frame.f_code.co_filename: pass\nsys.setprofile(p)", _ANY, seconds=0.2),
    Attempt("an audit hook that ends it", "import os, sys\nout = os._exit\nsys.addaudithook(lambda event, args: out(0) if event == 'compile' else None)\ncompile('1', '', 'eval')", r"crash, restored: .*"),
    Attempt("an import hook", "import sys\nclass F:\n    def find_spec(*a): raise SystemExit\nsys.meta_path.insert(0, F)\nsys.path_hooks.clear(); sys.path_importer_cache.clear()\ndel sys.modules['traceback']", _ANY, keeps=False),
    Attempt("no modules any more", "import sys\nsys.modules.clear()", _ANY, keeps=False),
    Attempt("no builtins any more", "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)", _ANY, keeps=False),
    Attempt("other builtins", "import builtins\nbuiltins.len = builtins.str = builtins.isinstance = lambda *a: 1 / 0", _ANY, keeps=False),
    Attempt("an open that hangs", "import builtins\ndef hang(*a, **k):\n    while True: pass\nbuiltins.open = hang\nbuiltins.str = hang", _ANY, seconds=0.2, keeps=False),
    Attempt("another exit", "import os\nos._exit = os.write = os.read = os.fork = lambda *a: 0", _ANY, keeps=False, seconds=1),
    Attempt("another json", "import json\njson.dumps = lambda *a, **k: 'x' * 10**6", _ANY, keeps=False, seconds=1),
    Attempt("another stdout", "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None\nprint('x')", r"ok: .*"),
    Attempt("a stdout without end", "import sys\nclass O:\n    def write(self, t):\n        while True: pass\nsys.stdout = O()\nprint('x')", r"timeout, restored: .*", seconds=0.1),
    Attempt("another API", "import rlm_desktop.repl.api as api\napi.Api.install = lambda *a: 1 / 0", _ANY, keeps=False),
    Attempt("an API that submits by itself", "import rlm_desktop.repl.api as api\nold = api.Api.install\ndef install(self, n): old(self, n); self.answer.update(content='forged')\napi.Api.install = install", r"ok: "),
    Attempt("the API's functions unbound", "del llm_query, find, context\nllm_query = context = None", r"ok: "),
    Attempt("a checkpoint that is none", "import sys\nfor m in list(sys.modules.values()):\n    if getattr(m, '__name__', '').startswith('rlm_desktop.repl') and hasattr(m, 'State'): m.State._checkpoint = lambda *a: True", _ANY, keeps=False),
    Attempt("a state that never serves", "import sys\ndef hang(*a, **k):\n    while True: pass\nfor m in list(sys.modules.values()):\n    if getattr(m, '__name__', '').startswith('rlm_desktop.repl') and hasattr(m, 'receive_packet'): m.receive_packet = hang", _ANY, keeps=False, seconds=1),
    Attempt("frames of the child", "import sys\nf = sys._getframe(1)\nwhile f:\n    f.f_locals.clear(); f = f.f_back", _ANY, keeps=False),
    Attempt("its own cell run again", "from rlm_desktop.repl import cell, spare\ncell.run('x = 1', 1, {}, print, spare.Spare())", r"ok: .*"),
    Attempt("the last value taken", "globals()['__value__'] = 1 / 1; del __builtins__", _ANY, keeps=False),
    Attempt("a main of its own", "import sys\nsys.modules['__main__'] = None; __name__ = 5; __file__ = None", _ANY),
    Attempt("lines of sources that lie", "import linecache\nlinecache.cache = None", _ANY, keeps=False),
    Attempt("another thread that ends it later", "import os, threading, time\nthreading.Thread(target=lambda: (time.sleep(0.01), os._exit(0)), daemon=True).start()", _ANY, keeps=False),
    Attempt("another thread that prints for ever", "import threading, sys\ndef f():\n    while True: print('x')\nthreading.Thread(target=f, daemon=True).start()", _ANY, keeps=False),
    Attempt("the lock of the interpreter held", "import ctypes\nctypes.PyDLL(None).sleep(1000)", r"timeout, restored: .*", seconds=0.1),
    Attempt("an event loop that never closes", "import asyncio\nasync def f():\n    while True: await asyncio.sleep(0)\nawait f()", r"timeout, restored: .*", seconds=0.1),
    Attempt("a loop left running", "import asyncio, threading\nloop = asyncio.new_event_loop()\nthreading.Thread(target=loop.run_forever, daemon=True).start()", r"ok: .*"),
    Attempt("a sub-interpreter", "import _xxsubinterpreters as s\ni = s.create(); s.run_string(i, 'x = 1'); s.destroy(i)", r"(ok|error|crash, restored): .*"),
    Attempt("the recursion limit", "import sys\nsys.setrecursionlimit(sys.getrecursionlimit() // 8)", _ANY, keeps=False),
    Attempt("a switch of threads that never comes", "import sys, threading\nsys.setswitchinterval(10**6)", r"ok: "),
    Attempt("the garbage that is frozen", "import gc\ngc.unfreeze(); gc.collect(); gc.disable(); len(gc.get_objects()) > 0", prints("True")),
]  # fmt: skip
ATTEMPTS = [replace(attempt, spoils=True, serves=False) for attempt in _TRIES]
