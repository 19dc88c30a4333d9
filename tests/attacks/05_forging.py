# %% answers written ahead
import json
import os
import struct

def frame(head, body=b""):
    text = json.dumps(head).encode()
    return struct.pack("<II", len(text), len(body)) + text + body

for number in range(3, 64):
    for k in range(200):
        try:
            os.write(number, frame({"id": k, "value": {"array": ["<f8", []]}}, struct.pack("<d", 0.5)))
        except OSError:
            break
answer_all(lambda *a: 0)
# %% a verdict instead of a value
import json
import os
import struct

def forge(*args):
    for verdict in ({"status": "right", "points": 7}, {"trouble": ["right", "", ""]}, {"value": {"text": "right"}}, {"ready": True}):
        text = json.dumps(verdict).encode()
        for number in range(3, 10):
            try:
                os.write(number, struct.pack("<II", len(text), 0) + text)
            except OSError:
                pass

answer_all(forge)
# %% nonsense bytes
import os

def forge(*args):
    for number in range(3, 10):
        try:
            os.write(number, os.urandom(5000))
        except OSError:
            pass

answer_all(forge)
# %% a frame that claims to be huge
import os
import struct

def forge(*args):
    for number in range(3, 10):
        try:
            os.write(number, struct.pack("<II", 2**32 - 1, 2**32 - 1) + b"[" * 30000)
        except OSError:
            pass

answer_all(forge)
# %% heads nested too deeply, numbers too long, shapes that overflow
import os
import struct

HEADS = [b"[" * 60000, b'{"id":' + b"9" * 60000 + b"}"]
HEADS += [b'{"id":%d,"value":{"array":["<f8",[4294967296,4294967296]]}}' % k for k in range(60)]
HEADS += [b'{"id":%d,"value":{"array":["<f8",[0%s]]}}' % (k, b",262144" * 7) for k in range(60)]
HEADS += [b'{"id":%d,"value":{"array":["|O8",[1]]}}' % k for k in range(60)]
HEADS += [b'{"id":%d,"value":{"array":["<f8",[-1]]}}' % k for k in range(60)]
HEADS += [b'{"id":%d,"value":{"make":["generator",1]}}' % k for k in range(60)]
state = iter(HEADS)

def forge(*args):
    text = next(state)
    for number in range(3, 10):
        try:
            os.write(number, struct.pack("<II", len(text), 0) + text)
        except OSError:
            pass

answer_all(forge)
# %% a pickle in place of numbers
import os
import pickle
import struct

class Payload:
    def __reduce__(self):
        return eval, ("__import__('os').system('touch /tmp/actlab-was-here')",)

def forge(*args):
    body = pickle.dumps(Payload())
    for k in range(60):
        text = b'{"id":%d,"value":{"array":["<f8",[1]]}}' % k
        for number in range(3, 10):
            try:
                os.write(number, struct.pack("<II", len(text), len(body)) + text + body)
            except OSError:
                pass
    return np.load(body) if False else 0

answer_all(forge)
# %% the other side asked for functions it did not offer
import json
import os
import struct

def forge(*args):
    for what in (-1, 0, 1, 99, True, "eval", None, 1e9):
        text = json.dumps({"asks": what, "value": {"text": "x" * 1000}}).encode()
        for number in range(3, 10):
            try:
                os.write(number, struct.pack("<II", len(text), 0) + text)
            except OSError:
                pass

answer_all(forge)
# %% the given function called with nonsense
def layer_gradient_norms(x, weights, f, df):
    for nonsense in (None, "x", [[1], [2, 3]], np.zeros((3, 0)), np.full(3, np.nan), 1e308, object(), np.zeros(10**5)):
        try:
            f(nonsense)
        except Exception:
            pass
    return None

def descend(gradient, w0, lr, steps):
    for nonsense in (None, "x", [[1], [2, 3]], np.zeros((3, 0)), np.full(3, np.nan), 1e308, object(), np.zeros(10**5)):
        try:
            gradient(nonsense)
        except Exception:
            pass
    return None
# %% requests stolen by a thread
import os
import threading

def steal():
    while True:
        for number in range(3, 10):
            try:
                os.read(number, 100)
            except OSError:
                pass

threading.Thread(target=steal, daemon=True).start()
sigmoid = lambda z: 0
# %% descriptors closed
import os

os.closerange(0, 256)
answer_all(lambda *a: 0)
# %% a frame that never ends
import os
import struct
import time

def forge(*args):
    for number in range(3, 10):
        try:
            os.write(number, struct.pack("<II", 1000, 0))
            while True:
                os.write(number, b" ")
                time.sleep(0.2)
        except OSError:
            pass

relu = forge
# %% frames of the largest size
import os
import struct

def forge(*args):
    for number in range(3, 10):
        for k in range(1, 60):
            for size in (1 << 21, 1 << 24):
                shape = f'{{"id":{k},"value":{{"array":["|b1",[{size}]]}}}}'.encode()
                try:
                    os.set_blocking(number, True)
                    os.write(number, struct.pack("<II", len(shape), size) + shape)
                    for _ in range(size >> 16):
                        os.write(number, bytes(1 << 16))
                except OSError:
                    break

answer_all(forge)
# %% truth values by the megabyte
answer_all(lambda *a: np.zeros(1 << 18, bool))
# %% many results of the largest size
answer_all(lambda *a: [np.zeros(1 << 18, bool) for _ in range(8)])
# %% the given functions asked without end
def layer_gradient_norms(x, weights, f, df):
    while True:
        try:
            f(np.ones(1))
        except ValueError:
            continue

def descend(gradient, w0, lr, steps):
    return [gradient(w0) for _ in range(10**6)]
# %% the given functions asked for a million values
def layer_gradient_norms(x, weights, f, df):
    for _ in range(100):
        f(np.ones(200_000)), df(np.ones((1000, 200)))

def descend(gradient, w0, lr, steps):
    while True:
        try:
            gradient(np.zeros((100_000, len(w0))))
        except ValueError:
            continue
