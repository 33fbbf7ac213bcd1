import io
import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace

import pytest

import rag.commands
from embeddings.errors import WeightsNotFoundError
from rag.cli import main
from rag.errors import IndexNotFoundError
from rag.interfaces import Interfaces
from rag.output import answer_record, answer_text, as_json
from rag.schema import answer_schema
from rag.types import Document, Span
from tests.fakes import NO_ANSWER, FakePipeline, HashEncoder, make_answer, make_index

TEXT = "一、概况\n青河县共有贫困户12户。\r\n其余不详。🙂"
RIVER = Document("river", "0", TEXT, "青河县报告", years=(2019,))
LAKE = Document("lake", "1", "青河县有湖3个。", "湖泊报告", years=(2020,))
QUESTION = "多少户？"


class ServedPipeline(FakePipeline):
    model_ids = {"encoder": "fake", "reader": "fake"}  # noqa: RUF012 (a fake)


@pytest.fixture
def opened(monkeypatch):
    """The settings that each pipeline was opened with."""
    seen = []

    def open_pipeline(config, paths=()):
        seen.append((config, paths))
        answer = make_answer(QUESTION, RIVER, TEXT, "青河县共有贫困户12户。", "12户")
        return ServedPipeline({"river": RIVER}, {QUESTION: answer})

    monkeypatch.setattr(rag.commands, "open_pipeline", open_pipeline)
    return seen


def write_rows(path, *rows):
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_ask_shows_answer_confidence_and_quoted_sentence(opened, capsys):
    code, out, err = run(capsys, "ask", QUESTION)
    assert (code, err) == (0, "")
    assert "12户 [1]" in out
    assert "confidence 92%" in out
    assert "[1] 青河县报告  (river [5:17])\n    青河县共有贫困户12户。" in out


def test_ask_shows_related_passages_when_abstaining(opened, capsys):
    _, out, _ = run(capsys, "ask", "谁？")
    assert out.startswith(NO_ANSWER)
    assert "related:\n  1. 1.0000  river [0:" in out
    assert "[1]" not in out


def test_ask_jsonl_has_the_fields_of_the_contract(opened, capsys, tmp_path):
    rows = [{"id": "a", "question": QUESTION}, {"id": 2, "question": "谁？"}]
    path = write_rows(tmp_path / "q.jsonl", *rows)
    code, out, err = run(capsys, "ask", "--questions", path, "--jsonl")
    assert (code, err) == (0, "")
    answered, refused = map(json.loads, out.splitlines())
    assert list(answered) == [
        "id", "question", "answer", "abstained", "confidence", "citations", "passages", "seconds",
        "understood", "sides",
    ]  # fmt: skip
    assert (answered["id"], answered["answer"], answered["abstained"]) == ("a", "12户", False)
    (citation,) = answered["citations"]
    assert TEXT[citation["start"] : citation["end"]] == citation["text"]
    assert (citation["document"], citation["title"]) == ("river", "青河县报告")
    assert citation["answer_spans"] == [{"start": 13, "end": 16}]
    (passage,) = answered["passages"]
    assert list(passage) == ["document", "start", "end", "text", "score"]
    assert (refused["id"], refused["answer"], refused["citations"]) == (2, NO_ANSWER, [])


def test_ask_goes_on_after_a_bad_row_and_names_its_line(opened, capsys, tmp_path):
    rows = ["{", {"id": 1}, {"id": 2, "question": "长" * 3000}, {"id": 3, "question": "谁？"}]
    path = write_rows(tmp_path / "q.jsonl", *rows)
    code, out, err = run(capsys, "ask", "--questions", path, "--jsonl")
    assert code == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == [3]
    first, second, third = err.splitlines()
    assert first.startswith(f"rag: {path} line 1: not valid JSON")
    assert second.startswith(f"rag: {path} line 2: 'question' is None")
    assert third == f"rag: {path} line 3: the question has 3000 characters"


def test_ask_json_prints_one_record(opened, capsys):
    _, out, _ = run(capsys, "ask", QUESTION, "--json")
    assert json.loads(out)["answer"] == "12户"


