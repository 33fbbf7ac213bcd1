import pytest

from rag.regions import find_place, romanise


def test_place_named_in_the_title():
    assert find_place("溪口县脱贫攻坚工作综述", "全县新建公路三百公里。") == "溪口县"


def test_place_told_by_the_text_when_the_title_is_silent():
    text = (
        "近年来,青石区坚持产业富民。全区种茶。邻近的白水区也来学习。青石区添新景。在青石区,路通了。"
    )
    assert find_place("向着明天", text) == "青石区"


def test_place_of_one_character():
    text = "2014年,泷县精准识别贫困村。全县累计减贫。泷县农业局牵头。在泷县,贫困县的帽子摘了。"
    assert find_place("", text) == "泷县"


def test_parent_regions_do_not_win():
    text = (
        "云岭市溪口县位于南江省云岭市东部。全县同心,溪口县委、县政府把路修通。全省推广溪口县做法。"
    )
    assert find_place("", text) == "溪口县"


def test_speaking_of_itself_as_a_city_decides():
    text = "云岭市下辖溪口县。我市大力发展工业,全市增长5%。溪口县修路。云岭市再创佳绩。"
    assert find_place("", text) == "云岭市"


def test_kind_characters_inside_a_name():
    text = "2017年,柳州区瞄准目标。柳州区精心组织。全区上下奋战,柳州区面貌一新。"
    assert find_place("", text) == "柳州区"


def test_autonomous_regions_keep_their_full_name():
    text = "在青溪土家族苗族自治县,全县修路。青溪土家族苗族自治县成立以来,发展很快。"
    assert find_place("", text) == "青溪土家族苗族自治县"


def test_words_stuck_to_the_name_go():
    assert (
        find_place("奋力谱写溪口县新篇章", "溪口人民修路。溪口变了样。溪口的茶很香。") == "溪口县"
    )


@pytest.mark.parametrize(
    "text",
    [
        "贫困县退出,城市和社区建设加快,乡镇和街道一起干,示范区挂牌。" * 3,
        "我国经济增长。全国粮食丰收。" * 30 + "有的代表来自溪口县、溪口县。",
        "The report covers roads and water.",
        "",
    ],
)
def test_no_region_stands_out(text: str):
    assert find_place("", text) is None


def test_province_named_by_its_short_form():
    assert find_place("", "云南茶叶丰收。云南鲜花远销。云南咖啡增产。") == "云南省"


@pytest.mark.parametrize(
    ("place", "latin"),
    [
        ("溪口县", "Xikou County"),
        ("青石区", "Qingshi District"),
        ("陕西省", "Shaanxi Province"),
        ("内蒙古自治区", "Inner Mongolia Autonomous Region"),
        ("青溪土家族苗族自治县", "Qingxi Autonomous County"),
        ("重庆市", "Chongqing City"),
        ("白水镇", "Baishui Town"),
    ],
)
def test_romanised_places(place: str, latin: str):
    assert romanise(place) == latin


def test_a_report_of_the_state_is_about_the_country():
    assert find_place("国务院政府工作报告", "全国就业形势稳定，我国经济增长。" * 9) == "中国"
    assert find_place("政府工作报告", "全国就业形势稳定，我国经济增长。" * 9) is None
