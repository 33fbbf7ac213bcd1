"""A tiny data folder in the form that `training/` reads, written for these tests."""

import gzip
import json

import pytest

_REPORT = (
    "{place}人民政府工作报告（{year}年）\n一、过去一年工作回顾\n"
    "{year}年，我们坚持稳中求进。完成固定资产投资{a}亿元，增长{b}%。"
    "建成安置点{c}个，搬迁{d}户{e}人。新增就业{f}万人，城镇调查失业率{g}%。"
    "推进农业、工业和旅游业融合，发展茶叶、柑橘、中药材等特色产业。"
    "先后新建学校、医院、公路和水库。产品销往北京、上海、广州、深圳等城市。"
    "通过“龙头企业+合作社+农户”的方式带动增收。"
    "主要做好以下工作：一是加强组织领导；二是落实帮扶资金；三是强化监督检查。"
    "印发《{place}乡村振兴实施方案》，{year}年6月通过验收。李明书记表示，成果来之不易。\n"
)

_MEASURED = (
    "隐山水库加固工程投资三千万元，由县水务局牵头，自来水厂、乡镇政府和沿线各村共同出力，"
    "历时两年半全部完工，解决了四万多人的饮水难题。"
)


def _write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _report(i):
    numbers = {name: 11 + 7 * i + 3 * k for k, name in enumerate("abcdefg")}
    place = f"{'安平清河云石林阳泉长丰'[i]}{'宁永和明宝龙凤金银新兴'[i]}省"
    text = "".join(_REPORT.format(place=place, year=2015 + k, **numbers) for k in range(3))
    text += _MEASURED if i == 2 else ""
    return {"title": f"{place}政府工作报告", "source": "", "text": text}


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    _write(folder / "text" / "tiny_work_reports.jsonl.gz", [_report(i) for i in range(11)])
    news = "2023-07-01，正文：记者王芳表示，{n}号航班于7月{n}日抵达北京，载有旅客{n}00人。" * 4
    _write(folder / "text" / "news_0.jsonl.gz", [{"text": news.format(n=n)} for n in range(3, 9)])
    context = (
        "湖在山的南面，面积约30平方公里。" * 3 + "1998年建成水库，由林德主持。" + "鱼类很多。" * 40
    )
    asked = [("水库是哪一年建成的？", "1998年"), ("谁主持建成水库？", "林德")]
    rows = [
        {
            "title": f"湖{n}",
            "context": context,
            "qas": [
                {
                    "id": f"{n}-{i}",
                    "question": question,
                    "answers": [{"text": answer, "answer_start": context.index(answer)}],
                }
                for i, (question, answer) in enumerate(asked)
            ],
        }
        for n in range(30)
    ]
    _write(folder / "qa_train" / "tiny.jsonl.gz", rows)
    measured = {"title": "", "context": "甲", "qas": [{"question": "湖有多大？"}]}
    _write(folder / "qa_bench" / "tiny_dev.jsonl.gz", [measured])
    return folder


@pytest.fixture(scope="session")
def seeds(tmp_path_factory):
    """One report and one question that must stay out."""
    folder = tmp_path_factory.mktemp("seeds")
    (folder / "report.txt").write_text(_MEASURED, "utf-8")
    row = {"question": "谁主持建成水库?"}
    (folder / "questions.jsonl").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    return folder