def test_ask_explain_tells_why_below_the_answer(opened, capsys):
    code, out, err = run(capsys, "ask", "--explain", QUESTION)
    assert (code, err) == (0, "")
    answer, why = out.split("\nwhy this answer:\n")
    assert answer.startswith("12户 [1]\nconfidence 92%")
    for told in (
        f"  {QUESTION}\n    words       {QUESTION}",
        "       1  1.0000  1 (0.9000)      -               river [0:",
        "    best of 3 candidates\n      * 0.900  12户  (passage 1)",
        "    refusal 0.050, confidence 0.920, threshold 0.500",
        "      kind        passed       1 of 3 candidates are of another kind",
        "      number      passed\n",
        "  seconds: search 0.100, read 0.200, check 0.010, all 0.400",
    ):
        assert told in why


def test_ask_explain_json_adds_one_field(opened, capsys, tmp_path):
    path = write_rows(tmp_path / "q.jsonl", {"id": "a", "question": QUESTION})
    plain = json.loads(run(capsys, "ask", "--questions", path, "--jsonl")[1])
    _, out, _ = run(capsys, "ask", "--questions", path, "--jsonl", "--explain")
    record = json.loads(out)
    explanation = record.pop("explanation")
    assert record == plain
    assert list(explanation) == ["parts", "term", "seconds"]
    (part,) = explanation["parts"]
    assert part["checks"][0] == {"name": "offer", "outcome": "passed", "items": []}


@pytest.fixture
def two_reports(monkeypatch):
    """The pipeline that is opened, over reports of 2019 and 2020."""
    pipeline = ServedPipeline({"river": RIVER, "lake": LAKE}, {})
    monkeypatch.setattr(rag.commands, "open_pipeline", lambda config, paths=(): pipeline)
    return pipeline


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("options", [["--documents", "lake"], ["--years", "1999", "2020"]])
def test_a_question_is_held_to_chosen_reports_or_years(two_reports, capsys, command, options):
    code, out, _ = run(capsys, command, "谁？", "--json", *options)
    records = [json.loads(line) for line in out.splitlines()]
    passages = records if command == "search" else records[0]["passages"]
    assert (code, [passage["document"] for passage in passages]) == (0, ["lake"])


