# What is drawn is typed by NumPy, as a plain array: `cow.asarray(...)` regains the type.
from numpy.random import *
