"""Chinese questions made in place: the question word stands where the answer stood.

`累计发放资助资金6亿元` becomes `累计发放资助资金多少元？`; paraphrase then drops, swaps and moves
words, so that a question seldom repeats its sentence.
"""

import re
from random import Random

import jieba
import jieba.posseg

from training.glossary import load_synonyms
from training.spans import Item

_BREAKS = "，。；！？,;!?：:\n"
_SHORTEST = 6
"""Characters that a question has besides its question word, at least."""
_NOUN_TAGS = ("n", "vn", "nz", "nt", "an", "l", "j")
_DROPPABLE_TAGS = ("d", "ad", "a", "b", "u", "ul", "uj", "z", "zg")
_KIND_NOUN = {
    "公司": ("哪家公司", "什么公司", "哪家企业"),
    "有限公司": ("哪家公司", "什么公司"),
    "村": ("哪个村", "什么村", "哪里"),
    "镇": ("哪个镇", "什么镇", "哪里"),
    "乡": ("哪个乡", "哪里"),
    "社区": ("哪个社区", "哪里"),
    "委员会": ("什么组织", "什么机构", "哪个机构", "哪个委员会"),
    "局": ("哪个部门", "哪个单位", "哪个局"),
    "部": ("哪个部门", "哪个部", "哪个单位"),
    "厅": ("哪个部门", "哪个厅"),
    "银行": ("哪家银行", "哪个银行"),
    "协会": ("哪个协会", "什么组织"),
    "集团": ("哪家企业", "哪个集团"),
}
_ASK = {
    "person": ("谁", "谁", "哪位", "什么人", "叫什么名字的人"),
    "place": ("哪里", "哪儿", "什么地方", "哪个地方"),
    "org": ("哪个单位", "什么机构", "哪个机构", "哪家单位", "什么"),
    "title": ("什么", "哪个文件", "什么文件", "哪部作品", "哪本书", "《》什么"),
    "slogan": ("什么", "什么", "怎样的", "哪个", "叫什么名字的"),
    "percent": ("多少", "百分之几", "百分之多少", "多大比例", "多高"),
    "money": ("多少钱", "多少资金", "多少", "多少元"),
    "list": ("哪些", "哪几个", "什么", "哪些方面", "哪几种"),
}
_LEADS = ("请问", "请问一下", "想了解一下,", "报告中提到,", "据报告,", "")
_AMOUNT = ("是多少", "有多少", "为多少", "达到了多少", "达到多少", "多少")
_VERB_ENDS = re.compile(r"(?:达到|增加到|提高到|下降到|达|为|至|到|是|有|共|约|近|超过|超)+$")


def make_question(
    sentence: str, item: Item, place: str | None, year: str | None, rng: Random
) -> str | None:
    """A question whose answer is `item` in `sentence`; None where no fair one can be made.

    Args:
        sentence: One sentence.
        item: What is asked for.
        place: Region to name in the question, if any.
        year: Year to name in the question, if any.
        rng: Source of all choices.
    """
    body: str | None
    if item.rest is not None:
        body = _clause_question(item.rest.of(sentence), item.kind, rng)
    else:
        body = _in_place(sentence, item, rng)
    if body is None or _content_length(body) < 7:
        return None
    answer = item.span.of(sentence)
    if answer in body and item.kind not in ("double", "number"):
        return None
    body = _paraphrase(body, rng)
    return decorate(body, place, year, rng) if _content_length(body) >= _SHORTEST else None


def question_word(item: Item, rng: Random) -> str:
    """The words that ask for `item` where it stands."""
    if item.kind == "number":
        return rng.choice((f"多少{item.unit}", f"多少{item.unit}", f"几{item.unit}", "多少"))
    if item.kind == "double":
        first, second = item.unit.split("/")
        return rng.choice((f"多少{first}多少{second}", f"多少{first}、多少{second}", "多少"))
    if item.kind == "date":
        return rng.choice(
            ("哪一年", "哪年", "什么时候", "何时")
            if item.unit
            else ("什么时候", "何时", "哪一天", "什么时间")
        )
    if item.kind == "rank":
        return rng.choice((f"第几{item.unit}", "第几", "多少位", "排第几", "什么位次"))
    if item.kind == "how":
        return "什么" if item.unit else rng.choice(("什么方式", "什么办法", "什么", "哪些措施"))
    if item.kind == "money" and item.unit and rng.random() < 0.3:
        return f"多少{item.unit}"
    words = _KIND_NOUN.get(item.unit, _ASK.get(item.kind, ("什么",)))
    if item.kind == "list" and item.unit.isdigit() and rng.random() < 0.4:
        return f"哪{'一两三四五六七八九十'[min(int(item.unit), 10) - 1]}个"
    return rng.choice(words)


