import pytest

from rag.parsing.tables import Cell, Row, Table, table_blocks, take_caption


def rows_of(text: str) -> list[Row]:
    """Cells divided by `|`; `<` repeats the cell before, `^` the one above."""
    rows: list[list[Cell]] = []
    for line in text.strip().splitlines():
        cells: list[Cell] = []
        for column, value in enumerate(line.strip().split("|")):
            if value == "<":
                cells.append(Cell(cells[-1].text, from_left=True))
            elif value == "^":
                cells.append(Cell(rows[-1][column].text, from_above=True))
            else:
                cells.append(Cell(value))
        rows.append(cells)
    return list(rows)


def lines_of(text: str, note: str = "") -> list[str]:
    return table_blocks(Table(rows_of(text), note=note))[-1].splitlines()


def test_each_row_names_its_headers_and_numbers_have_their_unit():
    assert lines_of("县|贫困村（个）|投资（万元）\n甲县|98|1200\n乙县||860.5") == [
        "县：甲县；贫困村（个）：98个；投资（万元）：1200万元。",
        "县：乙县；投资（万元）：860.5万元。",
    ]


def test_a_cell_keeps_a_unit_of_its_own():
    assert lines_of("县|投资（万元）\n甲县|3亿元\n乙县|未定") == [
        "县：甲县；投资（万元）：3亿元。",
        "县：乙县；投资（万元）：未定。",
    ]


@pytest.mark.parametrize("header", ["投资（2019年）", "投资（含地方）", "投资"])
def test_brackets_without_a_unit_add_nothing(header: str):
    assert lines_of(f"县|{header}\n甲县|1200") == [f"县：甲县；{header}：1200。"]


def test_levels_of_headers_are_joined():
    text = "县|收入|<|户数（户）\n^|工资|务工|^\n甲县|1|2|3"
    assert lines_of(text) == ["县：甲县；收入/工资：1；收入/务工：2；户数（户）：3户。"]


def test_headers_whose_merging_was_lost_are_joined():
    assert lines_of("县|收入||支出\n|工资|务工|\n甲县|1|2|3") == [
        "县：甲县；收入/工资：1；收入/务工：2；支出：3。"
    ]


def test_names_that_recur_are_no_second_level():
    assert lines_of("姓名|职务|姓名|职务\n张三|书记|李四|县长") == [
        "姓名：张三；职务：书记；姓名：李四；职务：县长。"
    ]


def test_merged_cells_repeat_their_value():
    assert lines_of("县|村|投资（元）\n甲县|东村|1\n^|西村|2") == [
        "县：甲县；村：东村；投资（元）：1元。",
        "县：甲县；村：西村；投资（元）：2元。",
    ]


def test_the_unit_of_a_table_is_not_for_years_ranks_rates_and_counts():
    text = "序号|年份|户数|增长率|投资\n1|2019|30|5.2|1200"
    assert lines_of(text, note="单位：万元") == [
        "单位：万元",
        "序号：1；年份：2019年；户数：30；增长率：5.2；投资：1200万元。",
    ]


@pytest.mark.parametrize("note", ["单位：万元、人", "单位：见表"])
def test_a_unit_line_that_is_no_single_unit_adds_nothing(note: str):
    assert lines_of("县|投资\n甲县|1200", note=note)[-1] == "县：甲县；投资：1200。"


def test_a_column_or_a_first_cell_may_give_the_unit_of_its_row():
    assert lines_of("指标|单位|2018|2019\n总人口|万人|41.2|41.6") == [
        "指标：总人口；单位：万人；2018年：41.2万人；2019年：41.6万人。"
    ]
    assert lines_of("指标|2018年|2019年\n粮食产量（吨）|310|320") == [
        "指标：粮食产量（吨）；2018年：310吨；2019年：320吨。"
    ]


def test_years_among_english_headers_stay_as_they_are():
    assert lines_of("Item|2018|2019\nWheat (t)|31|32") == [
        "Item：Wheat (t)；2018：31t；2019：32t。"
    ]


def test_title_and_unit_within_the_table_stand_over_it():
    text = "各县投资|<\n|（单位：万元）\n县|投资\n甲县|1200"
    assert table_blocks(Table(rows_of(text))) == [
        "###### 各县投资",
        "（单位：万元）\n县：甲县；投资：1200万元。",
    ]


def test_a_table_without_headers_is_written_row_by_row():
    assert lines_of("甲县|98|1200\n乙县|45|860") == ["甲县；98；1200。", "乙县；45；860。"]
    assert lines_of("第一行\n第二行。") == ["第一行。", "第二行。"]


def test_labels_with_colons_are_the_headers_of_what_stands_beside_them():
    assert lines_of("项目：|道路\n投资（万元）：|350") == ["项目：道路；投资（万元）：350万元。"]


def test_a_row_that_says_one_thing_is_a_line_of_its_own():
    text = "项目|投资（元）\n一、中央资金|<\n道路|1"
    assert lines_of(text) == ["一、中央资金", "项目：道路；投资（元）：1元。"]


def test_an_empty_table_gives_nothing():
    assert table_blocks(Table([])) == [""]
    assert table_blocks(Table([[Cell()], []])) == [""]


def test_caption_and_unit_line_before_a_table_are_taken():
    blocks = ["正文。", "表1 各县投资", "单位：万元"]
    assert take_caption(blocks) == ("表1 各县投资", "单位：万元")
    assert blocks == ["正文。"]
    assert take_caption(blocks) == ("", "")