@pytest.mark.parametrize("explain", [[], ["--explain"]])
def test_each_question_of_a_file_is_held_to_them_too(two_reports, capsys, tmp_path, explain):
    path = write_rows(tmp_path / "q.jsonl", {"id": 1, "question": "谁？"})
    run(capsys, "ask", "--questions", path, "--jsonl", "--documents", "lake", "river", *explain)
    documents, years = two_reports.held_to
    assert (sorted(documents), years) == (["lake", "river"], [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--documents", "sea"], "no report 'sea' on the shelf to ask only (there are: river, lak"),
        (["--years", "1999"], "none of the reports asked covers 1999 (they cover: 2019, 2020)"),
    ],
)
def test_a_filter_that_cannot_be_used_is_told_once(two_reports, capsys, tmp_path, options, told):
    rows = [{"id": 1, "question": "谁？"}, {"id": 2, "question": "谁？"}]
    path = write_rows(tmp_path / "q.jsonl", *rows)
    for asked in (["ask", "--questions", path], ["ask", "谁？"], ["search", "谁？"]):
        code, out, err = run(capsys, *asked, *options)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert told in err


def test_what_is_no_year_is_told_with_an_example(two_reports, capsys):
    with pytest.raises(SystemExit) as stop:
        run(capsys, "ask", "谁？", "--years", "2019年")
    assert stop.value.code == 2
    assert "--years: '2019年' is no year; give it like 2019" in capsys.readouterr().err


@pytest.mark.parametrize("order", ["before", "after"])
def test_settings_stand_before_or_after_the_subcommand(opened, capsys, tmp_path, order):
    settings = ["--index", tmp_path, "--top-k", "3", "--strictness", "0.5"]
    command = ["ask", QUESTION]
    run(capsys, *(settings + command if order == "before" else command + settings))
    ((config, _),) = opened
    assert (config.index, config.top_k, config.strictness) == (tmp_path, 3, 0.5)


def test_flag_beats_environment(opened, capsys, monkeypatch):
    monkeypatch.setenv("RAG_TOP_K", "7")
    monkeypatch.setenv("RAG_INDEX", "elsewhere")
    run(capsys, "ask", QUESTION, "--top-k", "3")
    ((config, _),) = opened
    assert (str(config.index), config.top_k) == ("elsewhere", 3)


def test_search_lists_passages(opened, capsys):
    _, out, _ = run(capsys, "search", "户", "--json")
    assert json.loads(out)["document"] == "river"
    _, out, _ = run(capsys, "search", "户")
    assert out.startswith("  1. 1.0000  river [0:")


def test_eval_prints_table_record_and_page(opened, capsys, tmp_path):
    row = {"id": "a", "question": QUESTION, "lang": "zh", "type": "number", "answers": ["12户"]}
    path, page = write_rows(tmp_path / "q.jsonl", row), tmp_path / "report.html"
    code, out, _ = run(capsys, "eval", "--questions", path, "--html", page)
    assert (code, "no misses" in out) == (0, True)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    _, out, _ = run(capsys, "eval", "--questions", path, "--json")
    assert json.loads(out)["measures"]["accuracy"]["value"] == 1


def test_eval_learns_first_that_the_page_cannot_be_written(opened, capsys, tmp_path):
    row = {"id": "a", "question": QUESTION, "lang": "zh", "type": "number", "answers": ["12户"]}
    path = write_rows(tmp_path / "q.jsonl", row)
    code, _, err = run(capsys, "eval", "--questions", path, "--html", tmp_path / "no" / "r.html")
    assert (code, opened) == (1, [])
    assert err.startswith("rag: cannot write ")


def test_show_text_is_the_canonical_text_byte_for_byte(monkeypatch, capfdbinary):
    monkeypatch.setattr(rag.commands, "load_documents_of_index", lambda config: {"river": RIVER})
    assert main(["show", "river", "--text"]) == 0
    assert capfdbinary.readouterr().out == TEXT.encode()


def test_show_tells_what_is_known_and_which_reports_there_are(monkeypatch, capsys):
    monkeypatch.setattr(rag.commands, "load_documents_of_index", lambda config: {"river": RIVER})
    assert "title       青河县报告" in run(capsys, "show", "river")[1]
    assert json.loads(run(capsys, "show", "river", "--json")[1])["n_chars"] == len(TEXT)
    code, _, err = run(capsys, "show", "hill")
    assert (code, err) == (1, "rag: there is no report 'hill' in the index; known: river\n")


def test_read_lets_the_reader_alone_answer(monkeypatch, capsys, tmp_path):
    from rag.reader.base import Reading

    class EchoReader:
        model_id = "echo"

        def read(self, inputs):
            return [Reading("12户", 1, (Span(2, 5),), 0.75, False) for _ in inputs]

    monkeypatch.setattr(rag.commands, "load_reader", lambda config: EchoReader())
    row = {"id": "a", "question": QUESTION, "passages": ["无", "共有12户"]}
    bad = {"id": "b", "question": QUESTION, "passages": "无"}
    path = write_rows(tmp_path / "r.jsonl", row, bad)
    code, out, err = run(capsys, "read", "--input", path, "--jsonl")
    record = json.loads(out)
    assert 0 <= record.pop("seconds") < 5
    assert record == {
        "id": "a",
        "answer": "12户",
        "abstained": False,
        "confidence": 0.75,
        "passage": 1,
        "start": 2,
        "end": 5,
    }
    assert (code, "line 2: 'passages' is '无'" in err) == (1, True)


def test_eval_reader_measures_the_reader_alone(monkeypatch, capsys, tmp_path):
    from rag.reader.base import Reading

    class EchoReader:
        model_id = "echo"

        def read(self, inputs):
            return [Reading("12户", 0, (Span(2, 5),), 0.75, False) for _ in inputs]

    monkeypatch.setattr(rag.commands, "load_reader", lambda config: EchoReader())
    asked = [{"id": str(i), "question": QUESTION, "answers": [{"text": "12户"}]} for i in (1, 2)]
    path = write_rows(tmp_path / "squad.jsonl", {"context": "共有12户", "qas": asked})
    answers = tmp_path / "answers.json"
    options = ("eval-reader", "--squad", path, "--limit", "1", "--answers", answers)
    code, out, _ = run(capsys, *options, "--json")
    record = json.loads(out)
    assert (code, record["n"], record["measures"]["em"]["value"]) == (0, 1, 1.0)
    assert json.loads(answers.read_text("utf-8")) == {"1": "12户"}
    _, out, _ = run(capsys, *options)
    assert "1 questions, reader echo" in out
    code, _, err = run(capsys, "eval-reader", "--squad", path, "--limit", "0")
    assert (code, "--limit is 0; expected 1 or more" in err) == (1, True)


def test_serve_hands_over_address_and_pipeline(monkeypatch, opened, capsys):
    seen: dict[str, object] = {}
    monkeypatch.setattr(
        rag.commands, "serve_page", lambda make, **given: seen.update(given, made=make())
    )
    code, _, _ = run(capsys, "serve", "reports", "--port", "8000")
    assert (code, seen["host"], seen["port"]) == (0, "127.0.0.1", 8000)
    assert seen["interfaces"] == Interfaces()
    assert [str(path) for path in opened[0][1]] == ["reports"]


def test_serve_keeps_what_was_given_to_the_page(monkeypatch, opened, capsys, tmp_path):
    monkeypatch.setattr(rag.commands, "serve_page", lambda make, **given: make())
    folder = tmp_path / "index-documents"
    folder.mkdir()
    (folder / "given.txt").write_text("text")
    run(capsys, "serve", "reports", "--index", tmp_path / "index")
    assert list(map(str, opened[0][1])) == ["reports", str(folder / "given.txt")]


def test_serve_takes_an_index_folder_as_it_is(monkeypatch, opened, capsys, tmp_path):
    monkeypatch.setattr(rag.commands, "serve_page", lambda make, **given: make())
    for folder in ("index", "index-documents"):
        (tmp_path / folder).mkdir()
    (tmp_path / "index" / "CURRENT").write_text("")
    (tmp_path / "index-documents" / "given.txt").write_text("text")
    run(capsys, "serve", tmp_path / "index", "--index", tmp_path / "index")
    assert list(map(str, opened[0][1])) == [str(tmp_path / "index")]


def test_serve_hands_over_what_programs_are_served(monkeypatch, opened, capsys):
    seen: dict[str, object] = {}
    monkeypatch.setattr(rag.commands, "serve_page", lambda make, **given: seen.update(given))
    monkeypatch.setenv("RAG_API_TOKEN", "secret")
    code, out, err = run(capsys, "serve", "--api", "--mcp")
    assert (code, seen["interfaces"]) == (0, Interfaces(True, True))
    assert "secret" not in repr(seen) + out + err
    monkeypatch.setenv("RAG_API_TOKEN", "two words")
    code, _, err = run(capsys, "serve", "--api")
    assert (code, "RAG_API_TOKEN holds spaces" in err, "words" in err) == (1, True, False)


def test_info_does_not_tell_the_token(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("RAG_API_TOKEN", "secret")
    _, out, _ = run(capsys, "info", "--json", "--index", tmp_path / "none")
    assert "secret" not in out


def test_schema_is_printed_as_it_is_published(capsys):
    code, out, _ = run(capsys, "schema")
    assert (code, json.loads(out)) == (0, answer_schema())


def test_info_tells_settings_origins_and_missing_index(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_TOP_K", "7")
    code, out, _ = run(capsys, "info", "--json", "--index", tmp_path / "none")
    record = json.loads(out)
    assert code == 0
    assert record["settings"]["top_k"] == {"value": 7, "from": "RAG_TOP_K"}
    assert record["settings"]["index"]["from"] == "command line"
    assert record["settings"]["rrf_constant"]["from"] == "default"
    assert "rag index" in record["index"]["problem"]
    _, out, _ = run(capsys, "info", "--index", tmp_path / "none")
    assert "RAG_TOP_K" in out


@pytest.mark.parametrize("error", [IndexNotFoundError, WeightsNotFoundError])
def test_errors_are_one_line_and_exit_code_1(monkeypatch, capsys, error):
    def fail(config, paths=()):
        raise error("there is none;\nrun: rag index PATH")

    monkeypatch.setattr(rag.commands, "open_pipeline", fail)
    code, out, err = run(capsys, "ask", QUESTION)
    assert (code, out, err) == (1, "", "rag: there is none; run: rag index PATH\n")


@pytest.mark.parametrize("arguments", [["ask", " "], ["search", ""], ["ask", "问" * 10_000]])
def test_a_question_that_cannot_be_asked_is_told_before_models_load(opened, capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out, opened) == (1, "", [])
    assert err.startswith("rag: the question ")


def test_an_empty_folder_is_told_before_the_model_is_loaded(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        "embeddings.load_encoder", lambda name, device: pytest.fail("it was loaded")
    )
    code, _, err = run(capsys, "index", tmp_path)
    assert code == 1
    assert err.startswith(f"rag: no report in {tmp_path}")


def test_the_device_is_an_option_or_a_variable(opened, capsys, monkeypatch):
    run(capsys, "ask", QUESTION)
    monkeypatch.setenv("RAG_DEVICE", "cuda")
    run(capsys, "ask", QUESTION)
    run(capsys, "ask", QUESTION, "--device", "cpu")
    assert [config.device for config, _ in opened] == ["auto", "cuda", "cpu"]


def test_an_unknown_device_is_told(capsys, monkeypatch):
    monkeypatch.setenv("RAG_DEVICE", "gpu")
    code, _, err = run(capsys, "ask", QUESTION)
    assert (code, err) == (1, "rag: device is 'gpu'; expected auto, cpu or cuda\n")


@pytest.mark.parametrize(
    "command", [("index", "seeds"), ("read", "--input", "seeds/questions.jsonl")]
)
def test_a_missing_cuda_device_is_told_in_one_line(capsys, monkeypatch, tmp_path, command):
    monkeypatch.setattr("embeddings.devices.find_gpu", lambda: None)
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    code, out, err = run(capsys, *command, "--device", "cuda")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("rag: device is cuda, but torch finds no CUDA device; install")


def test_workers_of_ray_encode_on_their_processors(monkeypatch, capsys, tmp_path):
    devices = []

    def load_encoder(name, device):
        devices.append(device)
        return HashEncoder()

    def ingest(paths, encoder, make_encoder, config, cluster, rebuild):
        make_encoder()
        return make_index({"river": RIVER})

    monkeypatch.setattr("embeddings.load_encoder", load_encoder)
    monkeypatch.setattr("rag.bulk_ingest.ingest", ingest)
    monkeypatch.setattr("rag.ray_cluster.ray_cluster", lambda *_, **__: nullcontext())
    (tmp_path / "river.txt").write_text(TEXT, "utf-8")
    options = ("--index", tmp_path / "index", "--device", "auto")
    code, _, _ = run(capsys, "index", tmp_path / "river.txt", "--ray", *options)
    assert (code, devices) == (0, ["auto", "cpu"])


def test_setting_out_of_range_is_told(capsys):
    code, _, err = run(capsys, "ask", QUESTION, "--top-k", "0")
    assert (code, err) == (1, "rag: top_k is 0; expected 1 to 20\n")


@pytest.mark.parametrize("command", ["add", "index"])
def test_missing_file_is_told_before_the_model_is_loaded(monkeypatch, tmp_path, capsys, command):
    monkeypatch.setattr(
        "embeddings.load_encoder", lambda name, device: pytest.fail("it was loaded")
    )
    code, _, err = run(capsys, command, tmp_path / "nowhere", "--index", tmp_path / "index")
    assert (code, err.count("\n")) == (1, 1)
    assert "nowhere does not exist; give a folder or file of reports" in err


@pytest.fixture
def indexed(monkeypatch, tmp_path, capsys):
    """The arguments that name an index over a good and a bad file."""
    monkeypatch.setattr("embeddings.load_encoder", lambda name, device: HashEncoder())
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "river.txt").write_text("青河县报告\n2019年，青河县共有贫困户12户。", "utf-8")
    (shelf / "bad.txt").write_bytes(b"")
    where = ("--index", tmp_path / "index")
    assert run(capsys, "index", shelf, *where)[0] == 0
    return where


def test_add_and_remove_tell_what_is_indexed(indexed, tmp_path, capsys, caplog):
    path = tmp_path / "hill.txt"
    path.write_text("丘山县报告\n丘山县修路3公里。", "utf-8")
    code, out, _ = run(capsys, "add", path, tmp_path / "shelf", *indexed)
    assert (code, out) == (0, f"2 reports in 2 chunks are indexed in {indexed[1]}\n")
    assert caplog.text.count("left out: bad.txt: holds no text") == 1
    code, out, _ = run(capsys, "remove", "river", "bad", *indexed)
    assert (code, out) == (0, f"1 reports in 1 chunks are indexed in {indexed[1]}\n")
    code, out, err = run(capsys, "remove", "river", *indexed)
    assert (code, out) == (1, "")
    assert err == "rag: there is no report 'river' in the index; known: hill\n"


def test_list_shows_documents_and_files_left_out(indexed, tmp_path, capsys):
    code, out, _ = run(capsys, "list", *indexed)
    assert code == 0
    assert out.splitlines() == [
        "river  青河县报告",
        "    青河县; 2019; 1 chunks",
        f"    {tmp_path / 'shelf' / 'river.txt'}",
        "    current",
        "bad",
        f"    {tmp_path / 'shelf' / 'bad.txt'}",
        "    left out: bad.txt: holds no text; remove it or give it its text",
    ]
    river, bad = map(json.loads, run(capsys, "list", "--json", *indexed)[1].splitlines())
    assert list(river) == [
        "document", "title", "place", "years", "n_pages", "n_chunks", "source", "status",
        "problem",
    ]  # fmt: skip
    assert (river["status"], river["n_pages"], river["years"]) == ("current", None, [2019])
    assert (bad["document"], bad["status"], bad["n_chunks"]) == ("bad", "left out", 0)


@pytest.mark.parametrize("command", [("list",), ("remove", "river")])
def test_list_and_remove_without_an_index_say_what_to_do(capsys, tmp_path, command):
    code, out, err = run(capsys, *command, "--index", tmp_path / "none")
    assert (code, out) == (1, "")
    assert err.startswith(f"rag: no index in {tmp_path / 'none'}; run: rag index PATH")


@pytest.mark.parametrize(
    "arguments",
    [[], ["sing"], ["ask"], ["ask", "a", "--questions", "b"], ["index"], ["add"], ["remove"]],
)
def test_wrong_usage_exits_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_interrupt_exits_with_130(monkeypatch, capsys):
    def interrupt(config, paths=()):
        raise KeyboardInterrupt

    monkeypatch.setattr(rag.commands, "open_pipeline", interrupt)
    assert run(capsys, "ask", QUESTION) == (130, "", "\n")


def test_missing_index_is_told_before_models_are_loaded(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("rag.opening.load_encoder", lambda *_, **__: pytest.fail("it was loaded"))
    code, out, err = run(capsys, "ask", QUESTION, "--index", tmp_path / "none")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("rag: no index in ")
    assert "rag index PATH" in err


def test_logs_of_libraries_are_kept_out():
    script = (
        "import logging, sys, rag.commands; from rag.cli import main\n"
        "def info(call):\n"
        "    for name in ('other', 'rag.x'):\n"
        "        logging.getLogger('other').setLevel(logging.DEBUG)\n"
        "        logging.getLogger(name).info('told by %s', name)\n"
        "        logging.getLogger(name).warning('warned by %s', name)\n"
        "    return 0\n"
        "rag.commands.info = info\n"
        "sys.exit(main(['info', '-v']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == [
        "WARNING other: warned by other",
        "INFO rag.x: told by rag.x",
        "WARNING rag.x: warned by rag.x",
    ]


def test_closed_pipe_ends_quietly(tmp_path):
    script = (
        "import rag.commands, sys; from rag.cli import main\n"
        "rag.commands.info = lambda call: [rag.commands.emit('x' * 9999) for _ in range(99)]\n"
        "sys.exit(main(['info']))"
    )
    command = f'{sys.executable} -c "$SCRIPT" | head -c 1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command], env={"SCRIPT": script, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("x141\n", "")


def test_output_is_utf8_whatever_the_locale(monkeypatch, opened):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["ask", QUESTION]) == 0
    assert "青河县".encode() in raw.getvalue()


def test_pages_are_shown_and_in_the_records(monkeypatch, capsys):
    paged = replace(RIVER, pages=(Span(0, 5), Span(5, len(TEXT))))
    monkeypatch.setattr(rag.commands, "load_documents_of_index", lambda config: {"river": paged})
    assert "pages       2" in run(capsys, "show", "river")[1]
    record = json.loads(run(capsys, "show", "river", "--json")[1])
    assert record["pages"] == [{"start": 0, "end": 5}, {"start": 5, "end": len(TEXT)}]
    answer = make_answer(QUESTION, RIVER, TEXT, "青河县共有贫困户12户。", "12户")
    on_page = replace(answer, citations=(replace(answer.citations[0], page=2),))
    assert "(river [5:17], page 2)" in answer_text(on_page)
    for shown, page in ((on_page, 2), (answer, None)):
        assert json.loads(as_json(answer_record("1", shown)))["citations"][0]["page"] == page
