from rag.headings import find_sections, section_path, section_paths, starts_heading


def outline(text: str) -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in find_sections(text)]


def test_chinese_numbering_nests_by_first_appearance():
    text = "一、回顾\n（一）修路\n1.桥梁。建桥。\n2、隧道\n(二)饮水\n二、打算\n(一)继续修路"
    assert outline(text) == [
        (1, "回顾"),
        (2, "修路"),
        (3, "桥梁"),
        (3, "隧道"),
        (2, "饮水"),
        (1, "打算"),
        (2, "继续修路"),
    ]


def test_two_headings_on_one_line():
    assert outline("【成效】 (一)道路畅通。全年修路。\n(二)水质改善。") == [
        (1, "成效"),
        (2, "道路畅通"),
        (2, "水质改善"),
    ]


def test_chapters_and_sections():
    assert outline("第一章 总则\n第一节 目的\n第二章 附则") == [
        (1, "总则"),
        (2, "目的"),
        (1, "附则"),
    ]


def test_markdown_headings():
    assert outline("# 年报\n## 农业\n### 水稻\n## 工业") == [
        (1, "年报"),
        (2, "农业"),
        (3, "水稻"),
        (2, "工业"),
    ]


def test_short_lines_between_body_text_are_headings():
    body = "全县坚持把产业发展作为根本之策,因地制宜发展茶叶、油茶和中药材种植,带动群众增收。"
    assert outline(f"{body}\n抓产业 促增收\n{body}\n强基础 惠民生\n{body}") == [
        (1, "抓产业 促增收"),
        (1, "强基础 惠民生"),
    ]


def test_captions_bylines_and_labels_are_no_headings():
    body = "全县坚持把产业发展作为根本之策,因地制宜发展茶叶、油茶和中药材种植,带动群众增收。"
    assert outline(f"{body}\n本报记者 张三 摄\n{body}\n来源:\n某某日报\n{body}") == []


def test_numbers_in_text_are_no_headings():
    assert outline("5.2万人受益。\n2020年,全县脱贫。\n3.5公里道路建成。") == []


def test_long_heading_is_cut_at_a_comma():
    text = "(一)坚持统筹谋划、促全民攻坚," + "变单兵突击为尽锐出战全县上下齐心协力" * 3
    assert outline(text) == [(1, "坚持统筹谋划、促全民攻坚")]


def test_path_names_the_headings_above():
    text = "序言\n一、回顾\n（一）修路\n修路十里。\n二、打算\n继续。"
    sections = find_sections(text)
    assert section_path(sections, 0) == ()
    assert section_path(sections, text.index("十里")) == ("回顾", "修路")
    assert section_path(sections, text.index("继续")) == ("打算",)
    assert section_paths(sections)[-1] == ("打算",)


def test_section_spans_nest_and_start_at_their_heading():
    text = "一、回顾\n（一）修路\n修路十里。\n二、打算\n继续。"
    first, second, third = find_sections(text)
    assert first.span.end == third.span.start == text.index("二、")
    assert second.span.start == text.index("（一）")
    assert third.span.end == len(text)


def test_starts_heading_knows_list_items():
    assert all(map(starts_heading, ["一、甲", "(3) 乙", "【成效】丁", "- 戊", "——己", "第二章 庚"]))
    assert not any(map(starts_heading, ["2020年", "一是加强", "5.2%", "【未闭合"]))


def test_the_unit_line_of_a_table_is_no_heading():
    text = "前文到此结束。\n单位：万元\n县：甲县；投资：1200万元。"
    assert find_sections(text) == ()
