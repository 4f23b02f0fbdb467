"""Text as bytes: views of other dtypes, buffers, shuffles of letters."""

import numpy as np

text = "the quick brown fox jumps over the lazy dog"
codes = np.frombuffer(text.encode(), dtype=np.uint8)
letters = np.array(sorted(set(text) - {" "}))
keys = letters.copy()
np.random.seed(5)
np.random.shuffle(keys)
table = np.arange(256, dtype=np.uint8)
table[[ord(c) for c in letters]] = [ord(c) for c in keys]
secret = table[codes]
back = np.argsort(table)[secret].astype(np.uint8)
result = secret, back.tobytes().decode(), keys.view(np.int32)