def _in_place(sentence: str, item: Item, rng: Random) -> str | None:
    left, right = _around(sentence, item, rng)
    word = question_word(item, rng)
    if item.kind in ("number", "money", "percent", "double", "rank"):
        return _ask_amount(left, right, word, item, rng)
    if item.kind == "slogan":
        return left + _slogan_word(word, right, rng) + right
    if item.kind == "list":
        right = re.sub(r"^等(?:地|多个|方面)?", "", right)
    if item.kind == "date" and not left and rng.random() < 0.5 and right:
        return _date_behind(right, word, rng)
    return left + word + right


def _slogan_word(word: str, right: str, rng: Random) -> str:
    if not right or right[0] in _BREAKS:
        return rng.choice(("什么", "什么称号", "什么口号", "什么理念", "什么名称", "什么名字"))
    return rng.choice((word, "什么", "叫什么的", "哪一个"))


def _date_behind(right: str, word: str, rng: Random) -> str:
    """`2018年通过检查` asked as `哪一年通过检查的` or `是什么时候通过检查的`."""
    right = right.lstrip("，,")
    return rng.choice((f"{word}{right}的", f"是{word}{right}的", f"{right}是{word}"))


def _ask_amount(left: str, right: str, word: str, item: Item, rng: Random) -> str | None:
    choice = rng.random()
    noun = "" if right[:1] in _BREAKS else right
    stem = _VERB_ENDS.sub("", left)
    if not noun and choice < 0.35 and item.kind == "number":
        moved = _noun_behind(stem, word, rng)
        if moved:
            return moved
    if not noun and choice < 0.75 and len(stem) > 5:
        if item.kind == "double" or rng.random() < 0.4:
            return stem + rng.choice(("有", "共", "一共有", "")) + word
        return stem + rng.choice(_AMOUNT)
    return left + word + right


def _noun_behind(stem: str, word: str, rng: Random) -> str | None:
    """`开办夜校` asked for a number of them: `开办多少所夜校`, `夜校开办了多少所`."""
    words = list(jieba.posseg.lcut(stem))
    noun: list[str] = []
    while words and words[-1].flag in _NOUN_TAGS and len(noun) < 3:
        noun.insert(0, words.pop().word)
    if not noun or len("".join(noun)) < 2:
        return None
    rest = "".join(w.word for w in words)
    if words and words[-1].flag.startswith("v") and rng.random() < 0.35:
        verb = words[-1].word
        before = rest[: len(rest) - len(verb)]
        return f"{before}{''.join(noun)}{verb}了{word}"
    return f"{rest}{rng.choice(('', '了')) if rest else '有'}{word}{''.join(noun)}"


def _clause_question(rest: str, kind: str, rng: Random) -> str:
    rest = rest.strip("，,、 ")
    if kind == "why":
        return rng.choice(
            (
                f"为什么{rest}",
                f"为何{rest}",
                f"{rest}是因为什么",
                f"{rest}是为了什么",
                f"{rest}的原因是什么",
                f"为什么要{rest}",
                f"{rest}是针对什么问题",
            )
        )
    if kind == "effect":
        return rng.choice(
            (
                f"{rest}有什么作用",
                f"{rest}有什么效果",
                f"{rest}带来了什么好处",
                f"{rest}起到了什么作用",
                f"{rest}的结果如何",
                f"{rest}有什么好处",
            )
        )
    return rng.choice(
        (
            f"如何{rest}",
            f"怎样{rest}",
            f"怎么{rest}",
            f"通过什么方式{rest}",
            f"{rest}靠的是什么",
            f"采取什么措施{rest}",
            f"用什么办法{rest}",
            f"{rest}是怎么做到的",
            f"靠什么{rest}",
            f"是如何{rest}的",
        )
    )


def _around(sentence: str, item: Item, rng: Random) -> tuple[str, str]:
    """The clause left and right of the hole, with as many clauses before as give a subject."""
    start, end = item.hole.start, item.hole.end
    right = re.split(f"[{_BREAKS}]", sentence[end:], maxsplit=1)[0]
    if len(right) > 24:
        right = right[:0] if item.kind in ("number", "money", "percent", "double") else right[:24]
    clauses = re.split(f"(?<=[{_BREAKS}])", sentence[:start])
    left = clauses.pop()
    while clauses and (_content_length(left + right) < 7 or rng.random() < 0.15):
        left = clauses.pop() + left
    return left.strip(' \t“”"•*0123456789.、（）()一二三四五六七八九十'[:7]), right.rstrip('”"')


