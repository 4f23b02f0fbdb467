"""Views, writes, copies, exports and deletions in any order hypothesis likes."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.programs import machine

STEPS = sorted({step.__name__ for step in machine.Machine.STEPS})


class Values(RuleBasedStateMachine):
    """Every array keeps the values of an eagerly copied plain twin."""

    @initialize(dtype=st.sampled_from(["f8", "i2", "c8", "O", "T"]))
    def start(self, dtype):
        machine.ROWS, machine.COLUMNS = 5, 6
        self.machine = machine.Machine(0, dtype)

    @rule(random=st.randoms(use_true_random=False), step=st.sampled_from(STEPS))
    def step(self, random, step):
        self.machine.random = random
        getattr(self.machine, step)()

    @invariant()
    def as_the_twins(self):
        if hasattr(self, "machine"):
            self.machine.check()

    def teardown(self):
        machine.ROWS, machine.COLUMNS = 96, 128


TestValues = Values.TestCase
TestValues.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
