"""The region that a report is about, and its name in Latin letters."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from rag.places import NATION

# Kinds of region with what English calls them; longer kinds first.
KINDS = {
    "特别行政区": "Special Administrative Region",
    "自治区": "Autonomous Region",
    "自治州": "Autonomous Prefecture",
    "自治县": "Autonomous County",
    "自治旗": "Autonomous Banner",
    "街道": "Subdistrict",
    "省": "Province",
    "市": "City",
    "县": "County",
    "区": "District",
    "州": "Prefecture",
    "盟": "League",
    "旗": "Banner",
    "镇": "Town",
    "乡": "Township",
}
# What stands before a kind without making a name: 全县, 贫困县, 城市, 社区, 乡镇 ...
_NO_NAME = {
    "省": "全 我 该 本 各 外 跨 两 邻 出 节 反 他 中 副 多快好",
    "市": "全 我 该 本 各 外 跨 两 邻 城 都 超 股 楼 上 门 夜 菜 集 入 开 省 县 地 直辖 房 车 应",
    "县": "全 我 该 本 各 外 跨 两 邻 市 区 州 省 贫困 百强 强 大 小 老 旗",
    "区": "全 我 该 本 各 外 跨 两 邻 城 社 小 地 山 园 景 库 辖 牧 林 矿 片 郊 特 街 营 禁 校 灾 "
    "老 新 战 军 选 疫 港 厂 灌 学 市 县 省 州 分 专 时 误 盲 雷 雨 农 垦 湖 沙 主 展 边 病 苏 "
    "居住 行政 自治",
    "州": "全 我 该 本 各 自治 市 九 省",
    "盟": "全 我 该 本 联 同 结 加 欧 东",
    "旗": "全 我 该 本 红 国 升 党 军 团 锦 战 自治",
    "镇": "全 我 该 本 各 两 城 乡 村 集 小 重 场 建制 特色 名",
    "乡": "全 我 该 本 各 城 下 老 家 故 回 返 水 梦 还 侨",
    "街道": "全 我 该 本 各 镇 乡 乡镇",
}
_NO_NAME_AT_END = re.compile(
    r"(?:贫困|脱贫|重点|示范|先进|试点|试验|开发|高新|保护|功能|特困|连片|县级|地级|直辖|省级|国家级"
    r"|产业|工业|旅游|聚集|集聚|合作|保税|自贸|中心|主城|核心|安置|灌溉|易发|协作|民族|部分|一些"
    r"|兄弟|周边|相关|所有|其他|多个|[一二三四五六七八九十百几数个多全我该本各])$"
)
# Districts end in 山 and 城, even in 矿 and 林, but never in these.
_NO_DISTRICT_AT_END = "景园社小校库辖片街营"
_CONTEXT = re.compile(
    rf"([\u3400-\u9fff]{{1,10}}?)({'|'.join(KINDS)})(?![级域块位间长辖场民容属际省市县区州盟旗帜舰袍手号杆])"
)
_LAST_KIND = re.compile(r"自治[区州县旗]|[省市县区州盟旗镇]")
# Where a name can not begin: what stands before is a verb, a preposition or a title.
_LEADING = re.compile(
    r"^(?:.*(?:位于|地处|来自|前往|来到|走进|深入|视察|考察|调研|推动|推进|促进|加快|建设|支持|确保|实现"
    r"|中共|关于|以及|通过|根据|按照|隶属|代表|奋力|谱写|批准|同意|新时代|现代化|美丽|幸福|平安|建成"
    r"|我国|全国|重返|发现|年的|月的)|[在对从到由向与和及为是把被使让经自赴据以将的了于至年月日])"
)
_ANAPHOR = re.compile(r"[全我]([省市县区州盟旗镇乡])")
_BANNERS = re.compile(r"[旗盟][委县区市]|全旗|全盟|自治旗|内蒙古")
_NATION = re.compile(r"我国|全国")
_NATIONAL = re.compile(r"中华人民共和国|国务院|全国(?!人大|政协|人民代表)|中国(?!共产党)")
_START_CHARS = 300
_TITLE_WEIGHT, _START_WEIGHT = 8, 3
_MAX_NAME = 8
_MAX_SCANNED = 200_000
_PROVINCES: list[str] = re.findall(
    r"\S+",
    "北京市 天津市 上海市 重庆市 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省 "
    "江西省 山东省 河南省 湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 甘肃省 青海省 "
    "内蒙古自治区 广西壮族自治区 西藏自治区 宁夏回族自治区 新疆维吾尔自治区",
)
_SPELLINGS = {
    "中国": "China",
    "陕西": "Shaanxi",
    "内蒙古": "Inner Mongolia",
    "西藏": "Tibet",
    "香港": "Hong Kong",
    "澳门": "Macao",
}
_SPELLED_PEOPLES = re.compile(
    r"(?:[壮回藏苗彝侗瑶白土满傣羌佤]族|维吾尔|哈萨克|[\u3400-\u9fff]{2}族)+$"
)


def find_place(title: str, text: str) -> str | None:
    """The region that a report is about, told by how often, and where, the report names it.

    A name in the title counts most, one near the start more than one further on. `全县` and
    `我市` tell which kind of region speaks. None if no region stands out, unless the title names
    the country.
    """
    scanned = text[:_MAX_SCANNED]
    weights = _weigh(title, scanned)
    kinds = Counter(_ANAPHOR.findall(scanned))
    scores = {
        place: weight * (0.2 + _share(kinds, place))
        for place, weight in weights.items()
        if weight >= 2
    }
    nation = NATION if _NATIONAL.search(title) else None
    if not scores:
        return _province(title, scanned) or nation
    best = max(scores, key=lambda place: (scores[place], place))
    speaks_of_nation = len(_NATION.findall(scanned)) > kinds.total() + weights[best]
    is_prominent = best in title or best in scanned[:_START_CHARS]
    return nation if speaks_of_nation and not is_prominent else best


@cache
def romanise(place: str) -> str:
    """The place in Latin letters as English texts write it: `某县` gives `Mou County`."""
    from pypinyin import lazy_pinyin

    kind = next((kind for kind in KINDS if place.endswith(kind) and place != kind), "")
    stem = place.removesuffix(kind)
    if kind.startswith("自治"):
        stem = _SPELLED_PEOPLES.sub("", stem) or stem
    latin: str = _SPELLINGS.get(stem) or "".join(lazy_pinyin(stem, v_to_u=True)).capitalize()
    return f"{latin} {KINDS[kind]}" if kind else latin


def _weigh(title: str, text: str) -> dict[str, float]:
    """Weight of each region named: mentions, those in title and start counted several times."""
    counts: Counter[tuple[str, str]] = Counter()
    for context, kind, weight in _mentions(title, text):
        for length in range(1, min(len(context), _MAX_NAME) + 1):
            counts[context[-length:], kind] += weight
    extended: dict[tuple[str, str], int] = {}
    for (stem, kind), count in counts.items():
        shorter = stem[1:], kind
        extended[shorter] = max(extended.get(shorter, 0), count)
    weights: dict[str, float] = {}
    for (stem, kind), count in counts.items():
        # A string that nearly always continues to the left is the tail of a name.
        own = count - extended.get((stem, kind), 0)
        name = _trim_left(stem, kind, text) if own > 0 else ""
        if own > 0 and _is_name(name, kind, text):
            weights[name + kind] = weights.get(name + kind, 0) + own
    return weights


def _mentions(title: str, text: str) -> Iterator[tuple[str, str, int]]:
    for part, weight in ((title, _TITLE_WEIGHT), (text[:_START_CHARS], _START_WEIGHT), (text, 1)):
        for match in _CONTEXT.finditer(part):
            start = max(0, match.start(2) - 10)
            run = re.search(r"[\u3400-\u9fff]*$", part[start : match.start(2)])
            context = _after_last_region(run.group() if run else "")
            if context:
                yield _LEADING.sub("", context), match.group(2), weight


def _after_last_region(context: str) -> str:
    """What follows the last region named before: X省Y市Z gives Z, but X州 stays X州."""
    for match in reversed(list(_LAST_KIND.finditer(context))):
        if match.start() > 0 and match.end() < len(context):
            return context[match.end() :]
    return context


def _trim_left(stem: str, kind: str, text: str) -> str:
    """A name seen once or twice, without a word stuck to its left that it mostly lacks."""
    if text.count(stem + kind) > 2:
        return stem
    shorter = (stem[start:] for start in range(1, len(stem) - 1))
    count = max(1, text.count(stem))
    return next((name for name in shorter if text.count(name) >= 2 * count + 1), stem)


def _is_name(stem: str, kind: str, text: str) -> bool:
    if stem in _NO_NAME.get(kind, "").split() or _NO_NAME_AT_END.search(stem):
        return False
    if kind in ("旗", "盟") and not _BANNERS.search(text):
        return False
    if kind == "区" and stem[-1:] in _NO_DISTRICT_AT_END:
        return False
    # Only counties have names of one character; 某州 with one is a city's or province's name.
    shortest = 1 if kind == "县" else 2
    longest = _MAX_NAME if kind[:2] == "自治" or kind in ("旗", "盟") else 4
    return shortest <= len(stem) <= longest


def _share(kinds: Counter[str], place: str) -> float:
    """How often the text speaks of itself as a region of this kind."""
    last = "区" if place.endswith("自治区") else place[-1]
    return kinds[last] / kinds.total() if kinds else 1.0


def _province(title: str, text: str) -> str | None:
    """A province named by its short form only, in the title or several times."""
    for full in _PROVINCES:
        short = full[:3] if full[:3] in ("内蒙古", "黑龙江") else full[:2]
        if short in title or text[:2000].count(short) >= 3:
            return full
    return None