def _paraphrase(body: str, rng: Random) -> str:
    words = [(word.word, word.flag) for word in jieba.posseg.lcut(body)]
    if rng.random() < 0.7:
        words = _swap(words, rng, rng.choice((1, 2, 3)))
    if rng.random() < 0.5:
        words = _drop(words, rng)
    if rng.random() < 0.25:
        words = _shorten(words, rng)
    text = "".join(word for word, _ in words)
    clauses = re.split("[，,]", text)
    if len(clauses) > 1 and rng.random() < 0.3:
        asked = next((c for c in clauses if _asks(c)), clauses[-1])
        others = [c for c in clauses if c is not asked]
        keep = rng.sample(others, rng.randint(0, min(1, len(others))))
        text = ",".join([*keep, asked]) if rng.random() < 0.7 else ",".join([asked, *keep])
    return text.strip("，,、；; ")


def reword(question: str, rng: Random) -> str:
    """A person's question with one or two words replaced by synonyms."""
    words = [(word.word, word.flag) for word in jieba.posseg.lcut(question)]
    return "".join(word for word, _ in _swap(words, rng, rng.choice((1, 2))))


def _asks(clause: str) -> bool:
    return re.search("多少|几|什么|哪|谁|何|怎|百分之|为什么|多大|多高", clause) is not None


def _swap(words: list[tuple[str, str]], rng: Random, n: int) -> list[tuple[str, str]]:
    synonyms = load_synonyms()
    places = [
        i
        for i, (word, _) in enumerate(words)
        if len(word) > 1 and word in synonyms and not _asks(word)
    ]
    for i in rng.sample(places, min(n, len(places))):
        words[i] = (rng.choice(synonyms[words[i][0]]), words[i][1])
    return words


def _drop(words: list[tuple[str, str]], rng: Random) -> list[tuple[str, str]]:
    loose = [
        i
        for i, (word, flag) in enumerate(words)
        if flag in _DROPPABLE_TAGS and not _asks(word) and word not in ("不", "未", "没有")
    ]
    gone = set(rng.sample(loose, min(len(loose), rng.randint(1, 3))))
    if rng.random() < 0.3 and len(words) > 8:
        inner = [i for i, (word, _) in enumerate(words[:-1]) if not _asks(word)]
        gone |= set(rng.sample(inner, 1))
    return [word for i, word in enumerate(words) if i not in gone]


def _shorten(words: list[tuple[str, str]], rng: Random) -> list[tuple[str, str]]:
    """Without a run of two to five words that does not ask; long questions only."""
    length = rng.randint(2, 5)
    starts = [
        i
        for i in range(len(words) - length)
        if not any(_asks(word) or word in "“”《》" for word, _ in words[i : i + length])
    ]
    if len(words) < 3 * length or not starts:
        return words
    start = rng.choice(starts)
    return words[:start] + words[start + length :]


def decorate(body: str, place: str | None, year: str | None, rng: Random) -> str:
    """The question with the place and the year that it is about, and how it begins and ends."""
    if year and year not in body and rng.random() < 0.6:
        body = rng.choice((f"{year}年{body}", f"{year}年,{body}", f"{year}年时,{body}"))
    body = (
        re.sub("全县|全市|全省|全区|我县|我市|我省|我区|该县|该市|该省", place or "", body)
        if place and rng.random() < 0.7
        else body
    )
    if place and place not in body and rng.random() < 0.85:
        body = rng.choice(
            (f"{place}{body}", f"{place}{body}", f"{place}的{body}", f"{place},{body}")
        )
    if rng.random() < 0.1:
        body = rng.choice(_LEADS) + body
    end = rng.choice(("？", "？", "？", "?", "", "呢？"))
    return body + (end[-1:] if body.endswith(("吗", "呢")) else end)


def _content_length(text: str) -> int:
    return len(re.findall(r"[\u4e00-\u9fffA-Za-z]", re.sub("多少.?|什么|哪.", "", text)))


def warm_up() -> None:
    """Load jieba's dictionary now, quietly."""
    jieba.setLogLevel("WARNING")
    jieba.initialize()
