"""Values that are not what they seem, where the host or the child looks at them."""

from tests.repl.escape.attempt import STOPPED, Attempt, prints

_ANY = r"(ok|error|crash, restored): .*"
_EVIL = "class Evil({base}):\n    def {method}(self, *a, **k): {body}\n"


def _evil(method: str, body: str, base: str = "object") -> str:
    return _EVIL.format(method=method, body=body, base=base)


_HANG = "while True: pass"
_HANG_LINE = "[None for _ in iter(int, 1)]"

ATTEMPTS = [
    Attempt("a repr that hangs", _evil("__repr__", _HANG_LINE) + "Evil()", STOPPED, seconds=0.1),
    Attempt("a repr that ends the process", _evil("__repr__", "__import__('os')._exit(0)") + "Evil()", r"crash, restored: .*"),
    Attempt("a repr that exits", _evil("__repr__", "raise SystemExit('out')") + "x = Evil()", _ANY),
    Attempt("a repr that interrupts", _evil("__repr__", "raise KeyboardInterrupt") + "x = Evil()", _ANY),
    Attempt("a repr that raises itself", _evil("__repr__", "raise self", "Exception") + "x = Evil()", _ANY),
    Attempt("a repr that is no text", _evil("__repr__", "return 5") + "Evil()", r"ok: .*"),
    Attempt("a repr that is large", _evil("__repr__", "return 'x' * 10**8") + "Evil()", r"ok: .*"),
    Attempt("a repr without end", _evil("__repr__", "return repr(self)") + "Evil()", _ANY),
    Attempt("the repr of a variable that hangs", _evil("__repr__", _HANG_LINE) + "x = Evil()", STOPPED, seconds=0.1),
    Attempt("a length that lies", _evil("__len__", "return 10**18", "str") + "x = Evil('x')\nx", _ANY),
    Attempt("a length that raises", _evil("__len__", "raise OSError", "list") + "x = Evil()", _ANY),
    Attempt("a length below zero", _evil("__len__", "return -1", "dict") + "x = Evil()", _ANY),
    Attempt("items without end", _evil("__iter__", "return iter(int, 1)", "list") + "x = Evil([1])\nx", _ANY),
    Attempt("a class that lies", "class Evil:\n    __class__ = str\nx = Evil()\nx", _ANY),
    Attempt("a class whose name raises", "class M(type):\n    __name__ = property(lambda c: 1 / 0)\nclass Evil(metaclass=M): pass\nx = Evil()", _ANY),
    Attempt("attributes that raise", _evil("__getattribute__", "raise MemoryError") + "x = Evil()\nx", r"(ok|error|memory|memory, restored|crash, restored): .*"),
    Attempt("an answer that hangs", _evil("__str__", _HANG_LINE) + "answer['content'] = Evil()", STOPPED, seconds=0.1),
    Attempt("an answer that raises", _evil("__str__", "raise ValueError") + "answer['content'] = Evil()", _ANY),
    Attempt("an answer that exits", _evil("__str__", "raise SystemExit") + "answer['content'] = Evil()", _ANY),
    Attempt("an answer that is a text of a kind", _evil("__len__", "return 1", "str") + "answer['content'] = Evil('x' * 10**7)", _ANY),
    Attempt("an answer that is huge", "answer['content'] = 'x' * 10**8", r"ok: "),
    Attempt("an answer of half a character", "answer['content'] = '\\ud800'", r"ok: "),
    Attempt("readiness that hangs", _evil("__bool__", _HANG_LINE) + "answer['ready'] = Evil()", STOPPED, seconds=0.1),
    Attempt("readiness that raises", _evil("__bool__", "raise SystemExit") + "answer['ready'] = Evil()", _ANY),
    Attempt("a dict of a kind as the answer", _evil("__contains__", "raise OSError", "dict") + "answer = Evil()", _ANY),
    Attempt("a dict that hangs as the answer", _evil("__contains__", _HANG_LINE, "dict") + "answer = Evil()", STOPPED, seconds=0.1),
    Attempt("no answer at all", "answer.clear(); del answer", r"ok: "),
    Attempt("a name that is no text", "globals()[5] = 1", _ANY),
    Attempt("a name that is a text of a kind", _evil("startswith", "raise SystemExit", "str") + "globals()[Evil('x')] = 1", _ANY),
    Attempt("a name that hashes at its own pace", "class E(str):\n    n = 0\n    def __hash__(s): return hash(str(s))\n    def __eq__(s, o):\n        E.n += 1\n        if E.n > 5: raise OSError\n        return str.__eq__(s, o)\nglobals()[E('zz')] = 1", _ANY),
    Attempt("an exception that hangs", _evil("__str__", _HANG_LINE, "Exception") + "raise Evil", STOPPED, seconds=0.1),
    Attempt("an exception that raises", _evil("__str__", "raise SystemExit", "Exception") + "raise Evil", _ANY),
    Attempt("an exception of no kind", "class Evil(BaseException): pass\nraise Evil('x')", r"error: .*x.*"),
    Attempt("a group of exceptions without bottom", "e = ValueError(1)\nfor _ in range(5000): e = ExceptionGroup('g', [e])\nraise e", _ANY),
    Attempt("an exception that is its own cause", "e = ValueError(1)\ne.__cause__ = e.__context__ = e\nraise e", r"error: .*"),
    Attempt("notes without end", "e = ValueError(1)\ne.__notes__ = ['x' * 10**7] * 10\nraise e", r"error: .*"),
    Attempt("notes that are none", "e = ValueError(1)\ne.__notes__ = 5\nraise e", r"error: .*"),
    Attempt("a syntax error that lies", "raise SyntaxError('x', ('<cell 1>', -5, 10**9, 'text', 'x', ()))", _ANY),
    Attempt("an exit that hangs", _evil("__str__", _HANG_LINE) + "raise SystemExit(Evil())", STOPPED, seconds=0.1),
    Attempt("an exit that raises", _evil("__str__", "raise ValueError") + "raise SystemExit(Evil())", _ANY),
    Attempt("an exit whose code cannot be compared", _evil("__eq__", "raise ValueError") + "raise SystemExit(Evil())", _ANY),
    Attempt("a prompt of a kind", _evil("__len__", "return 10**18", "str") + "llm_query(Evil('x'))", _ANY),
    Attempt("a prompt that encodes itself", _evil("encode", "raise SystemExit", "str") + "llm_query(Evil('x'))", prints("'<x>'")),
    Attempt("a prompt of half a character", "llm_query('\\ud800')", r"ok: .*"),
    Attempt("a prompt that is huge", "len(llm_query('x' * 10**8))", r"ok: \d+"),
    Attempt("prompts without end", "llm_query_batched(iter(lambda: 'x' * 10**6, 1))", r"memory(, restored)?: .*"),
    Attempt("a model that is none", "llm_query('x', model=5)", r"crash, restored: .*|error: .*"),
    Attempt("a number of passages", "find('x', k=10**4000)", _ANY),
    Attempt("a number of passages that is no number", "find('x', k=float('nan'))", r"error: .*"),
    Attempt("a passage that lies", "p = find('x')[0]\np.start = p.document = 10**30\nread('q', [p])", _ANY),
    Attempt("a passage with a place of its own", _evil("__index__", "return 1") + "p = find('x')[0]\np.document = Evil()\nread('q', [p])", _ANY),
    Attempt("a pickle for whoever loads it", "import pickle\nclass E:\n    def __reduce__(self): return (open, ('was-here', 'w'))\nanswer['content'] = pickle.dumps(E()); pickle.dumps(E())", r"ok: .*"),
    Attempt("a pickle loaded", "import pickle\npickle.loads(b\"cos\\nsystem\\n(S'/bin/true'\\ntR.\")", prints("32512")),
    Attempt("marshalled nonsense", "import marshal, random\nr = random.Random(1)\nfor _ in range(10000):\n    try: marshal.loads(r.randbytes(60))\n    except Exception: pass", r"(ok|memory|error|crash, restored): .*"),
    Attempt("colours and titles for the terminal", "print('\\x1b]0;title\\x07\\x1b[2J'); '\\x1b[2J'", r"ok: .*"),
]  # fmt: skip
