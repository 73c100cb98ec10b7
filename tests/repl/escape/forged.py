"""Messages of the cell's own making, on every descriptor it has."""

from tests.repl.escape.attempt import Attempt

_ANY = r"(ok|error|crash|crash, restored|timeout|timeout, restored|memory, restored): .*"
_DIES = r"(crash|timeout|memory)(, restored)?: .*"
SOCKETS = """
import array, fcntl, json, os, select, socket, stat, struct, threading, time
def is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
own = [socket.socket(fileno=os.dup(fd)) for fd in list(filter(is_socket, range(3, 64)))]
streams = [s for s in own if s.type == socket.SOCK_STREAM]
controls = [s for s in own if s.type != socket.SOCK_STREAM]
(channel,) = streams
def body(message): return json.dumps(message).encode() if not isinstance(message, bytes) else message
def framed(message): return struct.pack('!I', len(body(message))) + body(message)
def say(*messages):
    for message in messages: channel.sendall(framed(message))
def tell(*messages):
    for control in controls:
        for message in messages: control.send(body(message))
done = {'type': 'done', 'status': 'ok', 'error': '', 'traceback': '', 'ready': False, 'draft': '', 'variables': {}, 'dropped': 0, 'threads': 0}
def call(api, n=1, **args): return {'type': 'call', 'id': n, 'api': api, 'args': args}
query = {'prompts': ['p'], 'model': None, 'batched': False}
"""
"""Finds the sockets the cell has and gives it words to speak on them."""

