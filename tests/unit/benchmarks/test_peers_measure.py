from pathlib import Path

from benchmarks.peers.measure import measure


class Recorded:
    """Tells what is done with it, in order."""

    libraries = ("pytest",)

    def __init__(self):
        self.calls = []

    def load(self, model, work):
        self.calls.append(("load", model, work))

    def index(self, files):
        self.calls.append(("index", *files))
        return 7

    def search(self, question, top_k):
        self.calls.append(("search", question, top_k))
        return [("river", question)]


QUESTIONS = ["一？", "二？"]
TASK = {"model": "m", "work": "w", "files": ["a.txt"], "questions": QUESTIONS, "top_k": 5}


def test_each_question_is_asked_once_after_loading_indexing_and_one_that_is_not_measured():
    system = Recorded()
    measure(system, TASK)
    load, index, warm_up, *asked = system.calls
    assert load == ("load", Path("m"), Path("w"))
    assert index == ("index", Path("a.txt"))
    assert warm_up[0] == "search"
    assert warm_up[1] not in QUESTIONS
    assert asked == [("search", "一？", 5), ("search", "二？", 5)]


def test_passages_and_times_are_those_of_the_questions():
    measured = measure(Recorded(), TASK)
    assert measured["passages"] == [[("river", "一？")], [("river", "二？")]]
    assert len(measured["query_seconds"]) == len(measured["query_cpu_seconds"]) == 2
    assert measured["n_pieces"] == 7
    assert set(measured["versions"]) == {"pytest"}
    assert measured["peak_mb"] > 0
