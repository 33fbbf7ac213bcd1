"""A question in the words of the passages it is asked of.

People ask for the GDP or what was spent; reports write 生产总值 and 投入. A reader that has met few
such pairs takes the passage for one about something else.
"""

import re
from collections.abc import Iterable

# What people say, and what reports write for it, the likeliest first.
_WRITTEN = tuple(
    (re.compile(said, re.IGNORECASE), tuple(written.split("|")))
    for said, written in (
        (r"(?<![A-Za-z])GDP(?![A-Za-z])", "地区生产总值|国内生产总值|生产总值"),
        (r"(?<![A-Za-z])CPI(?![A-Za-z])|物价", "居民消费价格|消费价格|物价"),
        (r"(?<![A-Za-z])M2(?!\d)", "广义货币"),
        (r"PM2\.5", "细颗粒物"),
        ("老小区", "老旧小区"),
        ("高铁", "高速铁路"),
        ("高速路|高速(?![公铁增发])", "高速公路"),
        ("新农合", "新型农村合作医疗"),
        ("居民医保|居民医疗保险", "城乡居民医保|居民基本医保|城乡居民基本医疗保险"),
        ("低保", "最低生活保障"),
        ("老百姓|乡亲们?", "群众|人民|居民|村民"),
        ("城里人|城市居民", "城镇居民"),
        ("农村人|乡下人", "农村居民|农民|农村人口"),
        ("农民(?!工|专业|合作|工资)", "农村居民|农牧民"),
        ("城里(?!人)", "城镇|城市"),
        ("乡下(?!人)", "农村|乡村"),
        ("孩子|娃娃?", "儿童|学生|子女|未成年人"),
        ("老人(?!家)", "老年人"),
        ("上大学", "考入大学|高校录取"),
        ("上学|读书|念书", "就学|入学|就读"),
        ("看病", "就医|诊疗|医疗"),
        ("打工|干活", "务工|就业"),
        ("搬家|搬走", "搬迁"),
        ("平均每个?人|每个人", "人均"),
        ("平均每户", "户均"),
        ("平均每个?村", "村均"),
        ("平均每年|每年平均", "年均"),
        ("涨了|涨价?(?=多少|百分|几)|上涨了?", "增长|提高|上涨|上升"),
        ("(?<!下)降了|(?<![减缺不])少了|跌了", "下降|减少|降低"),
        ("多了(?=多少|百分|几)", "增长|增加"),
        ("花了|花掉了?|砸了|掏了|拿出了?", "投入|支出|安排"),
        ("投了", "投入|投资"),
        ("盖了?(?!章)", "建成|新建|建设"),
        ("修了|修通了?|修好了?", "新建|建成|改建|硬化|修建"),
        ("动工", "开工"),
        ("卖了|卖出了?|卖掉了?", "销售"),
        ("卖到", "出口"),
        ("挣了?|赚了?", "收入|增收"),
        ("关掉|关了", "关停|关闭"),
        ("头一回|头一次|第一次", "首次"),
        ("好多", "多少"),
    )
)
# Spoken question words; reports need not have the written ones.
_SPOKEN = (
    (re.compile("为啥|为何|咋会|干嘛"), "为什么"),
    (re.compile("咋样|咋"), "怎么"),
    (re.compile("啥时候?"), "什么时候"),
    (re.compile("啥"), "什么"),
    (re.compile("几个点"), "百分之几"),
    (re.compile("里头"), "里"),
)


def in_words_of(question: str, passages: Iterable[str]) -> str:
    """`question` with what people say replaced by what `passages` write for it.

    Only words that no passage has, and only by words that one has.
    """
    text = "\n".join(passages)
    for spoken, word in _SPOKEN:
        question = spoken.sub(word, question)
    for said, written in _WRITTEN:
        found = said.search(question)
        if found is None or found.group() in text:
            continue
        word = next((word for word in written if word in text), "")
        if word:
            question = said.sub(word, question)
    return question