_CHANNEL = {
    "noise": "channel.sendall(b'\\xff' * 100)",
    "a list": "say(b'[]')",
    "no JSON": "say(b'{')",
    "nothing": "say(b'')",
    "a frame that is too long": "channel.sendall(b'\\x7f\\xff\\xff\\xff')",
    "no message known": "say({'type': 'reboot'})",
    "a message without a type": "say({})",
    "a type that is none": "say({'type': []})",
    "another start": "say({'type': 'started', 'pid': 1, 'checkpoint': False})",
    "a call that is none": "say(call('os.system'))",
    "a call without arguments": "say({'type': 'call', 'id': 1, 'api': 'find'})",
    "a call with more": "say(call('find', query='x', k=1, path='/'))",
    "a call with a number too large for any": "say(call('find', 10**4000, query='x', k=1))",
    "prompts that are none": "say(call('llm_query', **query | {'prompts': [1]}))",
    "contexts that are missing": "say(call('rlm_query', **query, contexts=[]))",
    "nested lists": "say(b'[' * 10**6)",
    "nested lists in a call": "say(b'{\"type\":\"call\",\"id\":1,\"api\":\"find\",\"args\":' + b'[' * 900 + b']' * 900 + b'}')",
    "nested dicts in a call": "say(b'{\"type\":\"call\",\"id\":1,\"api\":\"find\",\"args\":' + b'{\"a\":' * 900 + b'1' + b'}' * 901)",
    "a huge number": "say(b'{\"type\":' + b'9' * 10**6 + b'}')",
    "a number that is none": "say(b'{\"type\":\"started\",\"pid\":NaN,\"checkpoint\":true}')",
    "half a character in a name": "say(done | {'\\ud800': 1})",
    "half a character as a type": "say({'type': '\\ud800'})",
    "half a character as a call": "say(call('\\ud800'))",
    "another encoding": "say(json.dumps({'type': 'output', 'stream': 'stdout', 'text': 'x'}).encode('utf-16'))",
    "bytes that are no ASCII": "say('{\"type\":\"ä\"}'.encode())",
    "twenty million lists": "say(b'{\"type\":\"call\",\"id\":1,\"api\":\"rlm_query\",\"args\":{\"prompts\":[' + b'[],' * 20_000_000 + b'[]]}}')",
    "sixteen million texts": "say(b'{\"type\":\"call\",\"id\":1,\"api\":\"llm_query\",\"args\":{\"model\":null,\"batched\":true,\"prompts\":[' + b'\"a\",' * 16_000_000 + b'\"\"]}}')",
    "quotes of a text without an end": "say(b',' * (2**20 + 1) + b'\\\\\"' * 2**24)",
    "quotes of a text without an end, cut": "say(b',' * (2**20 + 1) + b'\\\\\"' * 2**24 + b'\\\\')",
    "millions of names": "say(b'{' + b'\"n\":0,' * 4_000_000 + b'\"n\":0}')",
    "an end with more": "say(done | {'more': 1})",
    "an end that is none": "say(done | {'status': 'timeout'})",
    "an end below zero": "say(done | {'dropped': -1})",
    "an end beyond all": "say({'type': 'output', 'stream': 'stdout', 'text': 'x' * 200_000}, done | {'dropped': 10**4299})",
    "a place that is none": "say({'type': 'output', 'stream': 'stdin', 'text': 'x'})",
    "the host's own replies": "say({'id': 1, 'value': ['forged']})",
}  # fmt: skip
_CONTROL = {
    "noise": "tell(b'nonsense')",
    "nothing": "for control in controls: control.send(b'')",
    "a failure": "tell({'type': 'failed', 'error': 'forged'})",
    "a failure that is long": "tell({'type': 'failed', 'error': 'x' * 100_000})",
    "a return": "tell({'type': 'restored', 'status': 0})",
    "a return and a death": "tell({'type': 'restored', 'status': 0}); os._exit(0)",
    "another state": "tell({'type': 'state', 'pid': 1, 'fresh': True})",
    "the host as the state": "tell({'type': 'state', 'pid': $host, 'fresh': False}); os._exit(0)",
    "the parent as the state": "tell({'type': 'state', 'pid': os.getppid(), 'fresh': False}); os._exit(0)",
    "a state of no process": "tell({'type': 'state', 'pid': 10**20, 'fresh': True})",
    "a state below zero": "tell({'type': 'state', 'pid': -1, 'fresh': True})",
    "many at once": "for c in controls: c.setblocking(False)\ntry:\n    for _ in range(10**5): tell({'type': 'restored', 'status': 0})\nexcept OSError: pass\nfor c in controls: c.setblocking(True)",
    "many for ever": "def flood():\n    try:\n        while True: tell({'type': 'restored', 'status': 0})\n    except OSError: pass\nthreading.Thread(target=flood, daemon=True).start()",
    "what is read there": "for c in controls: c.recv(100, socket.MSG_DONTWAIT)",
    "no waiting any more": "for c in controls: c.setblocking(False)",
    "shut for writing": "for c in controls: c.shutdown(socket.SHUT_WR)",
    "shut for reading": "for c in controls: c.shutdown(socket.SHUT_RD)",
    "shut": "for c in controls: c.shutdown(socket.SHUT_RDWR)",
    "closed": "os.closerange(3, 200)",
    "everything closed": "os.closerange(0, 200)",
    "something else in its place": "read, write = os.pipe()\nfor fd in range(3, 20):\n    if fd not in (read, write): os.dup2(read, fd)",
    "itself as another's": "for c in controls: c.sendmsg([b'{}'], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack('iII', 1, 0, 0))])",
    "a listener that is none": "for c in controls: socket.send_fds(c, [body({'type': 'state', 'pid': os.getpid(), 'fresh': False})], [0])",
    "a listener that is a pipe": "r, w = os.pipe(); os.write(w, b'x')\nfor c in controls: socket.send_fds(c, [body({'type': 'state', 'pid': os.getpid(), 'fresh': False})], [r])",
    "a listener that is itself": "for c in controls: socket.send_fds(c, [body({'type': 'state', 'pid': os.getpid(), 'fresh': False})], [c.fileno()])",
}  # fmt: skip
_SENT = {
    "on the control socket": "for c in controls: socket.send_fds(c, [body({'type': 'restored', 'status': 0})], [write] * 30)",
    "with noise": "for c in controls: socket.send_fds(c, [b'nonsense'], [write] * 30)",
    "with nothing": "for c in controls: socket.send_fds(c, [b''], [write] * 30)",
    "many of them": "for c in controls: socket.send_fds(c, [body({'type': 'restored', 'status': 0})], [write] * 250)",
    "as a state": "for c in controls: socket.send_fds(c, [body({'type': 'state', 'pid': 1, 'fresh': True})], [write] * 30)",
    "on the channel": "socket.send_fds(channel, [framed({'type': 'output', 'stream': 'stdout', 'text': ''})], [write] * 30)",
}  # fmt: skip

