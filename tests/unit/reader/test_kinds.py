import pytest

from rag.reader.kinds import agrees


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("搬迁了多少户？", "1204户"),
        ("搬迁了多少人？", "5.2万多人"),
        ("培训了多少人？", "22万人次"),
        ("搬迁了多少户、多少人？", "1204户5020人"),
        ("投资了多少钱？", "7467万"),
        ("卖了多少元？", "13.7亿元"),
        ("有多少名干部？", "近1.5万名"),
        ("有几所学校？", "三所"),
        ("下降了几个百分点？", "2.1个百分点"),
        ("贫困发生率是多少？", "0.045%"),
        ("有多少人？", "5020"),
        ("什么时候退出？", "2019年4月"),
        ("哪一年通过？", "二〇一九年"),
        ("When was it signed?", "每周一晚"),
        ("How many people?", "186人"),
        ("处在哪几个省的交界处？", "滇、桂、黔"),
        ("这几个村叫什么？", "红石村"),
        ("几乎所有人都做了什么？", "搬迁"),
        ("谁负责？", "水利部"),
        ("面积有多大？", "2783平方公里"),
    ],
)
def test_answers_of_the_right_kind_agree(question, answer):
    assert agrees(question, answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("搬迁了多少人？", "1204户"),
        ("搬迁了多少户？", "5020人"),
        ("搬迁了多少户多少人？", "1204户"),
        ("搬迁了多少户多少人？", "1204"),
        ("投资了多少钱？", "12个"),
        ("有多少个村？", "红石村"),
        ("什么时候退出？", "省政府"),
        ("How much money was invested?", "县教育局"),
        ("In which year did it start?", "水利部"),
    ],
)
def test_answers_of_another_kind_do_not(question, answer):
    assert not agrees(question, answer)
