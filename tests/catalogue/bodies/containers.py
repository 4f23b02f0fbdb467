"""Bodies of two arrays and more, and of containers."""

import collections

import numpy as np

from tests.catalogue.bodies.body import USUAL, Box, Frozen, Nested, Pair, body
from tests.catalogue.bodies.state import LOG

# ---------------------------------------------------------- two arrays, and more


@body
def two_arrays(x, y):
    x[0] = y[-1]
    return x, y


@body
def sum_into_the_first(x, y):
    x += y
    return x


@body
def one_of_two(x, y):
    z = x if x.size > y.size else y
    z[0] = 3
    return x, y


@body
def swapped_names(x, y):
    x, y = y, x
    x[0] = 5
    return x, y


@body(take=lambda a: (a, a))
def same_twice(x, y):
    x[0] = 5
    return x is y, x, y


@body(take=lambda a: (a, a))
def same_twice_reads(x, y):
    return x is y, np.shares_memory(x, y), x + y


@body(take=lambda a: (a, [a, (a,)]))
def same_in_a_list(x, items):
    x[0] = 5
    return items[0] is x, items[1][0] is x, items


@body(script=lambda f, a: f(a, y=a))
def same_by_name(x, *, y):
    y[0] = 3
    return x is y, x


@body(take=lambda a: (a[1:], a[:-1]))
def overlapping(x, y):
    x[...] = 5
    return x, y, np.shares_memory(x, y)


@body(take=lambda a: (a, a[1:]))
def array_and_its_view(x, y):
    y[...] = 5
    return x, y, y.base is x, np.shares_memory(x, y)


@body(take=lambda a: (a[:], a[:]))
def equal_views(x, y):
    x[0] = 5
    return x, y, x is y


@body(take=lambda a: (a, a.T))
def array_and_its_transpose(x, y):
    y[0] = 5
    return x, y


@body(take=lambda a: (a, a[::-1]))
def added_to_its_reverse(x, y):
    x += y
    return x, y


@body(take=lambda a, b: (a, b, 3, "text", None))
def mixed_arguments(x, y, k, text, nothing):
    y[0] = k
    return x, y, text, nothing


@body(take=lambda a, b: (a, b, a))
def star_arguments(*arrays):
    for i, each in enumerate(arrays):
        each[0] = i
    return arrays, len(arrays)


@body(script=lambda f, a, b: f(first=a, second=b))
def star_keywords(**arrays):
    arrays["first"][0] = 4
    arrays["third"] = arrays["second"][1:]
    return arrays


@body(script=lambda f, a, b: f(a, y=b))
def keyword_only(x, *, y, z=None):
    y[0] = 3
    return x, y, z


@body(script=lambda f, a, b: f(a, b))
def positional_only(x, y, /, z=2):
    x[0] = z
    return x, y


@body(script=lambda f, a, b: f(a, b, 3, k=b))
def all_kinds_of_parameters(x, /, y, *rest, k, **more):
    k[0] = 5
    return y is k, x, y, rest, more


# ---------------------------------------------------------------- containers


@body(take=lambda a: ([a, a[1:]],))
def list_argument(items):
    items[0][0] = 5
    items.append(items[0])
    return items


@body(take=lambda a: ([a, 3, 1],))
def list_cleared(items):
    first = items.pop(0)
    items.sort()
    first[0] = items[0]
    items.clear()
    return first, items


@body(take=lambda a: ([3, 1, 2], a))
def list_without_arrays(items, x):
    items.sort()
    items.append(x)
    return items


@body(take=lambda a: ((a, [a]),))
def tuple_argument(pair):
    x, (y,) = pair
    x[0] = 5
    return x is y, pair


@body(take=lambda a: ({"x": a, "k": 2},))
def dict_argument(config):
    config["x"][0] = config["k"]
    config.update(y=config["x"][1:], k=3)
    del config["x"]
    return config


@body(take=lambda a: ({"x": a},))
def dict_loops(config):
    for name, value in config.items():
        value[0] = len(name)
    for value in config.values():
        value[-1] = 4
    return config


@body(take=lambda a: ({"x": a},))
def dict_unpacked(config):
    def write(x):
        x[0] = 3

    write(**config)
    return {**config, "y": config["x"]}


@body(take=lambda a: (collections.defaultdict(list, {"x": [a]}),))
def default_dict_argument(config):
    config["new"].append(1)
    config["x"][0][0] = 5
    return config


@body(take=lambda a: ({Frozen(a)}, frozenset([Frozen(a)])))
def set_arguments(boxes, frozen):
    (box,) = boxes
    box.x[0] = 5
    boxes.clear()
    (other,) = frozen
    return other.x is box.x, boxes, box


@body(take=lambda a: (collections.deque([a, 1, a[1:]], maxlen=3),))
def deque_argument(items):
    items[0][0] = 5
    items.rotate(1)
    items.append(9)
    return items


@body(take=lambda a: (Box(a),))
def dataclass_argument(box):
    box.x[0] = 5
    box.x += 1
    box.name = "changed"
    return box, box.x


@body(take=lambda a: (Frozen(a), a))
def frozen_dataclass_argument(box, x):
    box.x[0] = 5
    return box.x is x, box


@body(take=lambda a: (Nested([Box(a)], {"a": (a,)}),))
def nested_argument(tree):
    tree.boxes[0].x[0] = 5
    tree.boxes.append(3)
    return tree, tree.by_name["a"][0]


@body(take=lambda a: (Pair(a, a[1:]),))
def named_tuple_argument(pair):
    pair.first[0] = 4
    return pair, pair._replace(first=None)


def _cycle(a):
    items = [a]
    items.append({"up": items})
    return (items,)


@body(take=_cycle)
def cyclic_argument(items):
    items[1]["up"][0][0] = 5
    return items[1]["up"] is items, items[0]


@body(take=lambda a: ([[a], [a]], a))
def list_of_lists(rows, x):
    rows[0][0][0] = 5
    rows[0] = rows[1]
    return rows[1][0] is x, rows


@body(take=lambda a: ((lambda row: [row, row])([a]),))
def list_twice(rows):
    rows[0].append(1)
    return rows[0] is rows[1], rows


@body(take=lambda a, b: ([a, b],))
def matched(items):
    match items:
        case [first, *rest] if len(rest):
            first[0] = 4
    match {"box": Box(items[1])}:
        case {"box": Box(x=y)}:
            y[-1] = 5
    match items[0].shape:
        case (n,):
            return n, items
        case (n, m):
            return n, m, items


@body(take=lambda a: ([a],))
def only_read_from_a_list(items):
    return [each.sum() for each in items], items[0].shape


@body(take=lambda a: ([a],))
def list_returned(items):
    return items, items[0][1:]


def keep_list(f, a):
    items = [a]
    result = f(items)
    items.append("callers")
    return result


@body(script=keep_list, state=lambda: LOG, reset=LOG.clear)
def list_kept(items):
    LOG.append(items)
    items.append(items[0][1:])
    return len(items)


@body(take=lambda a: (a,), kinds=USUAL, dims=(2,))
def del_statements(x):
    y = x[0]
    z = x
    del x
    z[0] = 5
    del z
    return y