ATTEMPTS = [
    *(
        Attempt(f"channel: {what}", f"{SOCKETS}{code}\nwhile True: pass", r"(crash|timeout|memory), restored: .*", seconds=1, spoils=True)
        for what, code in _CHANNEL.items()
    ),
    *(
        Attempt(f"control: {what}", f"{SOCKETS}{code}", _ANY, seconds=2, keeps=False)
        for what, code in _CONTROL.items()
    ),
    *(
        Attempt(
            f"descriptors sent {what}",
            f"{SOCKETS}read, write = os.pipe()\n{code}\nos.close(write)\np = select.poll(); p.register(read); len(p.poll(10_000))",
            r"ok: 1.*|crash.*",
            keeps=False,
        )
        for what, code in _SENT.items()
    ),
    Attempt("half a frame", f"{SOCKETS}channel.sendall(b'\\x00\\x00\\x10\\x00{{')\nwhile True: pass", r"timeout, restored: .*", seconds=0.1, spoils=True),
    Attempt("files that nobody asked for", f"{SOCKETS}file = open('x', 'wb')\nfor _ in range(20): socket.send_fds(channel, [framed({{'type': 'output', 'stream': 'stdout', 'text': ''}})], [file.fileno()])\nwhile True: pass", r"crash, restored: .*", seconds=2, spoils=True),
    Attempt("files announced that do not come", f"{SOCKETS}say(call('rlm_query', **query, contexts=[{{'sizes': [5], 'several': False}}]))\nwhile True: pass", r"crash, restored: .*", seconds=2, spoils=True),
    Attempt("files that are shorter than announced", f"{SOCKETS}file = open('x', 'w+b')\nsocket.send_fds(channel, [framed(call('rlm_query', **query, contexts=[{{'sizes': [2**40], 'several': False}}]))], [file.fileno()])\nchannel.recv(1000)[4:]", r".*shorter than was said.*"),
    Attempt("files that cannot be read", f"{SOCKETS}open('x', 'wb').write(b'12345')\nsocket.send_fds(channel, [framed(call('rlm_query', **query, contexts=[{{'sizes': [5], 'several': False}}]))], [os.open('x', os.O_WRONLY)])\nchannel.recv(1000)[4:]", r".*Bad file descriptor.*"),
    Attempt("an end before the end", f"{SOCKETS}say(done)\nwhile True: pass", r"ok: ", keeps=False, seconds=2),
    Attempt("two ends", f"{SOCKETS}say(done, done, done)", _ANY, keeps=False),
    Attempt("an end that is long", f"{SOCKETS}say(done | {{'draft': 'd' * 10**7, 'ready': True, 'traceback': 't' * 10**7, 'error': 'e' * 10**7, 'variables': {{'n' * 10**6: 'v' * 10**6}} | {{str(i): '' for i in range(10**5)}}}})", _ANY, keeps=False),
    Attempt("a flood of calls", f"{SOCKETS}channel.settimeout(1)\nflood = framed(call('find', query='x', k=1)) * 1000\ntry:\n    for _ in range(1000): channel.sendall(flood)\nexcept OSError: pass", _ANY, keeps=False, seconds=3),
    Attempt("a flood of output of nothing", f"{SOCKETS}flood = framed({{'type': 'output', 'stream': 'stdout', 'text': ''}}) * 1000\nwhile True: channel.sendall(flood)", r"timeout, restored: .*", seconds=0.1),
    Attempt("a flood of bytes, one at a time", f"{SOCKETS}frame_ = framed({{'type': 'output', 'stream': 'stdout', 'text': 'x' * 20000}})\nfor i in range(len(frame_)): channel.send(frame_[i:i+1])", r"ok: x+"),
    Attempt("replies that nobody reads", f"{SOCKETS}for n in range(200): say(call('llm_query', n, **query | {{'prompts': ['p' * 50] * 1000, 'batched': True}}))\nwhile True: pass", r"timeout, restored: .*", seconds=0.5),
    Attempt("calls left open", f"{SOCKETS}for n in range(20): say(call('find', n, query='x', k=1))", r"(ok|error|crash.*): .*", spoils=True),
]  # fmt: skip
