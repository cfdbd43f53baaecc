"""What a run found, as Markdown that can be shown to anybody: no secret, no account, no host of one's own."""

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field


class Failed(Exception):
    """A step could not do what it should; the text says why."""


@dataclass
class Step:
    name: str
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str):
        self.notes.append(text)

    def check(self, what: str, problem: str | None):
        """Something that was looked at, and what is wrong with it."""
        if problem:
            self.problems.append(f"{what}: {problem}")


class Report:
    def __init__(self, hidden: dict[str, str]):
        """`hidden`: what is written in place of a text that nobody should see."""
        self.hidden = {text: word for text, word in hidden.items() if text}
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str):
        """A step under way. What goes wrong in it is told and does not stop those after it."""
        step = Step(name)
        self.steps.append(step)
        print(f"{name} …", flush=True)
        begun = time.monotonic()
        try:
            yield step
        except Failed as error:
            step.problems.append(str(error))
        except KeyboardInterrupt:
            step.problems.append("interrupted")
        except Exception as error:  # A report with a hole in it says more than none.
            step.problems.append(f"{type(error).__name__}: {error}")
        step.seconds = time.monotonic() - begun
        for problem in step.problems:
            print(f"  wrong: {self.clean(problem)}", flush=True)
        print(f"  {step.seconds:.0f} s", flush=True)

    def is_good(self) -> bool:
        return not any(step.problems for step in self.steps)

    def clean(self, text: str) -> str:
        for secret, word in self.hidden.items():
            text = text.replace(secret, word)
        return re.sub(r"\b\d{12}\b", "123456789012", text)

    def markdown(self) -> str:
        rows = [
            f"| {step.name} | {'**wrong**' if step.problems else 'good'} | {step.seconds:.0f} s |" for step in self.steps
        ]
        lines = ["# Rollcall on AWS", "", "| step | | took |", "|---|---|---|", *rows, ""]
        for step in self.steps:
            told = [f"- **wrong**: {it}" for it in step.problems] + [f"- {it}" for it in step.notes]
            lines += [f"## {step.name}", "", *told, ""] if told else []
        return self.clean("\n".join(lines))
